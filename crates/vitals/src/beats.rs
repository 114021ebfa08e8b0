//! Single beats in a pulse wave, to a small part of a sample.
//!
//! Elgendi, Norton, Brearley, Abbott and Schuurmans, "Systolic peak detection in acceleration photoplethysmograms measured
//! from emergency responders in tropical conditions", `PLoS` ONE 8(10), 2013: where a short mean of the squared upper half of
//! the wave exceeds a long one, a systole rises; its highest point is the beat. The point is then found between samples.

/// The short mean: about the width of a systole, in seconds.
const SYSTOLE_S: f64 = 0.111;

/// The long mean: about a beat, in seconds.
const BEAT_S: f64 = 0.667;

/// The part of the mean of the squared wave that the short mean must exceed the long one by.
const OFFSET: f64 = 0.02;

/// The least time between beats, in seconds: 200 beats a minute.
const REFRACTORY_S: f64 = 0.3;

/// A beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beat {
    /// When its systolic peak lies, in seconds since the first sample.
    pub seconds: f64,
    /// From the lowest point since the beat before to the peak.
    pub height: f64,
}

/// The beats of `wave` (band-passed, rising with blood), sampled `rate_hz` times a second.
pub fn detect(wave: &[f64], rate_hz: f64) -> Vec<Beat> {
    let squared: Vec<f64> = wave.iter().map(|value| value.max(0.0).powi(2)).collect();
    let short = centred_mean(&squared, SYSTOLE_S * rate_hz);
    let long = centred_mean(&squared, BEAT_S * rate_hz);
    let offset = OFFSET * squared.iter().sum::<f64>() / squared.len().max(1) as f64;
    let mut beats: Vec<Beat> = Vec::new();
    let (mut start, mut trough) = (None, f64::INFINITY);
    for index in 0..wave.len() {
        let rises = short[index] > long[index] + offset;
        match (start, rises) {
            (None, true) => start = Some(index),
            (Some(from), false) => {
                start = None;
                if let Some(peak) = summit(wave, from, index) {
                    let seconds = peak / rate_hz;
                    if beats
                        .last()
                        .is_none_or(|last| seconds - last.seconds >= REFRACTORY_S)
                    {
                        beats.push(Beat {
                            seconds,
                            height: wave[peak.round() as usize] - trough,
                        });
                        trough = f64::INFINITY;
                    }
                }
            }
            _ => {}
        }
        trough = trough.min(wave[index]);
    }
    beats
}

/// The top of the parabola through the highest of the samples `from..end` and its neighbours; absent at the ends of the
/// wave and where it rises on beyond the samples.
fn summit(wave: &[f64], from: usize, end: usize) -> Option<f64> {
    let top = (from..end).max_by(|left, right| wave[*left].total_cmp(&wave[*right]))?;
    let (left, middle, right) = (*wave.get(top.checked_sub(1)?)?, wave[top], *wave.get(top + 1)?);
    let bend = left - 2.0 * middle + right;
    (left <= middle && right <= middle && bend < 0.0).then(|| top as f64 + 0.5 * (left - right) / bend)
}

/// The mean of about `width` samples around each; fewer at the ends.
fn centred_mean(values: &[f64], width: f64) -> Vec<f64> {
    let half = (width / 2.0).round().max(1.0) as usize;
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(values.iter().scan(0.0, |sum, value| {
            *sum += value;
            Some(*sum)
        }))
        .collect();
    (0..values.len())
        .map(|index| {
            let (from, end) = (index.saturating_sub(half), (index + half + 1).min(values.len()));
            (sums[end] - sums[from]) / (end - from) as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn beats_of_changing_distance_are_found_to_a_millisecond() {
        // Phase advances by one each beat; the rate sways between 60 and 84 a minute.
        let phase = |t: f64| 1.2 * t + 0.2 / (TAU * 0.1) * (TAU * 0.1 * t).sin();
        let wave: Vec<f64> = (0..900)
            .map(|n| phase(f64::from(n) / 30.0) * TAU)
            .map(|angle| angle.cos() + 0.3 * (2.0 * angle).cos())
            .collect();
        let beats = detect(&wave, 30.0);
        assert!((34..=36).contains(&beats.len()), "{}", beats.len());
        for beat in &beats {
            let away = phase(beat.seconds) - phase(beat.seconds).round();
            assert!((away / 1.2).abs() < 0.001, "{beat:?} {away}");
        }
        assert!(beats[3..].iter().all(|beat| (1.5..2.1).contains(&beat.height)));
    }

    #[test]
    fn a_second_wave_within_a_beat_is_no_beat() {
        let wave: Vec<f64> = (0..600)
            .map(|n| f64::from(n) / 30.0 * 0.9 * TAU)
            .map(|angle| angle.cos() + 0.5 * (2.0 * angle - 1.0).cos())
            .collect();
        let beats = detect(&wave, 30.0);
        assert!(
            beats
                .windows(2)
                .all(|pair| (pair[1].seconds - pair[0].seconds - 1.0 / 0.9).abs() < 0.002)
        );
    }

    #[test]
    fn silence_has_no_beats() {
        assert_eq!(detect(&[0.0; 300], 30.0), []);
        assert_eq!(detect(&[], 30.0), []);
        assert_eq!(detect(&[1.0, 2.0], 30.0), []);
    }
}
