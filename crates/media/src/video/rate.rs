//! How often a recording has a frame.

use std::num::NonZeroU32;

/// Frames per second as a ratio, as streams state it: 30000/1001 is television's 29.97.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    frames: NonZeroU32,
    seconds: NonZeroU32,
}

impl FrameRate {
    /// `frames` in `seconds`; `None` if either is 0.
    pub const fn new(frames: u32, seconds: u32) -> Option<Self> {
        match (NonZeroU32::new(frames), NonZeroU32::new(seconds)) {
            (Some(frames), Some(seconds)) => Some(Self { frames, seconds }),
            _ => None,
        }
    }

    /// When frame `index` was captured, in microseconds after frame 0; rounded down.
    pub fn time_us(self, index: u64) -> u64 {
        let exact =
            u128::from(index) * 1_000_000 * u128::from(self.seconds.get()) / u128::from(self.frames.get());
        u64::try_from(exact).unwrap_or(u64::MAX)
    }

    /// Frames per second.
    pub fn hz(self) -> f64 {
        f64::from(self.frames.get()) / f64::from(self.seconds.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_do_not_drift() {
        let rate = FrameRate::new(30_000, 1_001).unwrap();
        assert_eq!(rate.time_us(0), 0);
        assert_eq!(rate.time_us(1), 33_366);
        assert_eq!(rate.time_us(30_000 * 3_600), 1_001 * 3_600 * 1_000_000);
        assert_eq!(FrameRate::new(1, u32::MAX).unwrap().time_us(u64::MAX), u64::MAX);
        assert_eq!(FrameRate::new(0, 1), None);
    }
}
