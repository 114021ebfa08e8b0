//! How fast a patient breathes, from what breath does to the pulse.
//!
//! Breath changes the rate of the heart, the height of its beats and the level of the skin. Each of the three is looked at
//! alone, and only a rhythm that at least two of them show is given (Karlen, Raman, Ansermino and Dumont,
//! "Multiparameter respiratory rate estimation from the photoplethysmogram", IEEE Trans. Biomed. Eng. 60(7), 2013).

use crate::absence::Absence;
use crate::beats::Beat;
use crate::detrend::remove_trend;
use crate::filter::Band;
use crate::reading::RespiratoryRate;
use crate::spectrum::{Analyzer, Peak};

/// Samples a second that modulations are looked at with.
pub const RATE_HZ: f64 = 5.0;

/// Drift below 0.07 Hz goes.
const DETREND_LAMBDA: f64 = 130.0;

/// Whole breaths a stretch must hold for their rate to be told from drift.
const MIN_BREATHS: f64 = 3.0;

/// The part of the power of the band that the line of a modulation must hold, beyond what a line holds of noise.
const MIN_PEAKINESS: f64 = 0.55;

/// How far apart, in breaths a minute, rates may lie that agree.
const AGREEMENT: f64 = 2.0;

/// Modulations that must agree.
const MIN_AGREEING: usize = 2;

/// A modulation with a line that stands out.
struct Modulation {
    peak: Peak,
    peakiness: f64,
}

/// The rate of breath in `beats`, and in the `baseline` of the skin ([`RATE_HZ`] samples a second, over the same time).
pub fn measure(
    beats: &[Beat],
    baseline: Vec<f64>,
    analyzer: &mut Analyzer,
) -> Result<RespiratoryRate, Absence> {
    let len = baseline.len();
    let seconds = len as f64 / RATE_HZ;
    let band = Band {
        low_hz: Band::BREATH.low_hz.max(MIN_BREATHS / seconds),
        ..Band::BREATH
    };
    if band.low_hz >= band.high_hz || beats.len() < 3 {
        return Err(Absence::TooShort);
    }
    let intervals = beats
        .windows(2)
        .map(|pair| (pair[1].seconds, pair[1].seconds - pair[0].seconds));
    let heights = beats.iter().skip(1).map(|beat| (beat.seconds, beat.height));
    let modulations: Vec<Modulation> = [resample(intervals, len), resample(heights, len), baseline]
        .into_iter()
        .filter_map(|wave| Modulation::of(wave, band, seconds, analyzer))
        .collect();
    if modulations.is_empty() {
        return Err(Absence::NotPeaked);
    }
    let agreeing = modulations
        .iter()
        .map(|one| {
            modulations
                .iter()
                .filter(|other| one.agrees(other))
                .collect::<Vec<_>>()
        })
        .max_by_key(Vec::len)
        .filter(|agreeing| agreeing.len() >= MIN_AGREEING)
        .ok_or(Absence::Disagreement)?;
    let weight: f64 = agreeing.iter().map(|one| one.peakiness).sum();
    let hz = agreeing
        .iter()
        .map(|one| one.peakiness * one.peak.hz)
        .sum::<f64>()
        / weight;
    Ok(RespiratoryRate {
        per_min: hz * 60.0,
        quality: weight / 3.0,
    })
}

/// The level of a wave of `rate_hz` samples a second, as the mean of each fifth of a second.
pub fn baseline(wave: &[f64], rate_hz: f64) -> Vec<f64> {
    let samples = (wave.len() as f64 * RATE_HZ / rate_hz) as usize;
    let edge = |index: usize| (index as f64 * rate_hz / RATE_HZ).round() as usize;
    (0..samples)
        .map(|index| {
            let part = &wave[edge(index)..edge(index + 1).min(wave.len())];
            part.iter().sum::<f64>() / part.len().max(1) as f64
        })
        .collect()
}

