//! Variability of the heart rate, from the times of beats.
//!
//! Task Force of the ESC and NASPE, "Heart rate variability: standards of measurement, physiological interpretation, and
//! clinical use", Circulation 93(5), 1996. Noise moves beats, and moved beats look like variability: an error of `σ` in
//! each time adds `6σ²` to the square of RMSSD and `2σ²` to that of SDNN. So two waves that share no skin tell how far
//! noise moves a beat; that much is taken off, and figures that are mostly noise are refused.

use crate::absence::Absence;
use crate::beats::Beat;
use crate::reading::Hrv;

/// The least and the longest interval of a heart, in seconds: 200 and 30 beats a minute.
const INTERVAL_S: std::ops::RangeInclusive<f64> = 0.3..=2.0;

/// How far, as a part of it, an interval may lie from the median of those around it.
const MAX_DEVIATION: f64 = 0.3;

/// Intervals before and after one that it is compared with.
const NEIGHBOURS: usize = 3;

/// The part of intervals that must be usable.
const MIN_USABLE: f64 = 0.9;

/// Intervals needed: 20 seconds of a slow heart.
const MIN_INTERVALS: usize = 15;

/// The part of the square of RMSSD that may be noise and is taken off. It is itself known to about a third, which leaves
/// an error of 10 % in RMSSD.
const MAX_NOISE: f64 = 0.4;

/// The variance of the times of beats, in s², from which they are too uncertain: 10 ms squared. Motion moves all waves
/// alike, and where noise is large it is larger than two waves can tell.
const MAX_VARIANCE: f64 = 1e-4;

/// How far apart, in seconds, two waves may show what is the same beat.
const SAME_BEAT_S: f64 = 0.15;

