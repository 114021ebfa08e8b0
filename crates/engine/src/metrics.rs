//! Figures of the engine, cheap to note and readable at any time. No patient data.

mod counter;
mod distribution;
mod faults;
mod histogram;
mod latencies;
mod steps;
mod turns;
mod uses;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use bedside_conversation::service::ProviderUse;
use bedside_protocol::TurnMetrics;
use tokio::time::Instant;

pub use counter::Counter;
pub use faults::{FAILING_FROM, LastFault, RECENT, Stage, StageHealth};
pub use histogram::HistogramSnapshot;
pub use latencies::Latency;
pub use turns::{Percentiles, STEP, TurnSummary, TurnTimes, WINDOW};
pub use uses::Use;

use crate::admission::{Reason, Refusal};
use crate::clock::unix_millis;
use faults::Faults;
use histogram::Histogram;
use latencies::Latencies;
use turns::Turns;
use uses::Uses;

/// Upper bounds of the buckets for turns of a session's loop, microseconds.
const LOOP_BOUNDS_US: [u64; 11] = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 20_000, 100_000];

/// The engine's figures, shared by all its sessions.
#[derive(Debug)]
pub struct Metrics {
    counters: [AtomicU64; Counter::ALL.len()],
    loop_time: Histogram,
    alarm_lateness: Histogram,
    refusals: [AtomicU64; Reason::ALL.len()],
    turns: Turns,
    latencies: Latencies,
    failovers: [AtomicU64; Stage::ALL.len()],
    faults: [Faults; Stage::ALL.len()],
    uses: Uses,
}

impl Default for Metrics {
    fn default() -> Self {
        let began = Instant::now();
        Self {
            counters: Counter::ALL.map(|_| AtomicU64::new(0)),
            loop_time: Histogram::new(&LOOP_BOUNDS_US),
            alarm_lateness: Histogram::new(&LOOP_BOUNDS_US),
            refusals: Reason::ALL.map(|_| AtomicU64::new(0)),
            turns: Turns::new(began),
            latencies: Latencies::default(),
            failovers: Stage::ALL.map(|_| AtomicU64::new(0)),
            faults: Stage::ALL.map(|_| Faults::new(began)),
            uses: Uses::default(),
        }
    }
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

    /// Counts an answer to a patient.
    pub(crate) fn turn_ended(&self, metrics: &TurnMetrics) {
        self.add(Counter::Turns, 1);
        self.latencies.record(metrics);
        self.turns.record(Instant::now(), TurnTimes::of(metrics));
    }

    /// How long this took in all answers.
    pub fn latency(&self, latency: Latency) -> HistogramSnapshot {
        self.latencies.snapshot(latency)
    }

    /// Another provider took over.
    pub(crate) fn failed_over(&self, stage: Stage) {
        self.failovers[stage as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often another provider took over this stage.
    pub fn failovers(&self, stage: Stage) -> u64 {
        self.failovers[stage as usize].load(Ordering::Relaxed)
    }

    /// Records how late an alarm of a session's loop was.
    pub(crate) fn record_alarm(&self, late: Duration) {
        self.alarm_lateness.record(late);
    }

    /// How late alarms of the sessions' loops were.
    pub fn alarm_lateness(&self) -> HistogramSnapshot {
        self.alarm_lateness.snapshot()
    }

    /// Counts a session that was not let in.
    pub fn refused(&self, refusal: Refusal) {
        self.add(Counter::SessionsRefused, 1);
        self.refusals[refusal.reason() as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Sessions that were not let in, by why.
    pub fn refusals(&self) -> [(Reason, u64); Reason::ALL.len()] {
        Reason::ALL.map(|reason| (reason, self.refusals[reason as usize].load(Ordering::Relaxed)))
    }

    /// Answers of the last [`WINDOW`].
    pub fn turns(&self) -> TurnSummary {
        self.turns.recent(Instant::now())
    }

    /// Number of the [`STEP`] that runs; steps are counted from when the figures began.
    pub fn step(&self) -> u64 {
        self.turns.step(Instant::now())
    }

    /// When the step that runs is over.
    pub fn step_ends(&self) -> Instant {
        self.turns.begins(self.step() + 1)
    }

    /// Answers of a step within the last [`WINDOW`].
    pub fn turns_of(&self, step: u64) -> TurnSummary {
        self.turns.summary(step, step)
    }

    /// A stage failed, in any session.
    pub(crate) fn stage_failed(&self, stage: Stage, kind: FaultKind) {
        self.add(stage.counter(), 1);
        let at_ms = unix_millis().unwrap_or_default();
        self.faults[stage as usize].failed(Instant::now(), at_ms, kind);
    }

    /// A stage did what it should.
    pub(crate) fn stage_worked(&self, stage: Stage) {
        self.faults[stage as usize].worked();
    }

    /// How a stage does.
    pub fn health(&self, stage: Stage) -> StageHealth {
        self.faults[stage as usize].health(Instant::now(), self.get(stage.counter()))
    }

    /// Faults of a stage since the process began, by kind.
    pub fn faults(&self, stage: Stage) -> [(FaultKind, u64); FaultKind::ALL.len()] {
        self.faults[stage as usize].by_kind()
    }

    /// A provider did billable work, for any session.
    pub(crate) fn used(&self, used: &ProviderUse) {
        self.uses.add(used, unix_millis().unwrap_or_default());
    }

    /// What every provider was used for, and what that costs.
    pub fn uses(&self) -> Vec<Use> {
        self.uses.all(unix_millis().unwrap_or_default())
    }

    /// All counters and the loop's histogram as they are now.
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
