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

    /// What was counted after `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = self.clone();
        for ((_, count), (_, before)) in since.buckets.iter_mut().zip(&earlier.buckets) {
            *count = count.saturating_sub(*before);
        }
        since.sum_us = since.sum_us.saturating_sub(earlier.sum_us);
        since
    }

    /// What the fraction `part` of all values did not exceed, as if values were spread evenly within each bucket. Of
    /// the bucket without a bound nothing more is known than where it begins.
    pub fn quantile(&self, part: f64) -> Duration {
        let wanted = part * self.count() as f64;
        let (mut below, mut from) = (0.0, 0.0);
        for &(bound, count) in &self.buckets {
            let to = bound.map_or(from, |bound| bound as f64);
            let count = count as f64;
            if count > 0.0 && below + count >= wanted {
                let us = from + (to - from) * ((wanted - below) / count).clamp(0.0, 1.0);
                return Duration::from_secs_f64(us / 1e6);
            }
            below += count;
            from = to;
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::super::LOOP_BOUNDS_US;
    use super::*;

    #[test]
    fn quantiles_are_those_of_what_was_counted_since() {
        let histogram = Histogram::new(&LOOP_BOUNDS_US);
        for _ in 0..1_000 {
            histogram.record(Duration::from_millis(300));
        }
        let before = histogram.snapshot();
        assert_eq!(before.quantile(0.95), Duration::from_millis(100));
        for us in [5, 5, 15, 15] {
            histogram.record(Duration::from_micros(us));
        }
        let since = histogram.snapshot().since(&before);
        assert_eq!(since.count(), 4);
        assert_eq!(since.quantile(0.5), Duration::from_micros(10));
        assert_eq!(since.quantile(0.75), Duration::from_micros(15));
        assert_eq!(since.since(&since).quantile(0.5), Duration::ZERO);
    }
}
