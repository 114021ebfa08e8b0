//! Whether a heart rate may be given. The vendor says how sure it is in none of its known answers, so the pulse wave that
//! it sends is looked at: the rate must stand out of it.

use std::time::Duration;

use bedside_conversation::scan::{AbsenceCode, HeartRate};
use bedside_vitals::filter::Band;
use bedside_vitals::spectrum::Analyzer;

/// No figure rests on less.
pub(super) const WHOLE_WINDOW: Duration = Duration::from_secs(10);

/// Samples a second that the wave is brought to.
const RATE_HZ: f64 = 30.0;

/// The wave that is kept, seconds: what a figure rests on.
const KEPT: f64 = 12.0;

/// Samples that are kept at most, whatever their times.
const MOST_SAMPLES: usize = 2_048;

/// The least power of the rate against the rest of the wave, as for the estimator on this machine, dB.
const MIN_SNR_DB: f64 = 0.0;

/// From which power it is beyond doubt, dB.
const CLEAR_SNR_DB: f64 = 12.0;

/// Hearts at rest or in fever, beats per minute.
const POSSIBLE: std::ops::RangeInclusive<f64> = 39.0..=210.0;

/// The pulse wave of the last seconds: capture times in µs, and values.
pub(super) struct Evidence {
    wave: Vec<(u64, f64)>,
    analyzer: Analyzer,
}

impl Evidence {
    pub(super) fn new() -> Self {
        Self {
            wave: Vec::new(),
            analyzer: Analyzer::new(),
        }
    }

    /// Takes more of the wave; returns what of it is new. Pieces overlap: what is not later than the last is known.
    pub(super) fn extend(&mut self, piece: impl IntoIterator<Item = (u64, f64)>) -> &[(u64, f64)] {
        let mut latest = self.latest();
        let mut new = Vec::new();
        for (at, value) in piece {
            if latest.is_none_or(|latest| at > latest) && value.is_finite() {
                latest = Some(at);
                new.push((at, value));
            }
        }
        let first_kept = latest.unwrap_or_default().saturating_sub((KEPT * 1e6) as u64);
        let new_from = self.wave.len();
        self.wave.extend(new);
        let expired = self
            .wave
            .iter()
            .take(new_from)
            .filter(|&&(at, _)| at < first_kept)
            .count();
        let expired = expired.max(new_from.min(self.wave.len().saturating_sub(MOST_SAMPLES)));
        self.wave.drain(..expired);
        &self.wave[new_from - expired..]
    }

    /// Up to when the wave goes, µs of capture.
    pub(super) fn latest(&self) -> Option<u64> {
        self.wave.last().map(|&(at, _)| at)
    }

    /// The middle of the wave, and the largest distance from it.
    pub(super) fn scale(&self) -> (f64, f64) {
        let values = || self.wave.iter().map(|&(_, value)| value);
        let mean = values().sum::<f64>() / self.wave.len().max(1) as f64;
        (
            mean,
            values()
                .map(|value| (value - mean).abs())
                .fold(f64::MIN_POSITIVE, f64::max),
        )
    }

    /// The rate with its quality, or why it may not be given.
    pub(super) fn judge(
        &mut self,
        bpm: Option<f64>,
        confidence: Option<f64>,
        window: Duration,
    ) -> Result<HeartRate, AbsenceCode> {
        if window < WHOLE_WINDOW {
            return Err("too_short");
        }
        let bpm = bpm.ok_or("not_ready")?;
        if !POSSIBLE.contains(&bpm) {
            return Err("out_of_range");
        }
        let snr_db = self.snr_db(bpm / 60.0).ok_or("no_quality")?;
        if snr_db < MIN_SNR_DB {
            return Err("noisy");
        }
        let clear = ((snr_db - MIN_SNR_DB) / (CLEAR_SNR_DB - MIN_SNR_DB)).clamp(0.0, 1.0);
        Ok(HeartRate {
            bpm,
            quality: confidence.map_or(clear, |confidence| confidence.min(clear)),
            snr_db,
        })
    }

