//! Clips are the same every time, carry the pulse they claim, and show each disturbance that was asked for.

#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use bedside_facegen::{Behaviour, Camera, Clip, Light, Mains, Scene, SkinTone, Subject};
use bedside_media::video::colour::Rgb;
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;

/// The mean colour of the face, or of the whole picture, at each time in s.
fn trace(scene: &Scene, seed: u64) -> Vec<(f64, Rgb)> {
    let mut clip = Clip::new(scene, seed);
    let mut trace = Vec::new();
    while let Some(frame) = clip.next_frame() {
        let region = frame.face.unwrap_or(Rect::whole(frame.view.size()));
        trace.push((
            frame.view.captured_us() as f64 / 1e6,
            frame.view.mean_rgb(region).unwrap(),
        ));
    }
    trace
}

/// Amplitude of a wave of `hz` in the green of a trace, as a fraction of its mean.
fn amplitude(trace: &[(f64, Rgb)], hz: f64) -> f64 {
    let mean = trace.iter().map(|(_, rgb)| f64::from(rgb.g)).sum::<f64>() / trace.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (t, rgb) in trace {
        let angle = std::f64::consts::TAU * hz * t;
        re += (f64::from(rgb.g) - mean) * angle.cos();
        im += (f64::from(rgb.g) - mean) * angle.sin();
    }
    2.0 * (re.hypot(im)) / trace.len() as f64 / mean
}

/// Somebody whose heart goes like a clock at 72 a minute, so that its wave can be looked for.
fn clockwork() -> Subject {
    Subject {
        heart_bpm: 72.0,
        heart_variability: 0.0,
        ..Subject::default()
    }
}

fn scene() -> Scene {
    Scene {
        subject: Some(clockwork()),
        seconds: 20.0,
        ..Scene::default()
    }
}

#[test]
fn a_seed_fixes_every_byte() {
    let busy = Scene {
        behaviour: Behaviour {
            sway: 0.02,
            shake: 0.01,
            talking: true,
            away: None,
        },
        seconds: 2.0,
        ..Scene::default()
    };
    let bytes = |seed| {
        let mut clip = Clip::new(&busy, seed);
        let mut bytes = Vec::new();
        while let Some(frame) = clip.next_frame() {
            bytes.extend_from_slice(frame.rgb());
        }
        bytes
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn the_pulse_is_there_and_weaker_in_darker_skin() {
    let mut last = f64::MAX;
    for skin in SkinTone::ALL {
        let subject = Subject { skin, ..clockwork() };
        let trace = trace(
            &Scene {
                subject: Some(subject),
                ..scene()
            },
            3,
        );
        let (pulse, beside) = (amplitude(&trace, 1.2), amplitude(&trace, 1.65));
        assert!(pulse > 4.0 * beside, "{skin:?}: {pulse} over {beside}");
        assert!(pulse < last, "{skin:?}: {pulse} after {last}");
        last = pulse;
    }
}

#[test]
fn a_photograph_and_an_empty_room_have_no_pulse() {
    let photograph = Subject {
        perfusion: 0.0,
        ..clockwork()
    };
    for subject in [Some(photograph), None] {
        let trace = trace(&Scene { subject, ..scene() }, 3);
        assert!(amplitude(&trace, 1.2) < 1e-4);
    }
}

#[test]
fn flicker_shows_at_its_alias_and_the_shutter_can_hide_it() {
    // Twice 59 Hz, 30 times a second: 2 Hz. Bands over the rows of a face leave a tenth of it in the mean.
    let mains = Some(Mains { hz: 59.0, depth: 0.1 });
    let light = Light {
        mains,
        ..Light::default()
    };
    let seen = |shutter_s| {
        let camera = Camera {
            shutter_s,
            ..Camera::default()
        };
        amplitude(
            &trace(
                &Scene {
                    light,
                    camera,
                    ..scene()
                },
                3,
            ),
            2.0,
        )
    };
    assert!(seen(0.002) > 0.000_8, "{}", seen(0.002));
    assert!(seen(1.0 / 118.0) < 0.000_2);
}

#[test]
fn who_is_away_has_no_face_and_who_moves_has_it_elsewhere() {
    let behaviour = Behaviour {
        sway: 0.1,
        away: Some(1.0..2.0),
        ..Behaviour::default()
    };
    let mut clip = Clip::new(
        &Scene {
            behaviour,
            seconds: 4.0,
            ..scene()
        },
        3,
    );
    let (mut lefts, mut away) = (Vec::new(), 0);
    while let Some(frame) = clip.next_frame() {
        match frame.face {
            Some(face) => lefts.push(face.x),
            None => away += 1,
        }
    }
    assert_eq!(away, 30);
    assert!(lefts.iter().max().unwrap() - lefts.iter().min().unwrap() > 5);
}

#[test]
fn any_size_and_any_movement_can_be_rendered() {
    for (width, height) in [(36, 36), (72, 72), (640, 480), (2, 300), (120, 160)] {
        let camera = Camera {
            size: Size::new(width, height).unwrap(),
            ..Camera::default()
        };
        let behaviour = Behaviour {
            sway: 0.8,
            shake: 0.8,
            talking: true,
            away: None,
        };
        let mut clip = Clip::new(
            &Scene {
                camera,
                behaviour,
                seconds: 0.5,
                ..scene()
            },
            3,
        );
        while let Some(frame) = clip.next_frame() {
            assert_eq!(frame.rgb().len(), (width * height * 3) as usize);
        }
    }
}

#[test]
fn a_frame_survives_as_a_jpeg() {
    let mut clip = Clip::new(&scene(), 3);
    let frame = clip.next_frame().unwrap();
    let (mut jpeg, face) = (Vec::new(), frame.face.unwrap());
    frame.to_jpeg(75, &mut jpeg).unwrap();
    let mut decoder = PictureDecoder::new(frame.view.size());
    let picture = decoder.decode(&jpeg, frame.view.captured_us()).unwrap();
    let (before, after) = (
        frame.view.mean_rgb(face).unwrap(),
        picture.mean_rgb(face).unwrap(),
    );
    assert!((before.g - after.g).abs() < 1.5, "{before:?} {after:?}");
}
