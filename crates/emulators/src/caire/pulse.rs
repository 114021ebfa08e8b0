//! A heart rate from the frames' mean green: the strongest frequency between 45 and 150 beats a minute. Pure.

use std::collections::VecDeque;
use std::f64::consts::TAU;

/// What is looked at, in seconds, and how much of it is needed.
const WINDOW: f64 = 10.0;
const NEEDED: f64 = 5.0;

/// Means of the last frames.
#[derive(Debug, Default)]
pub(super) struct Pulse(VecDeque<(f64, f64)>);

impl Pulse {
    /// Takes a frame's mean green at a time in seconds.
    pub(super) fn push(&mut self, seconds: f64, green: f64) {
        self.0.push_back((seconds, green));
        while self.0.front().is_some_and(|(first, _)| seconds - first > WINDOW) {
            self.0.pop_front();
        }
    }

    /// Beats per minute, once there is enough.
    pub(super) fn rate(&self) -> Option<f64> {
        let ((first, _), (last, _)) = (self.0.front()?, self.0.back()?);
        if last - first < NEEDED {
            return None;
        }
        let mean = self.0.iter().map(|(_, green)| green).sum::<f64>() / self.0.len() as f64;
        let middle = f64::midpoint(*first, *last);
        let slope = self.slope(middle, mean);
        let power = |bpm: &f64| {
            let (mut real, mut imaginary) = (0.0, 0.0);
            for (seconds, green) in &self.0 {
                let angle = TAU * bpm / 60.0 * (seconds - first);
                let value = green - mean - slope * (seconds - middle);
                real += value * angle.cos();
                imaginary += value * angle.sin();
            }
            real.hypot(imaginary)
        };
        let rates = (45..=150).map(f64::from);
        rates.max_by(|a, b| power(a).total_cmp(&power(b)))
    }

    fn slope(&self, middle: f64, mean: f64) -> f64 {
        let (mut products, mut squares) = (0.0, f64::MIN_POSITIVE);
        for (seconds, green) in &self.0 {
            products += (seconds - middle) * (green - mean);
            squares += (seconds - middle).powi(2);
        }
        products / squares
    }

    /// The last second of the trace and its times.
    pub(super) fn recent(&self) -> (Vec<f64>, Vec<f64>) {
        let last = self.0.back().map_or(0.0, |(seconds, _)| *seconds);
        let recent = self.0.iter().filter(|(seconds, _)| last - seconds <= 1.0);
        recent.map(|(seconds, green)| (*green, *seconds)).unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_on_a_drift_is_found_once_there_is_enough_of_it() {
        let mut pulse = Pulse::default();
        for frame in 0..300 {
            let seconds = f64::from(frame) / 30.0;
            assert_eq!(pulse.rate().is_some(), frame > 150, "at frame {frame}");
            pulse.push(seconds, 120.0 + seconds + 0.4 * (TAU * 1.2 * seconds).sin());
        }
        let rate = pulse.rate().expect("enough");
        assert!((rate - 72.0).abs() <= 2.0, "{rate}");
    }
}
