//! Follows the heart rate from reading to reading, and refuses leaps.
//!
//! A heart changes its rate by a few beats a second at most. A window that passed the gate but lies far from the rate
//! just given is more likely wrong than right: it is withheld until windows that hardly overlap agree with it.

use std::time::Duration;

use crate::absence::Absence;
use crate::filter::Band;
use crate::sample::CaptureTime;

/// The step between readings that is always believed, in beats a minute.
const STEP_BPM: f64 = 8.0;

/// What a heart adds to that each second between readings.
const STEP_BPM_PER_SECOND: f64 = 2.0;

/// How long a rate is remembered.
const MEMORY: Duration = Duration::from_secs(15);

/// How long a rate that leapt must hold before it is believed: half a window.
const SETTLING: Duration = Duration::from_secs(5);

/// How long a new rate that is not clear must hold before it is believed. Of 421 rates that passed the gate on compressed
/// synthetic faces 4 were wrong; none of those was clear, and none held for so long.
const CONFIRMING: Duration = Duration::from_secs(3);

/// From this rate the band of exercise is used, and until the rate has fallen well below.
const EXERCISED_BPM: [f64; 2] = [190.0, 170.0];

#[derive(Debug, Clone, Copy)]
struct Fix {
    at: CaptureTime,
    bpm: f64,
}

impl Fix {
    fn reaches(self, other: Self) -> bool {
        let apart = other.at.since(self.at).as_secs_f64();
        (other.bpm - self.bpm).abs() <= STEP_BPM + STEP_BPM_PER_SECOND * apart
    }
}

/// The rate last given, and one that may follow it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracker {
    given: Option<Fix>,
    /// A rate that leapt: its newest sight, and since when it holds.
    rival: Option<(Fix, CaptureTime)>,
    exercised: bool,
}

impl Tracker {
    /// Takes the rate of a window that passed the gate; refuses it while it is a leap, or new and not `clear`.
    pub(crate) fn follow(&mut self, at: CaptureTime, bpm: f64, clear: bool) -> Result<(), Absence> {
        let fix = Fix { at, bpm };
        let doubt = match self.given.filter(|given| at.since(given.at) <= MEMORY) {
            Some(given) if given.reaches(fix) => None,
            Some(_) => Some((SETTLING, Absence::Leap)),
            None if clear => None,
            None => Some((CONFIRMING, Absence::Noisy)),
        };
        if let Some((time, reason)) = doubt {
            let rival = self
                .rival
                .filter(|(rival, _)| rival.reaches(fix) && at.since(rival.at) <= SETTLING);
            let since = rival.map_or(at, |(_, since)| since);
            self.rival = Some((fix, since));
            if at.since(since) < time {
                return Err(reason);
            }
        }
        self.given = Some(fix);
        self.rival = None;
        let [rises, falls] = EXERCISED_BPM;
        self.exercised = bpm >= if self.exercised { falls } else { rises };
        Ok(())
    }

    /// The band to look in.
    pub(crate) fn band(&self) -> Band {
        if self.exercised {
            Band::EXERCISED
        } else {
            Band::HEART
        }
    }

    /// Forgets the heart: the face left.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> CaptureTime {
        CaptureTime::from_micros((seconds * 1e6) as u64)
    }

    #[test]
    fn a_lone_leap_is_withheld_and_one_that_holds_is_given() {
        let mut tracker = Tracker::default();
        assert_eq!(tracker.follow(at(0.0), 70.0, true), Ok(()));
        assert_eq!(tracker.follow(at(1.0), 140.0, true), Err(Absence::Leap));
        assert_eq!(tracker.follow(at(2.0), 71.0, true), Ok(()));
        for second in 3..8 {
            assert_eq!(
                tracker.follow(at(f64::from(second)), 120.0, true),
                Err(Absence::Leap)
            );
        }
        assert_eq!(tracker.follow(at(8.0), 121.0, true), Ok(()));
        assert_eq!(tracker.follow(at(9.0), 119.0, true), Ok(()));
    }

    #[test]
    fn leaps_that_do_not_agree_never_settle() {
        let mut tracker = Tracker::default();
        assert_eq!(tracker.follow(at(0.0), 70.0, true), Ok(()));
        for second in 1..15 {
            let bpm = if second % 2 == 0 { 110.0 } else { 160.0 };
            assert_eq!(
                tracker.follow(at(f64::from(second)), bpm, true),
                Err(Absence::Leap)
            );
        }
    }

    #[test]
    fn a_heart_may_change_steadily_and_be_another_after_a_while() {
        let mut tracker = Tracker::default();
        for second in 0..30 {
            assert_eq!(
                tracker.follow(at(f64::from(second)), 70.0 + 3.0 * f64::from(second), true),
                Ok(())
            );
        }
        assert_eq!(tracker.follow(at(60.0), 70.0, true), Ok(()));
    }

    #[test]
    fn the_band_widens_for_fast_hearts_alone() {
        let mut tracker = Tracker::default();
        let mut second = 0.0;
        let mut band_at = |bpm: f64| {
            second += 20.0;
            tracker.follow(at(second), bpm, true).ok();
            tracker.band()
        };
        assert_eq!(
            [80.0, 180.0, 195.0, 180.0, 160.0, 180.0].map(&mut band_at),
            [
                Band::HEART,
                Band::HEART,
                Band::EXERCISED,
                Band::EXERCISED,
                Band::HEART,
                Band::HEART,
            ]
        );
    }

    #[test]
    fn a_faint_rate_is_given_when_it_holds_and_a_clear_one_at_once() {
        let mut tracker = Tracker::default();
        for second in [0.0, 1.0, 2.0] {
            assert_eq!(tracker.follow(at(second), 70.0, false), Err(Absence::Noisy));
        }
        assert_eq!(tracker.follow(at(3.0), 71.0, false), Ok(()));
        assert_eq!(tracker.follow(at(4.0), 71.0, false), Ok(()));
        assert_eq!(Tracker::default().follow(at(0.0), 70.0, true), Ok(()));
        let mut chance = Tracker::default();
        for (second, bpm) in [(0.0, 124.0), (2.0, 123.0), (4.0, 60.0), (9.5, 61.0)] {
            assert_eq!(chance.follow(at(second), bpm, false), Err(Absence::Noisy));
        }
    }
}
