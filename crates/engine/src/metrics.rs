//! Figures of the engine: counters and a histogram, cheap to bump and readable as a snapshot. No patient data.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Sessions begun.
    SessionsOpened,
    /// Sessions ended, for whatever reason.
    SessionsClosed,
    /// Connections lost whose sessions were kept.
    ConnectionsLost,
    /// Clients that came back to their session.
    SessionsResumed,
    /// Sessions refused at admission.
    SessionsRefused,
    /// Turns of a session's loop that used up their work budget.
    BudgetExceeded,
    /// Milliseconds of patient audio dropped because a consumer did not keep up.
    AudioDroppedMs,
    /// Milliseconds of patient audio lost on the way and replaced by concealment or silence.
    AudioConcealedMs,
    /// Milliseconds of patient audio lost on the way, too long to conceal.
    AudioLostMs,
    /// Client messages answered with an error.
    ClientMistakes,
    /// Sessions closed because the client did not read.
    SlowClients,
    /// Sessions closed because the client sent nothing.
    IdleClients,
    /// Faults of speech detection.
    DetectionFaults,
    /// Faults of the end-of-turn model.
    JudgeFaults,
    /// Faults of the transcriber.
    TranscriptionFaults,
    /// Faults of the chat model.
    ModelFaults,
    /// Faults of the synthesiser.
    SynthesisFaults,
    /// Scans of vital signs begun.
    Scans,
    /// Faults of the provider of vital signs, each the end of a scan.
    ScanFaults,
    /// Pictures received for a scan.
    FramesReceived,
    /// Of these, dropped because the scan did not keep up.
    FramesDropped,
    /// Of these, damaged.
    FramesUnreadable,
}

impl Counter {
    /// All counters, in the order of [`Snapshot::counters`].
    pub const ALL: [Self; 22] = [
        Self::SessionsOpened,
        Self::SessionsClosed,
        Self::ConnectionsLost,
        Self::SessionsResumed,
        Self::SessionsRefused,
        Self::BudgetExceeded,
        Self::AudioDroppedMs,
        Self::AudioConcealedMs,
        Self::AudioLostMs,
        Self::ClientMistakes,
        Self::SlowClients,
        Self::IdleClients,
        Self::DetectionFaults,
        Self::JudgeFaults,
        Self::TranscriptionFaults,
        Self::ModelFaults,
        Self::SynthesisFaults,
        Self::Scans,
        Self::ScanFaults,
        Self::FramesReceived,
        Self::FramesDropped,
        Self::FramesUnreadable,
    ];
}

/// The engine's figures, shared by all its sessions.
#[derive(Debug, Default)]
pub struct Metrics {
    counters: [AtomicU64; Counter::ALL.len()],
    loop_time: Histogram,
}

impl Metrics {
    /// Adds `amount` to a counter.
    pub fn add(&self, counter: Counter, amount: u64) {
        self.counters[counter as usize].fetch_add(amount, Ordering::Relaxed);
    }

    /// The value of a counter.
    pub fn get(&self, counter: Counter) -> u64 {
        self.counters[counter as usize].load(Ordering::Relaxed)
    }

    /// Records how long one turn of a session's loop worked.
    pub(crate) fn record_turn(&self, worked: Duration) {
        self.loop_time.record(worked);
    }

    /// All figures as they are now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            counters: Counter::ALL.map(|counter| (counter, self.get(counter))),
            loop_time: self.loop_time.snapshot(),
        }
    }
}

/// The figures at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Every counter and its value.
    pub counters: [(Counter, u64); Counter::ALL.len()],
    /// How long turns of the session loop worked, waiting excluded.
    pub loop_time: HistogramSnapshot,
}

/// Upper bounds of the histogram's buckets, in microseconds; the last bucket has none.
const BOUNDS_US: [u64; 11] = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000, 100_000];

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    fn record(&self, value: Duration) {
        let us = value.as_micros() as u64;
        let bucket = BOUNDS_US.partition_point(|&bound| bound < us);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    fn snapshot(&self) -> HistogramSnapshot {
        HistogramSnapshot {
            buckets: std::array::from_fn(|index| {
                (
                    BOUNDS_US.get(index).copied(),
                    self.buckets[index].load(Ordering::Relaxed),
                )
            }),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramSnapshot {
    /// Upper bound in microseconds (inclusive; `None` = no bound) and number of values in each bucket.
    pub buckets: [(Option<u64>, u64); BOUNDS_US.len() + 1],
    /// Sum of all values in microseconds.
    pub sum_us: u64,
}

impl HistogramSnapshot {
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|&(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_land_in_the_bucket_whose_bound_they_do_not_exceed() {
        let metrics = Metrics::default();
        for us in [10, 11, 150_000] {
            metrics.record_turn(Duration::from_micros(us));
        }
        let seen = metrics.snapshot().loop_time;
        assert_eq!(seen.buckets[0], (Some(10), 1));
        assert_eq!(seen.buckets[1], (Some(20), 1));
        assert_eq!(seen.buckets[11], (None, 1));
        assert_eq!((seen.count(), seen.sum_us), (3, 150_021));
    }

    #[test]
    fn every_counter_has_its_own_place() {
        let metrics = Metrics::default();
        for (index, counter) in Counter::ALL.into_iter().enumerate() {
            metrics.add(counter, index as u64);
        }
        for (index, (counter, value)) in metrics.snapshot().counters.into_iter().enumerate() {
            assert_eq!((counter as usize, value), (index, index as u64));
        }
    }
}
