//! Time as an argument: an instant on the session's clock, and a position in the patient's audio.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// An instant on the session's monotonic clock: microseconds since the session was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// The moment the session was created.
    pub const ZERO: Self = Self(0);

    /// `micros` microseconds after the session was created.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// `millis` milliseconds after the session was created.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000)
    }

    /// Microseconds since the session was created.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the session was created.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The time from `earlier` to `self`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The instant `duration` before, or the session's beginning.
    #[must_use]
    pub const fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_micros() as u64))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0 + rhs.as_micros() as u64)
    }
}

impl AddAssign<Duration> for Time {
    fn add_assign(&mut self, rhs: Duration) {
        *self = *self + rhs;
    }
}

/// A position in the patient's audio: samples at 16 kHz since the session began.
///
/// Audio has its own timeline because a client may send faster or slower than real time; silence, padding and
/// utterance boundaries are measured on it, deadlines on [`Time`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AudioPos(u64);

impl AudioPos {
    /// The first sample of the session.
    pub const START: Self = Self(0);
    /// Samples per second on this timeline.
    pub const RATE: u64 = 16_000;

    /// The position `samples` samples (at 16 kHz) into the session.
    pub const fn from_samples(samples: u64) -> Self {
        Self(samples)
    }

    /// The position `ms` milliseconds into the session's audio.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * Self::RATE / 1_000)
    }

    /// Samples (at 16 kHz) since the session began.
    pub const fn samples(self) -> u64 {
        self.0
    }

    /// Whole milliseconds of audio since the session began.
    pub const fn as_millis(self) -> u64 {
        self.0 * 1_000 / Self::RATE
    }

    /// The position `ms` milliseconds earlier, not before the start.
    #[must_use]
    pub const fn back(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms * Self::RATE / 1_000))
    }
}

impl Add<u64> for AudioPos {
    type Output = Self;

    /// Moves `samples` samples (at 16 kHz) ahead.
    fn add(self, samples: u64) -> Self {
        Self(self.0 + samples)
    }
}

impl Sub for AudioPos {
    type Output = u64;

    /// Samples (at 16 kHz) from `rhs` to `self`; zero if `rhs` is later.
    fn sub(self, rhs: Self) -> u64 {
        self.0.saturating_sub(rhs.0)
    }
}
