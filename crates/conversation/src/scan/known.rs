//! What readings have told so far: for a model's context, and for a call that waits for a result.

use std::time::Duration;

use super::{Figures, HeartRate, Hrv, Reading, RespiratoryRate, Stage};
use crate::context::{KnownVital, VitalsSnapshot};
use crate::time::Time;

/// A figure older than this says nothing about the patient as they are now.
const LASTS: Duration = Duration::from_mins(5);

/// Readings kept of a window, at one every 200 ms for half a minute.
const MAX_READINGS: usize = 150;

/// The newest stable figures that passed, and when they came.
#[derive(Debug, Default)]
pub(crate) struct Known {
    heart_rate: Option<(Time, HeartRate)>,
    respiratory_rate: Option<(Time, RespiratoryRate)>,
    hrv: Option<(Time, Hrv)>,
}

impl Known {
    pub(super) fn note(&mut self, now: Time, reading: &Reading) {
        if reading.stage == Stage::Preliminary {
            return;
        }
        let figures = &reading.figures;
        if let Ok(heart_rate) = figures.heart_rate {
            self.heart_rate = Some((now, heart_rate));
        }
        if let Ok(respiratory_rate) = figures.respiratory_rate {
            self.respiratory_rate = Some((now, respiratory_rate));
        }
        if let Ok(hrv) = figures.hrv {
            self.hrv = Some((now, hrv));
        }
    }

    /// What a model may know at `now`, if anything.
    pub(super) fn snapshot(&self, now: Time) -> Option<VitalsSnapshot> {
        let vital = |at: Time, value, quality| {
            let age = now.since(at);
            (age <= LASTS).then_some(KnownVital { value, quality, age })
        };
        let snapshot = VitalsSnapshot {
            heart_rate: self.heart_rate.and_then(|(at, v)| vital(at, v.bpm, v.quality)),
            respiratory_rate: self
                .respiratory_rate
                .and_then(|(at, v)| vital(at, v.per_min, v.quality)),
            hrv_rmssd: self.hrv.and_then(|(at, v)| vital(at, v.rmssd_ms, v.quality)),
            hrv_sdnn: self.hrv.and_then(|(at, v)| vital(at, v.sdnn_ms, v.quality)),
        };
        (snapshot != VitalsSnapshot::default()).then_some(snapshot)
    }
}

/// The readings since a call was opened.
#[derive(Debug, Default)]
pub(super) struct Window(Vec<Figures>);

impl Window {
    /// Keeps a stable reading; the oldest goes when there are too many.
    pub(super) fn note(&mut self, reading: &Reading) {
        if reading.stage == Stage::Stable {
            if self.0.len() == MAX_READINGS {
                self.0.remove(0);
            }
            self.0.push(reading.figures);
        }
    }

    /// The middle one of each figure's readings that passed, or why none did: of every figure the newest reason.
    /// `None` before the first stable reading.
    pub(super) fn figures(&self) -> Option<Figures> {
        let newest = self.0.last()?;
        Some(Figures {
            heart_rate: middle(self.0.iter().filter_map(|f| f.heart_rate.ok()), |v| v.bpm)
                .map_or(newest.heart_rate, Ok),
            respiratory_rate: middle(self.0.iter().filter_map(|f| f.respiratory_rate.ok()), |v| {
                v.per_min
            })
            .map_or(newest.respiratory_rate, Ok),
            hrv: middle(self.0.iter().filter_map(|f| f.hrv.ok()), |v| v.rmssd_ms).map_or(newest.hrv, Ok),
        })
    }
}

fn middle<T: Copy>(values: impl Iterator<Item = T>, by: impl Fn(&T) -> f64) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| by(a).total_cmp(&by(b)));
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(stage: Stage, heart_rate: Result<f64, &'static str>) -> Reading {
        Reading {
            at: 0,
            window: Duration::from_secs(10),
            stage,
            figures: Figures {
                heart_rate: heart_rate.map(|bpm| HeartRate {
                    bpm,
                    quality: 0.8,
                    snr_db: 3.0,
                }),
                respiratory_rate: Err("too_short"),
                hrv: Err("too_short"),
            },
            method: "test",
        }
    }

    #[test]
    fn a_model_knows_only_what_is_stable_passed_and_recent() {
        let mut known = Known::default();
        known.note(Time::ZERO, &reading(Stage::Preliminary, Ok(90.0)));
        known.note(Time::ZERO, &reading(Stage::Stable, Err("noisy")));
        assert_eq!(known.snapshot(Time::ZERO), None);
        known.note(Time::from_millis(1_000), &reading(Stage::Stable, Ok(72.0)));
        known.note(
            Time::from_millis(2_000),
            &reading(Stage::Stable, Err("face_lost")),
        );
        let heart_rate = known
            .snapshot(Time::from_millis(4_000))
            .and_then(|s| s.heart_rate)
            .unwrap();
        assert_eq!((heart_rate.value, heart_rate.age), (72.0, Duration::from_secs(3)));
        assert_eq!(known.snapshot(Time::from_millis(302_000)), None);
    }

    #[test]
    fn a_window_gives_the_middle_of_what_passed() {
        let mut window = Window::default();
        assert_eq!(window.figures(), None);
        window.note(&reading(Stage::Preliminary, Ok(140.0)));
        assert_eq!(window.figures(), None);
        for heart_rate in [Ok(71.0), Ok(95.0), Err("moving"), Ok(72.0)] {
            window.note(&reading(Stage::Stable, heart_rate));
        }
        let figures = window.figures().unwrap();
        assert_eq!(figures.heart_rate.map(|v| v.bpm), Ok(72.0));
        assert_eq!(figures.respiratory_rate, Err("too_short"));
    }

    #[test]
    fn a_window_in_which_nothing_passed_says_why() {
        let mut window = Window::default();
        window.note(&reading(Stage::Stable, Err("moving")));
        window.note(&reading(Stage::Stable, Err("too_dark")));
        assert_eq!(window.figures().unwrap().heart_rate, Err("too_dark"));
    }

    #[test]
    fn a_window_is_bounded() {
        let mut window = Window::default();
        for n in 0..400_u16 {
            window.note(&reading(Stage::Stable, Ok(f64::from(n))));
        }
        assert_eq!(window.0.len(), MAX_READINGS);
        assert!(window.0.iter().all(|f| f.heart_rate.unwrap().bpm >= 250.0));
    }
}
