//! How long a provider takes until its first event.

use std::collections::VecDeque;
use std::time::Duration;

/// The newest count.
const REMEMBERED: usize = 128;

/// With fewer, the slowest in twenty is a guess.
const ENOUGH: usize = 20;

/// The latest latencies.
#[derive(Debug, Default)]
pub(super) struct Latencies(VecDeque<Duration>);

impl Latencies {
    pub(super) fn note(&mut self, latency: Duration) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(latency);
    }

    /// The latency that this share of uses (0 to 1) did not exceed; `None` before the first.
    pub(super) fn quantile(&self, share: f64) -> Option<Duration> {
        let mut sorted: Vec<_> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied()
    }

    /// What one in twenty exceeds, once enough is known to tell.
    pub(super) fn usual(&self) -> Option<Duration> {
        (self.0.len() >= ENOUGH).then(|| self.quantile(0.95)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_latest_uses() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.5), None);
        (1..=REMEMBERED as u64).for_each(|_| latencies.note(Duration::from_secs(9)));
        (1..=REMEMBERED as u64).for_each(|ms| latencies.note(Duration::from_millis(ms)));
        assert_eq!(latencies.quantile(0.5), Some(Duration::from_millis(64)));
        assert_eq!(latencies.quantile(0.95), Some(Duration::from_millis(122)));
        assert_eq!(latencies.quantile(1.0), Some(Duration::from_millis(128)));
    }

    #[test]
    fn nothing_is_usual_before_enough_is_known() {
        let mut latencies = Latencies::default();
        (1..ENOUGH).for_each(|_| latencies.note(Duration::from_millis(100)));
        assert_eq!(latencies.usual(), None);
        latencies.note(Duration::from_millis(100));
        assert_eq!(latencies.usual(), Some(Duration::from_millis(100)));
    }
}