/// The variability of `beats`, whatever their noise; its quality is the part of intervals that is usable.
pub fn measure(beats: &[Beat]) -> Result<Hrv, Absence> {
    let intervals: Vec<f64> = beats
        .windows(2)
        .map(|pair| pair[1].seconds - pair[0].seconds)
        .collect();
    let usable: Vec<Option<f64>> = (0..intervals.len())
        .map(|index| believable(&intervals, index).then_some(intervals[index]))
        .collect();
    let kept: Vec<f64> = usable.iter().flatten().copied().collect();
    let share = kept.len() as f64 / intervals.len().max(1) as f64;
    if kept.len() < MIN_INTERVALS {
        return Err(if intervals.len() < MIN_INTERVALS {
            Absence::TooShort
        } else {
            Absence::UncertainBeats
        });
    }
    if share < MIN_USABLE {
        return Err(Absence::UncertainBeats);
    }
    let squares: Vec<f64> = usable
        .windows(2)
        .filter_map(|pair| Some((pair[1]? - pair[0]?).powi(2)))
        .collect();
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    let variance =
        kept.iter().map(|interval| (interval - mean).powi(2)).sum::<f64>() / (kept.len() - 1) as f64;
    Ok(Hrv {
        rmssd_ms: 1e3 * (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt(),
        sdnn_ms: 1e3 * variance.sqrt(),
        beats: beats.len() as u32,
        quality: share,
    })
}

/// How far noise moves the beats of a fused wave: the variance of their times in s², told by `halves`, the beats of two
/// waves it was fused of. Absent if those do not show the same beats.
pub fn noise(beats: &[Beat], halves: [&[Beat]; 2]) -> Result<f64, Absence> {
    let apart: Vec<f64> = halves[0]
        .iter()
        .filter_map(|beat| distance(beat, halves[1]))
        .collect();
    if (apart.len() as f64) < MIN_USABLE * beats.len() as f64 {
        return Err(Absence::UncertainBeats);
    }
    // One wave may lag behind the other by a constant.
    let mean = apart.iter().sum::<f64>() / apart.len().max(1) as f64;
    let variance = apart.iter().map(|away| (away - mean).powi(2)).sum::<f64>() / apart.len().max(1) as f64;
    // The variance of the difference of two is four times that of their mean.
    Ok(variance / 4.0)
}

/// The variability of `beats` without what a `noise` of their times, in s², has added to it.
pub fn measure_clean(beats: &[Beat], noise: f64) -> Result<Hrv, Absence> {
    let hrv = measure(beats)?;
    let share = 6e6 * noise / hrv.rmssd_ms.powi(2).max(f64::MIN_POSITIVE);
    if noise > MAX_VARIANCE || share > MAX_NOISE {
        return Err(Absence::UncertainBeats);
    }
    Ok(Hrv {
        rmssd_ms: hrv.rmssd_ms * (1.0 - share).sqrt(),
        sdnn_ms: (hrv.sdnn_ms.powi(2) - 2e6 * noise).max(0.0).sqrt(),
        quality: hrv.quality * (1.0 - share),
        ..hrv
    })
}

fn believable(intervals: &[f64], index: usize) -> bool {
    let from = index.saturating_sub(NEIGHBOURS);
    let mut around = intervals[from..(index + NEIGHBOURS + 1).min(intervals.len())].to_vec();
    around.sort_by(f64::total_cmp);
    let median = around[around.len() / 2];
    INTERVAL_S.contains(&intervals[index]) && (intervals[index] / median - 1.0).abs() <= MAX_DEVIATION
}

/// How much later than `beat` the nearest of `others` lies, if it is the same beat.
fn distance(beat: &Beat, others: &[Beat]) -> Option<f64> {
    let after = others.partition_point(|other| other.seconds < beat.seconds);
    let near = [after.checked_sub(1), Some(after)]
        .into_iter()
        .flatten()
        .filter_map(|index| others.get(index));
    let away = near
        .map(|other| other.seconds - beat.seconds)
        .min_by(|left, right| left.abs().total_cmp(&right.abs()))?;
    (away.abs() <= SAME_BEAT_S).then_some(away)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(intervals: &[f64]) -> Vec<Beat> {
        let mut seconds = 0.4;
        let mut beats = vec![Beat { seconds, height: 2.0 }];
        for interval in intervals {
            seconds += interval;
            beats.push(Beat { seconds, height: 2.0 });
        }
        beats
    }

    /// Intervals that alternate by ±20 ms around 0.8 s: RMSSD is 40 ms, SDNN about 20 ms.
    fn alternating() -> Vec<f64> {
        (0..30).map(|n| if n % 2 == 0 { 0.82 } else { 0.78 }).collect()
    }

    fn moved(beats: &[Beat], by: f64) -> Vec<Beat> {
        let sway = |n: usize| if n.is_multiple_of(3) { by } else { -by / 2.0 };
        beats
            .iter()
            .enumerate()
            .map(|(n, beat)| Beat {
                seconds: beat.seconds + 0.01 + sway(n),
                ..*beat
            })
            .collect()
    }

    #[test]
    fn figures_follow_their_definitions() {
        let hrv = measure(&beats(&alternating())).expect("enough beats");
        assert!((hrv.rmssd_ms - 40.0).abs() < 1e-6, "{hrv:?}");
        assert!(
            (hrv.sdnn_ms - 20.0 * (30.0_f64 / 29.0).sqrt()).abs() < 1e-6,
            "{hrv:?}"
        );
        assert_eq!((hrv.beats, hrv.quality), (31, 1.0));
    }

    #[test]
    fn a_missed_beat_is_left_out_and_many_refuse_the_whole() {
        let mut intervals = alternating();
        intervals[10] = 1.6;
        let hrv = measure(&beats(&intervals)).expect("one of thirty");
        assert!((hrv.rmssd_ms - 40.0).abs() < 1e-6, "{hrv:?}");
        for index in [2, 15, 20, 26] {
            intervals[index] = 1.6;
        }
        assert_eq!(measure(&beats(&intervals)), Err(Absence::UncertainBeats));
        assert_eq!(measure(&beats(&alternating()[..10])), Err(Absence::TooShort));
    }

    #[test]
    fn noise_is_taken_off_and_too_much_of_it_refused() {
        let (steady, alternating) = (beats(&alternating()), 40.0_f64);
        let clean = |by: f64| {
            let noise = noise(&steady, [&steady, &moved(&steady, by)])?;
            measure_clean(&steady, noise)
        };
        // The sway has a variance of half the square of its largest step, a quarter of which is left in the mean of two.
        let expected = (alternating.powi(2) - 6.0 * 0.5 * 12.0_f64.powi(2) / 4.0).sqrt();
        let hrv = clean(0.012).expect("a little noise");
        assert!(
            (hrv.rmssd_ms - expected).abs() < 0.3 && hrv.quality < 1.0,
            "{hrv:?} {expected}"
        );
        assert_eq!(clean(0.06), Err(Absence::UncertainBeats));
        assert_eq!(
            noise(&steady, [&steady, &steady[..15]]),
            Err(Absence::UncertainBeats)
        );
        assert_eq!(noise(&steady, [&[], &steady]), Err(Absence::UncertainBeats));
    }
}
