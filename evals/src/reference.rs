//! The rate of a contact sensor's wave, found without any code of the program.

use std::f64::consts::TAU;
use std::ops::Range;

/// Rates that are tried, beats a minute, and how far apart.
const RATES: Range<u32> = 400..1_800;
const STEP: f64 = 0.1;

/// The strongest rate of `wave`, whose values lie at `times` (s), within a window under Hann's curve; `None` if less than
/// three quarters of the window have values.
pub(crate) fn rate_bpm(times: &[f64], wave: &[f64], window: Range<f64>) -> Option<f64> {
    let length = window.end - window.start;
    let values: Vec<(f64, f64)> = times
        .iter()
        .copied()
        .zip(wave.iter().copied())
        .filter(|(time, _)| window.contains(time))
        .collect();
    let (first, last) = (values.first()?.0, values.last()?.0);
    if last - first < 0.75 * length {
        return None;
    }
    let mean = values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64;
    let windowed: Vec<(f64, f64)> = values
        .iter()
        .map(|(time, value)| {
            let part = (time - window.start) / length;
            (*time, (value - mean) * (0.5 - 0.5 * (TAU * part).cos()))
        })
        .collect();
    let power = |bpm: f64| {
        let (mut re, mut im) = (0.0, 0.0);
        for (time, value) in &windowed {
            let (sin, cos) = (TAU * bpm / 60.0 * time).sin_cos();
            re += value * cos;
            im += value * sin;
        }
        re * re + im * im
    };
    RATES
        .map(|tenth| f64::from(tenth) * STEP)
        .map(|bpm| (bpm, power(bpm)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(bpm, _)| bpm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_of_73_a_minute_at_odd_times_has_that_rate() {
        let times: Vec<f64> = (0..400)
            .map(|n| f64::from(n) / 33.0 + 0.01 * f64::from(n % 3))
            .collect();
        let wave: Vec<f64> = times
            .iter()
            .map(|t| 5.0 + (TAU * 73.0 / 60.0 * t).sin())
            .collect();
        assert!(rate_bpm(&times, &wave, 1.0..11.0).is_some_and(|rate| (rate - 73.0).abs() < 0.3));
        assert_eq!(rate_bpm(&times, &wave, 8.0..18.0), None);
    }
}