    /// Power at a rate against the rest of the wave; nothing if there is too little of it.
    fn snr_db(&mut self, hz: f64) -> Option<f64> {
        let (first, last) = (self.wave.first()?.0, self.wave.last()?.0);
        if u128::from(last - first) < WHOLE_WINDOW.as_micros() * 8 / 10 {
            return None;
        }
        let (mean, _) = self.scale();
        let even = evenly(&self.wave, RATE_HZ).into_iter().map(|value| value - mean);
        let even: Vec<f64> = even.collect();
        let spectrum = self.analyzer.spectrum(&even, RATE_HZ);
        Some(spectrum.self_snr_db(hz, Band::HEART))
    }
}

/// Samples at even times between samples at any times, by straight lines.
pub(super) fn evenly(wave: &[(u64, f64)], rate_hz: f64) -> Vec<f64> {
    let (Some(&(first, _)), Some(&(last, _))) = (wave.first(), wave.last()) else {
        return Vec::new();
    };
    let count = ((last - first) as f64 / 1e6 * rate_hz) as usize + 1;
    let mut after = 1;
    let value = |index: usize| {
        let at = first as f64 + index as f64 / rate_hz * 1e6;
        while after + 1 < wave.len() && (wave[after].0 as f64) < at {
            after += 1;
        }
        let Some(&(to, right)) = wave.get(after) else {
            return wave[0].1;
        };
        let (from, left) = wave[after - 1];
        left + (right - left) * ((at - from as f64) / (to - from) as f64).clamp(0.0, 1.0)
    };
    (0..count.min(MOST_SAMPLES)).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beats at 72 a minute for so many seconds, with noise of another rhythm.
    fn wave(seconds: u64, noise: f64) -> Vec<(u64, f64)> {
        let sample = |n: u64| {
            let t = n as f64 / 25.0;
            let turns = std::f64::consts::TAU * t;
            (
                n * 40_000,
                (turns * 1.2).sin() + noise * (turns * 1.9).sin() + 5.0,
            )
        };
        (0..seconds * 25).map(sample).collect()
    }

    fn judged(seconds: u64, noise: f64, bpm: f64) -> Result<f64, AbsenceCode> {
        let mut evidence = Evidence::new();
        evidence.extend(wave(seconds, noise));
        let judged = evidence.judge(Some(bpm), None, Duration::from_secs(seconds));
        judged.map(|rate| rate.quality)
    }

    #[test]
    fn a_rate_is_given_when_it_stands_out_of_a_whole_window() {
        let quality = judged(12, 0.1, 72.0).expect("a rate");
        assert!(quality > 0.6, "{quality}");
        assert_eq!(judged(9, 0.1, 72.0), Err("too_short"));
        assert_eq!(judged(12, 5.0, 72.0), Err("noisy"));
        assert_eq!(judged(12, 0.1, 110.0), Err("noisy"));
        assert_eq!(judged(12, 0.1, 20.0), Err("out_of_range"));
    }

    #[test]
    fn without_a_wave_there_is_no_quality_and_so_no_figure() {
        let mut evidence = Evidence::new();
        let window = Duration::from_secs(30);
        assert_eq!(evidence.judge(Some(66.0), Some(0.9), window), Err("no_quality"));
        assert_eq!(evidence.judge(None, None, window), Err("not_ready"));
    }

    #[test]
    fn the_vendors_own_doubt_counts() {
        let mut evidence = Evidence::new();
        evidence.extend(wave(12, 0.1));
        let judged = evidence
            .judge(Some(72.0), Some(0.3), Duration::from_secs(12))
            .expect("a rate");
        assert!((judged.quality - 0.3).abs() < 1e-9);
    }

    #[test]
    fn overlapping_pieces_are_taken_once_and_little_is_kept() {
        let mut evidence = Evidence::new();
        let all = wave(60, 0.0);
        let mut new = 0;
        for from in (0..all.len() - 50).step_by(25) {
            new += evidence.extend(all[from..from + 50].iter().copied()).len();
        }
        assert_eq!(new, all.len() - 25);
        assert!(evidence.wave.len() <= 12 * 25 + 26);
    }
}
