//! Breathing: a phase that runs a little faster and slower by turns.

use std::f64::consts::TAU;

use crate::chance::Chance;

/// How slowly the rate changes, Hz, and by which fraction.
const DRIFT_HZ: f64 = 0.03;
const DRIFT: f64 = 0.05;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Breath {
    hz: f64,
    start: f64,
    drift: f64,
}

impl Breath {
    pub(crate) fn new(per_min: f64, chance: &mut Chance) -> Self {
        Self {
            hz: per_min / 60.0,
            start: chance.within(0.0..1.0),
            drift: chance.angle(),
        }
    }

    /// Breaths taken until `t` s, with the part of the present one.
    pub(crate) fn count(&self, t: f64) -> f64 {
        let drift = DRIFT * (TAU * DRIFT_HZ * t + self.drift).sin() / (TAU * DRIFT_HZ);
        self.start + self.hz * (t + drift)
    }

    /// How full the chest is at `t` s, −1 to 1.
    pub(crate) fn volume(&self, t: f64) -> f64 {
        (TAU * self.count(t)).sin()
    }
}
