//! The heart: when it beats, and what a beat does to the blood in the skin.

use std::f64::consts::TAU;

use crate::breath::Breath;
use crate::chance::Chance;

/// Beats are known from this long before the video until this long after it, s.
const MARGIN: f64 = 4.0;
/// Waves of blood pressure that slow and hasten the heart (Mayer), Hz.
const MAYER_HZ: f64 = 0.1;
/// Shares of breath, Mayer waves and chance in the variability, as amplitudes that give a deviation of 1 together:
/// (0.9² + 0.8²) / 2 + 0.52² ≈ 1.
const SHARES: [f64; 3] = [0.9, 0.8, 0.52];
/// The pulse as two bells, the ejection and its echo: when after a beat, how wide, how high. Times in mean intervals.
const BELLS: [(f64, f64, f64); 2] = [(0.28, 0.10, 1.0), (0.58, 0.13, 0.4)];
/// How much the pulse weakens with a full chest.
const BREATH_ON_PULSE: f64 = 0.15;
/// How much blood moves with the breath, as a fraction of the pulse.
const BREATH_ON_VOLUME: f64 = 0.3;

#[derive(Debug, Clone)]
pub(crate) struct Heart {
    /// When beats begin, s.
    beats: Vec<f64>,
    interval: f64,
    /// What brings the pulse to −0.5 to 0.5.
    middle: f64,
    scale: f64,
}

impl Heart {
    /// Beats for a video of `seconds`.
    pub(crate) fn new(
        bpm: f64,
        variability: f64,
        seconds: f64,
        breath: &Breath,
        chance: &mut Chance,
    ) -> Self {
        let interval = 60.0 / bpm;
        let mayer = chance.angle();
        let mut beats = vec![-MARGIN - chance.within(0.0..interval)];
        while let Some(last) = beats.last().copied().filter(|last| *last < seconds + MARGIN) {
            let sources = [
                breath.volume(last),
                (TAU * MAYER_HZ * last + mayer).sin(),
                chance.normal(),
            ];
            let stray: f64 = SHARES
                .iter()
                .zip(sources)
                .map(|(share, source)| share * source)
                .sum();
            beats.push(last + interval * (1.0 + variability * stray).clamp(0.4, 1.8));
        }
        let mut heart = Self {
            beats: (-3..5).map(|n| f64::from(n) * interval).collect(),
            interval,
            middle: 0.0,
            scale: 1.0,
        };
        let cycle = (0..100).map(|n| heart.wave(f64::from(n) / 100.0 * interval));
        let (low, high) = cycle.fold((f64::MAX, f64::MIN), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        heart.middle = f64::midpoint(low, high);
        heart.scale = 1.0 / (high - low);
        heart.beats = beats;
        heart
    }

    pub(crate) fn beats(&self) -> &[f64] {
        &self.beats
    }

    /// Blood in the skin at `t` s, about −0.5 to 0.5 with the breath on top.
    pub(crate) fn blood(&self, t: f64, breath: &Breath) -> f64 {
        let chest = breath.volume(t);
        self.wave(t) * (1.0 - BREATH_ON_PULSE * chest) + BREATH_ON_VOLUME * chest
    }

    /// The sum of the bells of the beats around. They keep their distance from the beat when intervals change, so that
    /// the intervals of the wave's peaks are those of the beats.
    fn wave(&self, t: f64) -> f64 {
        let next = self.beats.partition_point(|beat| *beat <= t);
        let around = &self.beats[next.saturating_sub(3)..(next + 1).min(self.beats.len())];
        let bell = |beat: f64| -> f64 {
            let phase = (t - beat) / self.interval;
            let heights =
                BELLS.map(|(when, width, height)| height * (-0.5 * ((phase - when) / width).powi(2)).exp());
            heights.iter().sum()
        };
        (around.iter().map(|beat| bell(*beat)).sum::<f64>() - self.middle) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Stream;

    fn heart(bpm: f64, variability: f64) -> (Heart, Breath) {
        let breath = Breath::new(15.0, &mut Chance::new(1, Stream::Breath));
        let heart = Heart::new(
            bpm,
            variability,
            300.0,
            &breath,
            &mut Chance::new(1, Stream::Heart),
        );
        (heart, breath)
    }

    #[test]
    fn intervals_stray_as_much_as_was_asked_for() {
        let (heart, _) = heart(75.0, 0.05);
        let intervals: Vec<f64> = heart.beats().windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
        let variance = intervals.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / intervals.len() as f64;
        assert!((mean - 0.8).abs() < 0.01, "{mean}");
        assert!((variance.sqrt() - 0.04).abs() < 0.006, "{}", variance.sqrt());
    }

    #[test]
    fn the_wave_rises_after_each_beat_at_the_same_time() {
        let (heart, _) = heart(60.0, 0.05);
        for beat in heart.beats().iter().filter(|beat| (0.0..300.0).contains(*beat)) {
            let times = (0..500).map(|n| beat + f64::from(n) * 0.001);
            let (peak, _) = times
                .map(|t| (t, heart.wave(t)))
                .fold(
                    (0.0, f64::MIN),
                    |best, next| if next.1 > best.1 { next } else { best },
                );
            assert!((peak - beat - 0.28).abs() < 0.025, "{}", peak - beat);
            assert!((0.3..0.7).contains(&heart.wave(peak)));
        }
    }
}
