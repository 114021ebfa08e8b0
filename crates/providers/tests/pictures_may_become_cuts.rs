//! A scan whose pictures become cuts around the face, and other cuts when the face has moved, knows in the first picture
//! of each where the face is, and loses nothing.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

use std::time::Duration;

use bedside_facegen::{Behaviour, Camera, Clip, Scene, Subject};
use bedside_inference::store::{ModelStore, Source};
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::shrink::Shrinker;
use bedside_providers::local::{RegionMode, Scanner};
use bedside_sight::FaceModel;
use bedside_vitals::scan::Progress;
use bedside_vitals::{Guidance, Reading, ScanEvent, ScanSettings};

const BPM: f64 = 81.0;

fn faces() -> FaceModel {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let path = ModelStore::new(root, Source::Pip).face_detection();
    FaceModel::load(&path.expect("the model is ready")).expect("the model loads")
}

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("a usual size")
}

/// What of the camera's picture is seen from a time in s on, and the side it is sent with; `None` is all of it.
type Views = [(f64, Option<(Rect, u32)>)];

/// Scans a clip seen like this, with news five times a second: each with the view of its picture.
fn scan(behaviour: Behaviour, views: &Views) -> (Vec<(Progress, Option<Rect>)>, Vec<Reading>) {
    let scene = Scene {
        subject: Some(Subject {
            heart_bpm: BPM,
            heart_variability: 0.0,
            head_width: 0.4,
            ..Subject::default()
        }),
        behaviour,
        camera: Camera {
            size: size(320, 240),
            ..Camera::default()
        },
        seconds: 16.0,
        ..Scene::default()
    };
    let interval = Duration::from_millis(200);
    let mut scanner = Scanner::new(Some(faces()), RegionMode::Auto, ScanSettings { interval });
    let (mut clip, mut told, mut readings) = (Clip::new(&scene, 3), Vec::new(), Vec::new());
    while let Some(frame) = clip.next_frame() {
        let at = frame.view.captured_us();
        let (_, view) = views
            .iter()
            .rfind(|(from, _)| *from <= at as f64 / 1e6)
            .expect("a view from the beginning");
        if let Some((area, side)) = *view {
            let mut shrinker = Shrinker::new(size(side, side));
            let pixels = shrinker.shrink(&frame.view, area).expect("a cut");
            let cut = FrameView::packed(Layout::Rgb8, pixels, size(side, side), at).expect("a picture");
            scanner.push(&cut).expect("the model runs");
        } else {
            scanner.push(&frame.view).expect("the model runs");
        }
        while let Some(event) = scanner.poll_event() {
            match event {
                ScanEvent::Progress(progress) => told.push((progress, view.map(|(area, _)| area))),
                ScanEvent::Reading(reading) => readings.push(reading),
                ScanEvent::Waveform(_) => {}
            }
        }
    }
    (told, readings)
}

fn seconds(progress: &Progress) -> f64 {
    progress.at.as_micros() as f64 / 1e6
}

fn square(x: u32, y: u32, side: u32) -> Rect {
    Rect {
        x,
        y,
        width: side,
        height: side,
    }
}

#[test]
fn each_cut_shows_the_face_at_once_and_the_scan_goes_on() {
    let views = [
        (0.0, None),
        (2.3, Some((square(40, 0, 240), 72))),
        (5.1, Some((square(64, 8, 232), 76))),
        (9.7, Some((square(30, 20, 216), 72))),
    ];
    let (told, readings) = scan(Behaviour::default(), &views);
    let mut middles = Vec::new();
    for (progress, area) in &told {
        assert_eq!(progress.guidance, Guidance::Ok, "{progress:?}");
        let bounds = progress.face.and_then(|face| face.bounds).expect("a place");
        let (x, y) = bounds.centre();
        let side = if (5.1..9.7).contains(&seconds(progress)) {
            76.0
        } else {
            72.0
        };
        middles.push(area.map_or((x, y), |area| {
            let scale = area.width as f32 / side;
            (area.x as f32 + x * scale, area.y as f32 + y * scale)
        }));
    }
    let (x, y) = middles[0];
    let wandered = middles
        .iter()
        .map(|(other_x, other_y)| (x - other_x).hypot(y - other_y));
    assert!(wandered.fold(0.0, f32::max) < 8.0, "{middles:?}");
    let rates: Vec<f64> = readings
        .iter()
        .map(|reading| reading.heart_rate.expect("a rate").bpm)
        .collect();
    assert!(
        rates.len() > 45 && rates.iter().all(|bpm| (bpm - BPM).abs() < 2.0),
        "{rates:?}"
    );
}

#[test]
fn a_face_that_is_not_in_the_cut_is_lost_and_found_again_in_the_whole_picture() {
    let views = [(0.0, None), (2.3, Some((square(0, 0, 60), 72))), (6.0, None)];
    let (told, readings) = scan(Behaviour::default(), &views);
    for (progress, _) in &told {
        let (at, found) = (seconds(progress), progress.face.is_some());
        match at {
            ..2.9 | 6.0.. => assert!(found, "{at}"),
            3.2..6.0 => assert!(!found && progress.guidance == Guidance::FaceNotFound, "{at}"),
            _ => {}
        }
    }
    let given = readings.iter().filter(|reading| reading.heart_rate.is_ok());
    let first = given
        .map(|reading| reading.at.as_micros() as f64 / 1e6)
        .fold(f64::MAX, f64::min);
    assert!((12.0..12.5).contains(&first), "{first}");
}
