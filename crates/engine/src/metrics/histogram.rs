//! Durations counted in buckets without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Durations counted in fixed buckets.
#[derive(Debug)]
pub(super) struct Histogram {
    bounds_us: &'static [u64],
    buckets: Box<[AtomicU64]>,
    sum_us: AtomicU64,
}

impl Histogram {
    /// Nothing counted yet. `bounds_us` are the upper bounds of the buckets in microseconds, ascending; one further
    /// bucket has none.
    pub(super) fn new(bounds_us: &'static [u64]) -> Self {
        Self {
            bounds_us,
            buckets: (0..=bounds_us.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_us: AtomicU64::new(0),
        }
    }

    pub(super) fn record(&self, value: Duration) {
        let us = value.as_micros() as u64;
        let bucket = self.bounds_us.partition_point(|&bound| bound < us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> HistogramSnapshot {
        let bounds = self.bounds_us.iter().copied().map(Some).chain([None]);
        let counts = self.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        HistogramSnapshot {
            buckets: bounds.zip(counts).collect(),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramSnapshot {
    /// Upper bound in microseconds (inclusive; `None` = no bound) and number of values in each bucket.
    pub buckets: Vec<(Option<u64>, u64)>,
    /// Sum of all values in microseconds.
    pub sum_us: u64,
}

impl HistogramSnapshot {
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|&(_, count)| count).sum()
    }
}
