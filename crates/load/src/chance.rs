//! Chance, the same for the same seed.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// One stream of chance.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream numbered `stream` of a seed: sessions draw from their own, so that one more changes no other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut inner = ChaCha8Rng::seed_from_u64(seed);
        inner.set_stream(stream);
        Self(inner)
    }

    /// From 0 up to 1, evenly.
    pub(crate) fn share(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// True as often as this.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// An index below `count`, evenly; 0 if there are none.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    /// Evenly from zero up to `most`.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.share())
    }

    /// Exponential with this mean: the time to the next of events that know nothing of one another.
    pub(crate) fn waiting(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.share()).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let draw = |stream| Chance::new(7, stream).share().to_bits();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn waiting_times_have_their_mean() {
        let mut chance = Chance::new(1, 0);
        let total: Duration = (0..10_000)
            .map(|_| chance.waiting(Duration::from_millis(200)))
            .sum();
        let mean = total.as_secs_f64() / 10_000.0;
        assert!((0.19..0.21).contains(&mean), "{mean}");
    }
}
