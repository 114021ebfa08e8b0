//! The rate of a heart is found to a beat a minute, whatever the camera does to time.

mod simulated;

use bedside_vitals::{ScanEvent, Stage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use simulated::{Patient, events, rates, readings, seconds};

fn check(frames: &[bedside_vitals::FrameSample], bpm: f64, least: usize, what: &str) {
    let rates = rates(frames);
    assert!(
        rates.len() >= least,
        "{what}: {} readings {:?}",
        rates.len(),
        simulated::readings(frames).last()
    );
    for (at, found) in rates {
        assert!((found - bpm).abs() < 1.0, "{what}: {found} for {bpm} at {at} s");
    }
}

#[test]
fn at_every_rate_of_a_heart() {
    for bpm in [
        43.0, 52.0, 61.0, 75.0, 88.0, 104.0, 127.0, 155.0, 190.0, 203.0, 225.0,
    ] {
        let patient = Patient {
            beats: &|t| bpm / 60.0 * t,
            seed: bpm as u64,
            ..Patient::default()
        };
        check(&patient.film(20.0, 30.0), bpm, 13, &format!("{bpm}/min"));
    }
}

#[test]
fn at_every_rate_of_frames() {
    for rate_hz in [12.0, 15.0, 24.0, 25.0, 29.97, 48.0, 60.0, 120.0] {
        check(
            &Patient::default().film(20.0, rate_hz),
            72.0,
            13,
            &format!("{rate_hz} frames/s"),
        );
    }
}

#[test]
fn where_frames_are_lost_late_and_missing_for_a_while() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut lost: Vec<f64> = (0..600).map(|frame| f64::from(frame) / 30.0).collect();
    lost.retain(|_| rng.random::<f64>() < 0.5);
    check(&Patient::default().at(lost), 72.0, 13, "half of the frames");
    let mut late: Vec<f64> = (0..600)
        .map(|frame| f64::from(frame) / 30.0 + rng.random_range(0.0..0.04))
        .collect();
    late.sort_by(f64::total_cmp);
    check(&Patient::default().at(late), 72.0, 13, "jitter of 40 ms");
    let gap = (0..600)
        .map(|frame| f64::from(frame) / 30.0)
        .filter(|at| !(8.0..9.5).contains(at));
    check(&Patient::default().at(gap), 72.0, 10, "a gap of 1.5 s");
}

#[test]
fn first_after_six_seconds_and_for_good_after_ten() {
    let readings = readings(&Patient::default().film(15.0, 30.0));
    assert!((6.0..7.1).contains(&seconds(readings[0].at)));
    for reading in readings {
        let stable = reading.window.as_secs_f64() >= 10.0;
        assert_eq!(reading.stage == Stage::Stable, stable);
        assert_eq!(stable, seconds(reading.at) > 9.95, "{reading:?}");
        assert!(reading.heart_rate.is_ok());
    }
}

#[test]
fn after_exercise_while_the_heart_slows_down() {
    // From 204 beats a minute down to 96 within two minutes.
    let bpm = |t: f64| 204.0 - 0.9 * t;
    let patient = Patient {
        beats: &|t| (204.0 * t - 0.45 * t * t) / 60.0,
        ..Patient::default()
    };
    let rates = rates(&patient.film(120.0, 30.0));
    assert!(rates.len() > 100, "{} readings", rates.len());
    for (at, found) in rates {
        let middle = bpm(at - if at < 10.0 { at / 2.0 } else { 5.0 });
        assert!((found - middle).abs() < 2.0, "{found} for {middle} at {at} s");
    }
}

#[test]
fn with_the_wave_it_was_counted_in() {
    let pieces: Vec<_> = events(&Patient::default().film(20.0, 30.0))
        .into_iter()
        .filter_map(|event| {
            if let ScanEvent::Waveform(wave) = event {
                Some(wave)
            } else {
                None
            }
        })
        .collect();
    assert!(pieces.len() > 10);
    for (before, after) in pieces.iter().zip(&pieces[1..]) {
        let end = seconds(before.at) + before.samples.len() as f64 / f64::from(before.sample_rate);
        assert!((seconds(after.at) - end).abs() < 1e-3, "pieces follow each other");
    }
    let start = seconds(pieces[0].at);
    let wave: Vec<f64> = pieces
        .iter()
        .flat_map(|piece| &piece.samples)
        .map(|value| f64::from(*value))
        .collect();
    assert!(wave.len() > 500, "{}", wave.len());
    // Blood is at its height where the phase of the heart is whole.
    let truth = |n: usize| ((start + n as f64 / 30.0) * 1.2 * std::f64::consts::TAU).cos();
    let product: f64 = wave.iter().enumerate().map(|(n, value)| value * truth(n)).sum();
    let power: f64 = wave.iter().map(|value| value * value).sum();
    assert!((power / wave.len() as f64 - 1.0).abs() < 0.15, "unit power");
    assert!(product / (power * wave.len() as f64 / 2.0).sqrt() > 0.85);
}
