//! What a minute of pulse tells beyond its rate, and when it tells nothing.

mod simulated;

use std::f64::consts::TAU;

use bedside_vitals::Absence;
use simulated::{Patient, readings, seconds};

/// Beats whose intervals sway by `sway` of themselves, `hz` times a second.
fn swaying(sway: f64, hz: f64) -> impl Fn(f64) -> f64 {
    move |t| 1.1 * (t + sway / (TAU * hz) * (TAU * hz * t).sin())
}

/// RMSSD and SDNN in milliseconds of the beats until `end`, from the definition.
fn truth(beats: &dyn Fn(f64) -> f64, end: f64) -> [f64; 2] {
    let times: Vec<f64> = (0..(end * 1e4) as u64)
        .map(|tick| tick as f64 * 1e-4)
        .filter(|t| beats(*t).floor() < beats(t + 1e-4).floor())
        .collect();
    let intervals: Vec<f64> = times.windows(2).map(|pair| 1e3 * (pair[1] - pair[0])).collect();
    let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
    let squared =
        |values: Vec<f64>| values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64;
    let steps = intervals.windows(2).map(|pair| pair[1] - pair[0]).collect();
    [
        squared(steps).sqrt(),
        squared(intervals.iter().map(|interval| interval - mean).collect()).sqrt(),
    ]
}

#[test]
fn variability_is_measured_to_a_tenth() {
    let beats = swaying(0.05, 0.25);
    let patient = Patient {
        beats: &beats,
        noise: 0.02,
        ..Patient::default()
    };
    let readings = readings(&patient.film(61.0, 30.0));
    let hrv = readings
        .last()
        .expect("a reading a second")
        .hrv
        .expect("a clear pulse");
    let [rmssd, sdnn] = truth(&beats, 61.0);
    assert!((hrv.rmssd_ms / rmssd - 1.0).abs() < 0.1, "{hrv:?}, true {rmssd}");
    assert!((hrv.sdnn_ms / sdnn - 1.0).abs() < 0.1, "{hrv:?}, true {sdnn}");
    assert!((60..=68).contains(&hrv.beats), "{hrv:?}");
}

#[test]
fn a_steady_heart_under_noise_is_not_called_variable() {
    for seed in 0..6 {
        let patient = Patient {
            noise: 0.15,
            seed,
            ..Patient::default()
        };
        for reading in readings(&patient.film(60.0, 30.0)) {
            assert!(
                reading.hrv.is_err_and(|reason| reason != Absence::FaceLost),
                "{reading:?}"
            );
        }
    }
}

#[test]
fn breath_shows_in_the_heart_and_in_the_skin() {
    for per_min in [10.0, 15.0, 21.0] {
        let hz = per_min / 60.0;
        let beats = swaying(0.04, hz);
        let light = |t: f64, _| [1.0 + 0.004 * (TAU * hz * t + 1.0).sin(); 3];
        let patient = Patient {
            beats: &beats,
            light: &light,
            ..Patient::default()
        };
        for reading in readings(&patient.film(60.0, 30.0)) {
            match reading.respiratory_rate {
                Ok(rate) => assert!((rate.per_min - per_min).abs() < 0.7, "{per_min}: {reading:?}"),
                Err(_) => assert!(seconds(reading.at) < 30.0, "{per_min}: {reading:?}"),
            }
        }
    }
}

#[test]
fn breath_that_does_not_show_is_not_made_up() {
    let (mut given, mut due) = (0, 0);
    for seed in 0..30 {
        let beats = |t: f64| 1.1 * t + 0.02 * (TAU * 0.031 * t).sin();
        let patient = Patient {
            beats: &beats,
            seed,
            noise: 0.1,
            ..Patient::default()
        };
        for reading in readings(&patient.film(60.0, 30.0)) {
            due += u32::from(seconds(reading.at) > 20.0);
            given += u32::from(reading.respiratory_rate.is_ok());
        }
    }
    assert!(given * 50 <= due, "{given} of {due}");
}