impl Modulation {
    /// Absent if `wave` has no line in `band`, or none that stands out.
    fn of(mut wave: Vec<f64>, band: Band, seconds: f64, analyzer: &mut Analyzer) -> Option<Self> {
        remove_trend(&mut wave, DETREND_LAMBDA);
        let spectrum = analyzer.spectrum(&wave, RATE_HZ);
        let peak = spectrum.peak(band).filter(|peak| !peak.at_edge)?;
        // The main lobe of a Hann window: of even noise it holds as much as its part of the band.
        let half_width = 2.0 / seconds;
        let by_chance = (2.0 * half_width / (band.high_hz - band.low_hz)).min(0.99);
        let peakiness = (spectrum.share(peak.hz, half_width, band) - by_chance) / (1.0 - by_chance);
        (peakiness >= MIN_PEAKINESS).then_some(Self { peak, peakiness })
    }

    fn agrees(&self, other: &Self) -> bool {
        (self.peak.hz - other.peak.hz).abs() * 60.0 <= AGREEMENT
    }
}

/// Points in time to a grid of `len` samples, linearly; beyond the first and the last point their values go on.
fn resample(points: impl Iterator<Item = (f64, f64)>, len: usize) -> Vec<f64> {
    let points: Vec<(f64, f64)> = points.collect();
    (0..len)
        .map(|index| {
            let seconds = (index as f64 + 0.5) / RATE_HZ;
            let after = points.partition_point(|(at, _)| *at < seconds);
            match (
                after.checked_sub(1).and_then(|before| points.get(before)),
                points.get(after),
            ) {
                (Some((from, old)), Some((to, new))) => old + (new - old) * (seconds - from) / (to - from),
                (Some((_, value)), None) | (None, Some((_, value))) => *value,
                (None, None) => 0.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// Beats whose intervals and heights sway with breath, in parts of themselves.
    fn beats(per_min: f64, in_intervals: f64, in_heights: f64, seconds: f64) -> Vec<Beat> {
        let sway = |at: f64| (TAU * per_min / 60.0 * at).sin();
        let (mut beats, mut now) = (Vec::new(), 0.3);
        while now < seconds {
            // What has no part in breath: a slow sway and an uneven one.
            let (slow, uneven) = ((TAU * 0.03 * now).sin(), (TAU * 0.237 * now * now).sin());
            beats.push(Beat {
                seconds: now,
                height: 2.0 + in_heights * sway(now) + 0.02 * uneven,
            });
            now += 0.85 * (1.0 + in_intervals * sway(now) + 0.03 * slow + 0.005 * uneven);
        }
        beats
    }

    fn flat(seconds: f64) -> Vec<f64> {
        vec![1.0; (seconds * RATE_HZ) as usize]
    }

    #[test]
    fn a_rhythm_of_intervals_and_heights_is_breath() {
        for per_min in [9.0, 13.7, 18.2, 25.0] {
            let found = measure(&beats(per_min, 0.04, 0.1, 60.0), flat(60.0), &mut Analyzer::new());
            assert!(
                found.is_ok_and(|rate| (rate.per_min - per_min).abs() < 0.4),
                "{per_min}: {found:?}"
            );
        }
    }

    #[test]
    fn one_modulation_alone_is_not_believed() {
        let found = measure(&beats(15.0, 0.04, 0.0, 60.0), flat(60.0), &mut Analyzer::new());
        assert!(found.is_err(), "{found:?}");
        let level = (0..300)
            .map(|n| (TAU * 0.25 * f64::from(n) / RATE_HZ).sin())
            .collect();
        let found = measure(&beats(15.0, 0.04, 0.0, 60.0), level, &mut Analyzer::new());
        assert!(
            found.is_ok_and(|rate| (rate.per_min - 15.0).abs() < 0.4),
            "{found:?}"
        );
    }

    #[test]
    fn breath_too_slow_for_the_time_seen_is_refused() {
        let mut analyzer = Analyzer::new();
        assert!(measure(&beats(7.0, 0.05, 0.1, 20.0), flat(20.0), &mut analyzer).is_err());
        assert!(measure(&beats(7.0, 0.05, 0.1, 60.0), flat(60.0), &mut analyzer).is_ok());
        assert_eq!(
            measure(&beats(12.0, 0.05, 0.1, 5.0), flat(5.0), &mut analyzer),
            Err(Absence::TooShort)
        );
    }

    #[test]
    fn the_level_is_the_mean_of_each_fifth_of_a_second() {
        let wave: Vec<f64> = (0..15).map(f64::from).collect();
        assert_eq!(baseline(&wave, 30.0), [2.5, 8.5]);
    }
}
