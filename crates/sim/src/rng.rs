//! Chance, the same on every run of a seed.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Who draws. Every part of the world has a stream of its own, so that one part's draws never shift another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stream {
    Scenario,
    Patient,
    Microphone,
    Client,
    Uplink,
    Downlink,
    Detector,
    Judge,
    Transcriber,
    Model,
    Synthesizer,
    Process,
    Connection,
    Camera,
    Scanner,
    Losses,
    Functions,
    Bills,
}

/// One stream of chance.
#[derive(Debug, Clone)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// The stream of `seed` for one part of the world.
    pub fn new(seed: u64, stream: Stream) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(stream as u64);
        Self(inner)
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.0.random_bool(p.clamp(0.0, 1.0))
    }

    /// A number in the range, evenly.
    pub fn between(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.random_range(range)
    }

    /// A fraction in the range, evenly.
    pub fn fraction(&mut self, range: RangeInclusive<f64>) -> f64 {
        self.0.random_range(range)
    }

    /// A duration of so many milliseconds, with microsecond resolution, so that ties of time are rare.
    pub fn millis(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_micros(self.between(range.start() * 1_000..=range.end() * 1_000))
    }

    /// One of `choices`, which must not be empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.between(0..=choices.len() as u64 - 1) as usize]
    }

    /// An index into `weights`, in proportion to them. Their sum must not be zero.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let total: u64 = weights.iter().sum();
        let mut left = self.between(0..=total - 1);
        weights
            .iter()
            .position(|&weight| {
                let hit = left < weight;
                left = left.saturating_sub(weight);
                hit
            })
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_stream_fix_every_draw() {
        let draws = |seed, stream| {
            let mut rng = Rng::new(seed, stream);
            (0..8).map(|_| rng.between(0..=u64::MAX - 1)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1, Stream::Model), draws(1, Stream::Model));
        assert_ne!(draws(1, Stream::Model), draws(2, Stream::Model));
        assert_ne!(draws(1, Stream::Model), draws(1, Stream::Patient));
    }

    #[test]
    fn a_weight_of_zero_is_never_drawn() {
        let mut rng = Rng::new(3, Stream::Scenario);
        assert!((0..1_000).all(|_| rng.weighted(&[0, 5, 0, 1]) % 2 == 1));
    }
}
