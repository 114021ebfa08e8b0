//! A capture clock that is set back, as a switched camera's, interrupts a scan and does not end it.

mod simulated;

use std::f64::consts::TAU;
use std::time::Duration;

use bedside_vitals::{Absence, CaptureTime, FrameSample, Reading, Scan, ScanSettings};
use simulated::{Patient, readings};

/// `frames` on a clock that was set `back`.
fn set_back(frames: &[FrameSample], back: Duration) -> impl Iterator<Item = FrameSample> {
    frames.iter().map(move |frame| FrameSample {
        captured: CaptureTime::from_micros(frame.captured.as_micros() - back.as_micros() as u64),
        ..*frame
    })
}

/// A film of 40 s whose clock is set back by `back` after 20 s.
fn film(back: Duration) -> Vec<FrameSample> {
    let film = Patient::default().film(40.0, 30.0);
    film[..600]
        .iter()
        .copied()
        .chain(set_back(&film[600..], back))
        .collect()
}

/// The readings of `frames`, from the first on that was captured before the one before it.
fn after_the_step(frames: &[FrameSample]) -> (Option<Reading>, Vec<Reading>) {
    let readings = readings(frames);
    let step = readings
        .windows(2)
        .position(|pair| pair[1].at < pair[0].at)
        .map_or(readings.len(), |before| before + 1);
    (readings[..step].last().copied(), readings[step..].to_vec())
}

#[test]
fn the_number_is_withdrawn_at_once_and_another_is_found_in_time() {
    for back in [2.1, 25.0, 70.0] {
        let frames = film(Duration::from_secs_f64(back));
        let (before, after) = after_the_step(&frames);
        assert!(before.is_some_and(|reading| reading.heart_rate.is_ok()), "{back}");
        let first = after[0];
        assert_eq!(
            (first.at, first.heart_rate),
            (frames[600].captured, Err(Absence::TooShort)),
            "{back}"
        );
        assert!(first.respiratory_rate.is_err() && first.hrv.is_err());
        for reading in &after {
            let seen = reading.at.since(frames[600].captured).as_secs_f64();
            match reading.heart_rate {
                Ok(rate) => assert!(
                    seen >= 5.9 && (rate.bpm - 72.0).abs() < 2.0,
                    "{back}: {reading:?}"
                ),
                Err(_) => assert!(seen < 7.1, "{back}: {reading:?}"),
            }
        }
        assert!(after.len() >= 13, "{back}: {after:?}");
    }
}

#[test]
fn the_number_is_withdrawn_if_the_face_is_gone_as_well() {
    let mut frames = film(Duration::from_secs(30));
    for frame in &mut frames[600..] {
        frame.face = None;
    }
    let (_, after) = after_the_step(&frames);
    assert_eq!(
        (after[0].at, after[0].heart_rate),
        (frames[600].captured, Err(Absence::FaceLost))
    );
}

#[test]
fn frames_at_most_two_seconds_late_are_dropped() {
    let frames = film(Duration::from_secs(2));
    let (_, after) = after_the_step(&frames);
    assert!(after.is_empty());
    let mut scan = Scan::new(ScanSettings::default());
    for frame in &frames {
        scan.push(*frame);
    }
    assert_eq!(scan.summary().frames, 1_200 - 60);
    assert!(scan.summary().coverage > 0.9);
}

#[test]
fn a_frame_from_the_far_future_does_not_end_the_scan() {
    for face in [true, false] {
        let mut frames = Patient::default().film(40.0, 30.0);
        frames[600].captured = CaptureTime::from_micros(u64::MAX);
        frames[600].face = frames[600].face.filter(|_| face);
        let (before, after) = after_the_step(&frames);
        assert!(before.is_some_and(|reading| reading.heart_rate.is_err()));
        let given = after.iter().filter_map(|reading| reading.heart_rate.ok());
        assert!(given.clone().count() >= 12, "{after:?}");
        assert!(given.map(|rate| rate.bpm).all(|bpm| (bpm - 72.0).abs() < 2.0));
    }
}

#[test]
fn what_was_read_on_the_old_clock_is_not_summed_up() {
    let mut scan = Scan::new(ScanSettings::default());
    let film = Patient {
        beats: &|t| 1.2 * t + 0.06 * (TAU * 0.25 * t).sin(),
        ..Patient::default()
    }
    .film(40.0, 30.0);
    for frame in &film {
        scan.push(*frame);
    }
    let before = scan.summary();
    assert!(before.heart_rate.is_ok() && before.hrv.is_ok());
    for frame in set_back(&film[..60], Duration::from_secs(1)) {
        scan.push(frame);
    }
    let after = scan.summary();
    assert_eq!(
        (after.heart_rate, after.respiratory_rate, after.hrv),
        (
            Err(Absence::TooShort),
            Err(Absence::TooShort),
            Err(Absence::TooShort)
        )
    );
    assert_eq!(after.frames, before.frames + 60);
    assert!(after.elapsed < Duration::from_secs(2) && after.coverage > 0.8);
}
