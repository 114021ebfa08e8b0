//! Chance, the same for the same seed.

use std::f64::consts::TAU;
use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Who draws. Each has a stream of its own, so that a disturbance turned on changes nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Heart,
    Breath,
    Motion,
    Speech,
    Light,
    Timing,
    Noise,
}

/// One stream of chance.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(stream as u64);
        Self(inner)
    }

    /// Evenly from the range.
    pub(crate) fn within(&mut self, range: Range<f64>) -> f64 {
        range.start + (range.end - range.start) * self.0.random::<f64>()
    }

    /// An angle, evenly.
    pub(crate) fn angle(&mut self) -> f64 {
        self.within(0.0..TAU)
    }

    /// An index below `count`, evenly.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    /// A normal number of mean 0 and deviation 1 (Box and Muller, 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.random::<f64>()).ln()).sqrt();
        radius * self.angle().cos()
    }
}
