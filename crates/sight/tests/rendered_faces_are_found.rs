//! Faces of every tone of skin are found where they were rendered; rooms, noise and flat pictures have none.
//!
//! The model is that of the store in `BEDSIDE_MODELS`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::sync::LazyLock;

use bedside_facegen::{Behaviour, Camera, Clip, Light, Scene, SkinTone, Subject};
use bedside_inference::store::{ModelStore, Source};
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;
use bedside_sight::{Bounds, Face, FaceModel, Landmark, Point};

static MODEL: LazyLock<FaceModel> = LazyLock::new(|| {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let path = ModelStore::new(root, Source::Pip)
        .face_detection()
        .expect("the model is ready");
    FaceModel::load(&path).expect("the model loads")
});

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).unwrap()
}

fn scene(skin: SkinTone, size: Size, head_width: f64) -> Scene {
    let subject = Subject {
        skin,
        head_width,
        ..Subject::default()
    };
    let camera = Camera {
        size,
        ..Camera::default()
    };
    Scene {
        subject: Some(subject),
        camera,
        seconds: 1.0,
        ..Scene::default()
    }
}

fn bounds(rect: Rect) -> Bounds {
    Bounds {
        origin: Point {
            x: rect.x as f32,
            y: rect.y as f32,
        },
        width: rect.width as f32,
        height: rect.height as f32,
    }
}

/// The one face of a frame, which overlaps the rendered one.
fn only(faces: &[Face], rendered: Rect, what: &str) -> Face {
    let [face] = faces else {
        panic!("{what}: {} faces", faces.len());
    };
    let overlap = face.bounds.overlap(bounds(rendered));
    assert!(
        overlap > 0.5,
        "{what}: {overlap} of {:?} and {rendered:?}",
        face.bounds
    );
    *face
}

#[test]
fn every_tone_of_skin_at_every_usual_size() {
    let sizes = [
        (size(640, 480), 0.22),
        (size(320, 240), 0.3),
        (size(160, 120), 0.5),
        (size(120, 160), 0.6),
    ];
    for skin in SkinTone::ALL {
        for (size, head_width) in sizes {
            let mut clip = Clip::new(&scene(skin, size, head_width), 1);
            let mut detector = MODEL.open();
            for _ in 0..2 {
                let frame = clip.next_frame().unwrap();
                let what = format!("{skin:?} in {size:?}");
                let face = only(&detector.detect(&frame.view).unwrap(), frame.face.unwrap(), &what);
                let [right_eye, left_eye] =
                    [Landmark::RightEye, Landmark::LeftEye].map(|eye| face.landmark(eye));
                let mouth = face.landmark(Landmark::Mouth);
                assert!(
                    right_eye.x < left_eye.x && left_eye.y < mouth.y,
                    "{what}: {face:?}"
                );
            }
        }
    }
}

#[test]
fn a_face_that_talks_and_moves_in_dim_light_stays_found_as_a_jpeg() {
    let mut scene = scene(SkinTone::VI, size(320, 240), 0.3);
    scene.behaviour = Behaviour {
        sway: 0.06,
        shake: 0.01,
        talking: true,
        away: None,
    };
    scene.light = Light {
        level: 0.5,
        ..Light::default()
    };
    scene.seconds = 3.0;
    let (mut clip, mut detector) = (Clip::new(&scene, 4), MODEL.open());
    let mut decoder = PictureDecoder::new(Size::MAX);
    let mut jpeg = Vec::new();
    while let Some(frame) = clip.next_frame() {
        jpeg.clear();
        frame.to_jpeg(60, &mut jpeg).unwrap();
        let picture = decoder.decode(&jpeg, frame.view.captured_us()).unwrap();
        only(
            &detector.detect(&picture).unwrap(),
            frame.face.unwrap(),
            "dim and moving",
        );
    }
}

#[test]
fn an_empty_room_noise_and_flat_pictures_have_no_face() {
    let mut detector = MODEL.open();
    let empty = Scene {
        subject: None,
        seconds: 0.2,
        ..scene(SkinTone::I, size(320, 240), 0.3)
    };
    let mut clip = Clip::new(&empty, 1);
    while let Some(frame) = clip.next_frame() {
        assert_eq!(detector.detect(&frame.view).unwrap(), []);
    }
    let size = size(320, 240);
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(size.pixels() * 3)
    .collect();
    let flat = |level| vec![level; size.pixels() * 3];
    for pixels in [noise, flat(0), flat(127), flat(255)] {
        let frame = FrameView::packed(Layout::Rgb8, &pixels, size, 0).unwrap();
        assert_eq!(detector.detect(&frame).unwrap(), []);
    }
}
