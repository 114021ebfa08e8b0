//! What a measurement ought to find.

use std::ops::Range;

use crate::breath::Breath;
use crate::heart::Heart;

/// The heart and the breath of the person in a clip. Times are seconds from its beginning.
#[derive(Debug, Clone)]
pub struct Truth {
    pub(crate) heart: Heart,
    pub(crate) breath: Breath,
}

impl Truth {
    /// When each beat begins; also those shortly before and after the clip.
    pub fn beats_s(&self) -> &[f64] {
        self.heart.beats()
    }

    /// Beats per minute over `window`, counting parts of beats at its ends.
    pub fn heart_rate_bpm(&self, window: Range<f64>) -> f64 {
        let beats = self.beats_s();
        let count = |t: f64| {
            let next = beats.partition_point(|beat| *beat <= t).clamp(1, beats.len() - 1);
            let (last, coming) = (beats[next - 1], beats[next]);
            next as f64 + (t - last) / (coming - last)
        };
        (count(window.end) - count(window.start)) * 60.0 / (window.end - window.start)
    }

    /// Breaths per minute over `window`, counting parts of breaths at its ends.
    pub fn respiratory_rate_per_min(&self, window: Range<f64>) -> f64 {
        let breaths = self.breath.count(window.end) - self.breath.count(window.start);
        breaths * 60.0 / (window.end - window.start)
    }

    /// Root mean square of the differences between successive intervals within `window`, ms; `None` below three beats.
    pub fn rmssd_ms(&self, window: Range<f64>) -> Option<f64> {
        let intervals = self.intervals_ms(window);
        let differences: Vec<f64> = intervals.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let squares: f64 = differences.iter().map(|difference| difference * difference).sum();
        (!differences.is_empty()).then(|| (squares / differences.len() as f64).sqrt())
    }

    /// Standard deviation of the intervals within `window`, ms, with n − 1 below; `None` below three beats.
    pub fn sdnn_ms(&self, window: Range<f64>) -> Option<f64> {
        let intervals = self.intervals_ms(window);
        let count = intervals.len() as f64;
        let mean = intervals.iter().sum::<f64>() / count;
        let squares: f64 = intervals.iter().map(|interval| (interval - mean).powi(2)).sum();
        (intervals.len() > 1).then(|| (squares / (count - 1.0)).sqrt())
    }

    fn intervals_ms(&self, window: Range<f64>) -> Vec<f64> {
        let beats: Vec<f64> = self
            .beats_s()
            .iter()
            .copied()
            .filter(|beat| window.contains(beat))
            .collect();
        beats
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) * 1_000.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Chance, Stream};

    fn truth(variability: f64) -> Truth {
        let breath = Breath::new(12.0, &mut Chance::new(5, Stream::Breath));
        let heart = Heart::new(
            80.0,
            variability,
            120.0,
            &breath,
            &mut Chance::new(5, Stream::Heart),
        );
        Truth { heart, breath }
    }

    #[test]
    fn a_clockwork_heart_has_its_rate_in_every_window_and_no_variability() {
        let truth = truth(0.0);
        for start in [0.0, 3.3, 57.1] {
            assert!((truth.heart_rate_bpm(start..start + 10.0) - 80.0).abs() < 1e-6);
        }
        assert!(truth.rmssd_ms(0.0..60.0).unwrap() < 1e-6);
        assert!(truth.sdnn_ms(0.0..60.0).unwrap() < 1e-6);
        assert_eq!(truth.sdnn_ms(0.0..1.0), None);
    }

    #[test]
    fn rates_are_near_what_was_asked_for() {
        let truth = truth(0.04);
        assert!((truth.heart_rate_bpm(0.0..120.0) - 80.0).abs() < 1.5);
        assert!((truth.respiratory_rate_per_min(0.0..120.0) - 12.0).abs() < 0.5);
        let sdnn = truth.sdnn_ms(0.0..120.0).unwrap();
        assert!((20.0..42.0).contains(&sdnn), "{sdnn}");
    }
}
