//! What is measured of each class.

use std::time::Duration;

/// Upper bounds of a histogram's buckets; one further bucket takes what lies above.
pub const BOUNDS: [Duration; 15] = {
    let mut bounds = [Duration::ZERO; 15];
    let mut i = 0;
    while i < bounds.len() {
        bounds[i] = Duration::from_micros(125 << i);
        i += 1;
    }
    bounds
};

/// Durations counted in fixed buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Histogram {
    /// How many fell at or below each of [`BOUNDS`] and above the one before; last, above them all.
    pub counts: [u64; BOUNDS.len() + 1],
    /// Sum of all.
    pub sum: Duration,
    /// The longest.
    pub max: Duration,
}

impl Histogram {
    pub(super) fn record(&mut self, value: Duration) {
        self.counts[BOUNDS.partition_point(|bound| *bound < value)] += 1;
        self.sum += value;
        self.max = self.max.max(value);
    }

    /// What was counted after `earlier`. The longest stays that of all.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut since = *self;
        for (count, before) in since.counts.iter_mut().zip(earlier.counts) {
            *count = count.saturating_sub(before);
        }
        since.sum = since.sum.saturating_sub(earlier.sum);
        since
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What all but `above` of them did not exceed, rounded up to a bucket's bound; zero if that is none of them.
    pub fn exceeded_by(&self, above: u64) -> Duration {
        let mut left = self.count();
        if left <= above {
            return Duration::ZERO;
        }
        for (count, bound) in self.counts.iter().zip(BOUNDS) {
            left -= count;
            if left <= above {
                return bound.min(self.max);
            }
        }
        self.max
    }
}

/// Counts and durations of one class since the scheduler was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassMetrics {
    /// Jobs waiting now.
    pub waiting: usize,
    /// Most jobs that ever waited.
    pub most_waiting: usize,
    /// Jobs run to their end.
    pub finished: u64,
    /// Of these, after their deadline.
    pub late: u64,
    /// Dropped because their deadline had passed.
    pub shed: u64,
    /// Dropped for newer ones when the queue was full.
    pub evicted: u64,
    /// Refused when the queue was full.
    pub refused: u64,
    /// Cancelled by those who submitted them.
    pub cancelled: u64,
    /// Jobs that panicked.
    pub panicked: u64,
    /// From submission to the first step, of jobs that ran to their end.
    pub wait: Histogram,
    /// Time in steps, of jobs that ran to their end.
    pub run: Histogram,
    /// From deadline to end, of jobs that were late.
    pub lateness: Histogram,
}

impl ClassMetrics {
    /// Jobs that never ran to their end, though those who submitted them still wanted that.
    pub fn dropped(&self) -> u64 {
        self.shed + self.evicted + self.refused
    }

    /// How many jobs ran to their end after `earlier`, and how late the latest of every twenty of them was at least, to a
    /// factor of two; zero if it was in time.
    pub fn lateness_since(&self, earlier: &Self) -> (u64, Duration) {
        let finished = self.finished.saturating_sub(earlier.finished);
        let lateness = self.lateness.since(&earlier.lateness);
        (finished, lateness.exceeded_by(finished / 20))
    }

    /// How late the latest of every twenty finished jobs was at least; zero if it was in time.
    pub fn lateness_p95(&self) -> Duration {
        self.lateness.exceeded_by(self.finished / 20)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_at_or_below_its_bound() {
        let mut histogram = Histogram::default();
        for value in [
            Duration::ZERO,
            BOUNDS[0],
            BOUNDS[0] + Duration::from_nanos(1),
            Duration::from_secs(60),
        ] {
            histogram.record(value);
        }
        assert_eq!(histogram.counts[..2], [2, 1]);
        assert_eq!(histogram.counts[BOUNDS.len()], 1);
        assert_eq!((histogram.count(), histogram.max), (4, Duration::from_secs(60)));
    }

    #[test]
    fn lateness_is_that_of_the_latest_in_twenty() {
        let late = |late: u32, ms| {
            let mut metrics = ClassMetrics {
                finished: 100,
                ..ClassMetrics::default()
            };
            (0..late).for_each(|_| metrics.lateness.record(Duration::from_millis(ms)));
            metrics.lateness_p95()
        };
        assert_eq!(late(0, 3), Duration::ZERO);
        assert_eq!(late(5, 3), Duration::ZERO);
        assert_eq!(late(6, 3), Duration::from_millis(3), "no more than the longest");
        assert_eq!(late(6, 60_000), Duration::from_secs(60));
    }

    #[test]
    fn lateness_of_the_past_does_not_count_for_the_present() {
        let mut metrics = ClassMetrics::default();
        let finish = |metrics: &mut ClassMetrics, jobs: u64, ms| {
            metrics.finished += jobs;
            (0..jobs).for_each(|_| metrics.lateness.record(Duration::from_millis(ms)));
        };
        finish(&mut metrics, 100, 4_000);
        let before = metrics;
        assert_eq!(metrics.lateness_since(&before), (0, Duration::ZERO));
        metrics.finished += 35;
        assert_eq!(metrics.lateness_since(&before), (35, Duration::ZERO));
        finish(&mut metrics, 5, 8);
        assert_eq!(metrics.lateness_since(&before), (40, Duration::from_millis(8)));
    }
}
