//! A number is taken back when nobody is there for it any more.

mod simulated;

use std::time::Duration;

use bedside_vitals::{Absence, FaceBox, FrameSample, Guidance, Scan, ScanEvent, ScanSettings};
use simulated::{BOX, Patient, SIDES, micros, readings, seconds};

fn gone(from: f64, to: f64) -> impl Iterator<Item = FrameSample> {
    let frames = ((from * 30.0) as u32)..((to * 30.0) as u32);
    frames.map(|frame| FrameSample {
        captured: micros(f64::from(frame) / 30.0),
        sides: SIDES,
        face: None,
    })
}

#[test]
fn within_two_seconds_even_if_readings_are_rare() {
    let mut scan = Scan::new(ScanSettings {
        interval: Duration::from_secs(10),
    });
    for frame in Patient::default()
        .film(20.5, 30.0)
        .into_iter()
        .chain(gone(20.5, 22.5))
    {
        scan.push(frame);
    }
    let events: Vec<ScanEvent> = std::iter::from_fn(|| scan.poll_event()).collect();
    let told = |event: &ScanEvent| match event {
        ScanEvent::Reading(reading) => Some((seconds(reading.at), reading.heart_rate.err())),
        _ => None,
    };
    let readings: Vec<_> = events.iter().filter_map(told).collect();
    let (at, reason) = readings[readings.len() - 1];
    assert_eq!(
        (readings[readings.len() - 2].1, reason),
        (None, Some(Absence::FaceLost))
    );
    assert!(at < 22.5, "{at}");
    let guidance = events.iter().rev().find_map(|event| match event {
        ScanEvent::Progress(progress) => Some((progress.face, progress.guidance)),
        _ => None,
    });
    assert_eq!(guidance, Some((None, Guidance::FaceNotFound)));
}

#[test]
fn and_given_again_only_after_it_was_seen_anew() {
    let film = Patient::default().film(40.0, 30.0);
    let back = film[750..].iter().copied();
    let frames: Vec<_> = film[..450]
        .iter()
        .copied()
        .chain(gone(15.0, 25.0))
        .chain(back)
        .collect();
    for reading in readings(&frames) {
        let (at, given) = (seconds(reading.at), reading.heart_rate.is_ok());
        match at {
            ..15.5 | 31.1.. => assert!(given, "{at}: {reading:?}"),
            17.0..30.9 => assert!(!given, "{at}: {reading:?}"),
            _ => {}
        }
    }
}

#[test]
fn a_gap_of_frames_over_two_seconds_begins_anew() {
    let film = Patient::default().film(40.0, 30.0);
    let frames: Vec<_> = [&film[..450], &film[513..]].concat();
    let after = readings(&frames)
        .into_iter()
        .filter(|reading| (17.5..23.0).contains(&seconds(reading.at)));
    assert!(
        after
            .map(|reading| reading.heart_rate)
            .all(|rate| rate == Err(Absence::TooShort))
    );
}

#[test]
fn another_face_does_not_inherit_a_rate() {
    let other = FaceBox {
        x: BOX.x + 300.0,
        ..BOX
    };
    let mut frames = Patient::default().film(30.0, 30.0);
    for frame in &mut frames[450..] {
        frame.face = frame.face.map(|face| bedside_vitals::Face {
            held: Some(other),
            ..face
        });
    }
    for reading in readings(&frames) {
        let inherits = (15.5..20.9).contains(&seconds(reading.at)) && reading.heart_rate.is_ok();
        assert!(!inherits, "{reading:?}");
    }
}
