//! Light and motion may take a reading away; they must not make it wrong.

mod simulated;

use std::f64::consts::TAU;

use bedside_vitals::FrameSample;
use simulated::{Patient, rates, readings};

/// Every rate given lies within 3 of `bpm`, and at least the part `least` of readings is given.
fn check(frames: &[FrameSample], bpm: f64, least: f64, what: &str) {
    let (rates, due) = (rates(frames), readings(frames).len());
    for (at, found) in &rates {
        assert!((found - bpm).abs() < 3.0, "{what}: {found} for {bpm} at {at} s");
    }
    assert!(
        rates.len() as f64 >= least * due as f64,
        "{what}: {} of {due}",
        rates.len()
    );
}

#[test]
fn under_lamps_that_flicker() {
    for hz in [0.8, 1.6, 2.3] {
        let lamp = |t: f64, _| [1.0 + 0.004 * (TAU * hz * t).sin(); 3];
        let film = Patient {
            light: &lamp,
            ..Patient::default()
        }
        .film(40.0, 30.0);
        check(&film, 72.0, 0.9, &format!("white, {hz} Hz"));
        let lamp = |t: f64, _| [1.0, 0.8, 0.5].map(|part| 1.0 + 0.01 * part * (TAU * hz * t).sin());
        let film = Patient {
            light: &lamp,
            ..Patient::default()
        }
        .film(40.0, 30.0);
        check(&film, 72.0, 0.0, &format!("warm, {hz} Hz"));
    }
}

#[test]
fn while_exposure_steps() {
    let stepping = |t: f64, _| [if (12.0..26.0).contains(&t) { 1.08 } else { 1.0 }; 3];
    let film = Patient {
        light: &stepping,
        ..Patient::default()
    }
    .film(60.0, 30.0);
    check(&film, 72.0, 0.5, "steps of exposure");
}

#[test]
fn while_the_head_moves() {
    // Shading slides over each region in its own way, for a third of the time.
    let sway = |t: f64, region: usize| {
        let depth = if (t / 10.0) as u32 % 3 == 1 { 0.03 } else { 0.0 };
        let shade = 1.0 + depth * (TAU * 1.7 * t + 2.0 * region as f64).sin();
        [shade, shade.powf(1.1), shade.powf(1.2)]
    };
    let film = Patient {
        light: &sway,
        ..Patient::default()
    }
    .film(90.0, 30.0);
    check(&film, 72.0, 0.2, "motion");
}

#[test]
fn as_the_pulse_fades_into_the_noise() {
    for (blood, least) in [(0.002, 0.9), (0.001, 0.3), (0.0005, 0.0), (0.0002, 0.0)] {
        for seed in 0..4 {
            let film = Patient {
                blood,
                seed,
                noise: 0.1,
                ..Patient::default()
            }
            .film(60.0, 30.0);
            check(&film, 72.0, least, &format!("blood {blood}"));
        }
    }
}
