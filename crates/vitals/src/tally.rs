//! What the readings of a scan add up to.

use std::collections::VecDeque;
use std::time::Duration;

use crate::absence::Absence;
use crate::reading::{HeartRate, Hrv, Reading, RespiratoryRate, Stage, Summary};
use crate::sample::CaptureTime;

/// How far back a summary looks.
const MEMORY: Duration = Duration::from_secs(60);

/// Stable readings remembered at most; at the usual interval of a second there are 60 in a minute.
const CAPACITY: usize = 300;

/// The part of the stable readings that must be given for a rate to be summed up: a lone one may be chance.
const MIN_COVERAGE: f64 = 1.0 / 3.0;

/// Counts readings, and remembers those of the last minute.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    due: u64,
    given: u64,
    stable: VecDeque<(CaptureTime, Result<HeartRate, Absence>)>,
    breath: Newest<RespiratoryRate>,
    hrv: Newest<Hrv>,
}

impl Tally {
    /// Counts a reading.
    pub(crate) fn count(&mut self, reading: &Reading) {
        self.due += 1;
        self.given += u64::from(reading.heart_rate.is_ok());
        self.breath.take(reading.at, reading.respiratory_rate);
        self.hrv.take(reading.at, reading.hrv);
        // An absence counts at any stage: a scan that never came to a stable reading must say why.
        if reading.stage == Stage::Stable || reading.heart_rate.is_err() {
            if self.stable.len() == CAPACITY {
                self.stable.pop_front();
            }
            self.stable.push_back((reading.at, reading.heart_rate));
        }
    }

    /// Forgets the last minute, whose readings cannot be dated any more; how many there were stays known.
    pub(crate) fn forget(&mut self) {
        self.stable.clear();
        self.breath = Newest::default();
        self.hrv = Newest::default();
    }

    /// The sum at `now` of a scan of `frames` that took `elapsed`.
    pub(crate) fn summary(&self, elapsed: Duration, frames: u64, now: CaptureTime) -> Summary {
        Summary {
            elapsed,
            frames,
            heart_rate: self.heart_rate(now),
            respiratory_rate: self.breath.at(now),
            hrv: self.hrv.at(now),
            coverage: self.given as f64 / self.due.max(1) as f64,
        }
    }

    fn heart_rate(&self, now: CaptureTime) -> Result<HeartRate, Absence> {
        let recent = || {
            self.stable
                .iter()
                .filter(|(at, _)| now.since(*at) <= MEMORY)
                .map(|(_, rate)| rate)
        };
        let mut given: Vec<HeartRate> = recent().filter_map(|rate| rate.ok()).collect();
        if given.is_empty() || (given.len() as f64) < MIN_COVERAGE * recent().count() as f64 {
            return Err(commonest(recent().filter_map(|rate| rate.err())));
        }
        let middle = given.len() / 2;
        let mut median = |of: fn(&HeartRate) -> f64| {
            given.sort_by(|left, right| of(left).total_cmp(&of(right)));
            of(&given[middle])
        };
        Ok(HeartRate {
            bpm: median(|rate| rate.bpm),
            quality: median(|rate| rate.quality),
            snr_db: median(|rate| rate.snr_db),
        })
    }
}

/// The newest figure of a kind, and why there was none at last.
#[derive(Debug, Clone)]
struct Newest<T> {
    given: Option<(CaptureTime, T)>,
    reason: Absence,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self {
            given: None,
            reason: Absence::TooShort,
        }
    }
}

impl<T: Copy> Newest<T> {
    fn take(&mut self, at: CaptureTime, figure: Result<T, Absence>) {
        match figure {
            Ok(figure) => self.given = Some((at, figure)),
            Err(reason) => self.reason = reason,
        }
    }

    fn at(&self, now: CaptureTime) -> Result<T, Absence> {
        let recent = self.given.filter(|(at, _)| now.since(*at) <= MEMORY);
        recent.map(|(_, figure)| figure).ok_or(self.reason)
    }
}

fn commonest(reasons: impl Iterator<Item = Absence>) -> Absence {
    let mut reasons: Vec<Absence> = reasons.collect();
    reasons.sort_unstable();
    let longest = reasons
        .chunk_by(|left, right| left == right)
        .max_by_key(|run| run.len());
    longest.map_or(Absence::TooShort, |run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rates: &[Result<f64, Absence>]) -> Summary {
        let mut tally = Tally::default();
        for (second, rate) in rates.iter().enumerate() {
            tally.count(&Reading {
                at: CaptureTime::from_micros(second as u64 * 1_000_000),
                window: Duration::from_secs(10),
                stage: Stage::Stable,
                heart_rate: rate.map(|bpm| HeartRate {
                    bpm,
                    quality: 0.8,
                    snr_db: 5.0,
                }),
                respiratory_rate: Err(Absence::Noisy),
                hrv: rate.map(|_| Hrv {
                    rmssd_ms: second as f64,
                    sdnn_ms: 1.0,
                    beats: 30,
                    quality: 0.7,
                }),
            });
        }
        let now = CaptureTime::from_micros(rates.len() as u64 * 1_000_000);
        tally.summary(Duration::ZERO, 0, now)
    }

    #[test]
    fn the_median_of_the_readings_stands_for_the_scan() {
        let summary = tally(&[
            Ok(70.0),
            Err(Absence::Noisy),
            Ok(72.0),
            Ok(90.0),
            Err(Absence::Moving),
        ]);
        assert_eq!(summary.heart_rate.map(|rate| rate.bpm), Ok(72.0));
        assert_eq!(summary.hrv.map(|hrv| hrv.rmssd_ms), Ok(3.0));
        assert_eq!(summary.respiratory_rate, Err(Absence::Noisy));
        assert!((summary.coverage - 0.6).abs() < 1e-12);
    }

    #[test]
    fn a_lone_reading_among_absences_sums_up_to_the_commonest_reason() {
        let absent = [
            Err(Absence::Noisy),
            Err(Absence::NotPeaked),
            Err(Absence::NotPeaked),
        ];
        assert_eq!(
            tally(&[&absent[..], &[Ok(70.0)]].concat()).heart_rate,
            Err(Absence::NotPeaked)
        );
        assert_eq!(tally(&[]).heart_rate, Err(Absence::TooShort));
    }

    #[test]
    fn what_is_older_than_a_minute_does_not_count() {
        let rates = [&[Ok(70.0); 10][..], &[Err(Absence::FaceLost); 70][..]].concat();
        let summary = tally(&rates);
        assert_eq!(summary.heart_rate, Err(Absence::FaceLost));
        assert_eq!(summary.hrv.map(|hrv| hrv.beats), Err(Absence::FaceLost));
    }
}
