//! The spectrum of the pulse wave.

use std::f64::consts::TAU;

use bedside_vitals::scan::Waveform;

/// Rates that are looked at, beats a minute, and how far apart.
const RATES: std::ops::RangeInclusive<u32> = 40..=210;
/// The longest stretch looked at, s: rates do not stay the same for longer.
const LONGEST_S: f64 = 30.0;
/// The shortest: below it lines are too wide to tell rates apart.
const SHORTEST_S: f64 = 5.0;

/// The newest unbroken stretch of the wave.
fn newest(pulse: &[Waveform]) -> (Vec<f64>, f64) {
    let mut wave: Vec<f64> = Vec::new();
    let mut begins: Option<f64> = None;
    let mut rate = 0.0;
    for piece in pulse.iter().rev() {
        rate = f64::from(piece.sample_rate);
        let start = piece.at.as_micros() as f64 / 1e6;
        let end = start + piece.samples.len() as f64 / rate;
        let broken = begins.is_some_and(|next| (next - end).abs() > 1.5 / rate);
        if broken || wave.len() as f64 >= LONGEST_S * rate {
            break;
        }
        wave.splice(0..0, piece.samples.iter().copied().map(f64::from));
        begins = Some(start);
    }
    (wave, rate)
}

/// Power at each rate of the newest unbroken stretch under a Hann window, the strongest as 1; empty if that stretch is
/// short.
pub(super) fn of(pulse: &[Waveform]) -> Vec<(f64, f64)> {
    let (wave, rate) = newest(pulse);
    if wave.len() as f64 <= SHORTEST_S * rate {
        return Vec::new();
    }
    let mean = wave.iter().sum::<f64>() / wave.len() as f64;
    let step = TAU / wave.len() as f64;
    let windowed: Vec<f64> = wave
        .iter()
        .enumerate()
        .map(|(n, value)| (value - mean) * (0.5 - 0.5 * (step * (n as f64 + 0.5)).cos()))
        .collect();
    let power = |bpm: f64| {
        let angle = TAU * bpm / 60.0 / rate;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, value) in windowed.iter().enumerate() {
            let (sin, cos) = (angle * n as f64).sin_cos();
            re += value * cos;
            im += value * sin;
        }
        re * re + im * im
    };
    let lines: Vec<_> = RATES.map(f64::from).map(|bpm| (bpm, power(bpm))).collect();
    let most = lines.iter().fold(0.0, |most: f64, (_, power)| most.max(*power));
    lines
        .into_iter()
        .map(|(bpm, power)| (bpm, power / most.max(f64::MIN_POSITIVE)))
        .collect()
}

#[cfg(test)]
mod tests {
    use bedside_vitals::sample::CaptureTime;

    use super::*;

    /// A second of a tone of 90 a minute, captured from `second` on.
    fn piece(second: u64) -> Waveform {
        let samples = (0..30).map(|n| (TAU * 1.5 * (second as f64 + f64::from(n) / 30.0)).sin() as f32);
        Waveform {
            at: CaptureTime::from_micros(second * 1_000_000),
            sample_rate: 30.0,
            samples: samples.collect(),
        }
    }

    #[test]
    fn the_strongest_line_is_the_rate() {
        let pulse: Vec<_> = (0..12).map(piece).collect();
        let lines = of(&pulse);
        let (bpm, power) = lines
            .into_iter()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or_default();
        assert!((bpm - 90.0).abs() < 1.1 && (power - 1.0).abs() < 1e-9, "{bpm}");
    }

    #[test]
    fn a_stretch_ends_at_a_gap() {
        let pulse: Vec<_> = (0..4).chain(10..13).map(piece).collect();
        assert_eq!(newest(&pulse).0.len(), 90);
        assert!(of(&pulse).is_empty());
    }
}
