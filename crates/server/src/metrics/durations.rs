//! Durations in buckets, as a page of metrics shows them.

use bedside_engine::HistogramSnapshot;

/// How many durations fell into each bucket.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Durations {
    /// Upper bound in seconds (inclusive; the last is infinite) and how many fell at or below it and above the one
    /// before.
    pub buckets: Vec<(f64, u64)>,
    /// Sum of all, seconds.
    pub sum_s: f64,
}

impl Durations {
    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

impl From<HistogramSnapshot> for Durations {
    fn from(snapshot: HistogramSnapshot) -> Self {
        let seconds = |us: u64| us as f64 / 1e6;
        let buckets = snapshot.buckets.iter();
        Self {
            buckets: buckets
                .map(|&(bound, count)| (bound.map_or(f64::INFINITY, seconds), count))
                .collect(),
            sum_s: seconds(snapshot.sum_us),
        }
    }
}
