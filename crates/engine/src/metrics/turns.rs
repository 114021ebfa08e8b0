//! How long patients waited for answers, over the last minutes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bedside_protocol::TurnMetrics;
use tokio::time::Instant;

use super::distribution::Distribution;
use super::steps::Steps;

/// Turns are told apart by when they ended, to this.
pub const STEP: Duration = Duration::from_secs(5);

/// How far back turns are looked at.
pub const WINDOW: Duration = Duration::from_secs(300);

/// [`WINDOW`] in steps.
const WINDOW_STEPS: u64 = WINDOW.as_secs() / STEP.as_secs();

/// Where the time of one answer went, in milliseconds from the patient's last voiced sample to our first audible one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnTimes {
    /// All of it.
    pub voice_to_voice: f64,
    /// The deliberate wait for the patient to go on.
    pub wait: f64,
    /// Models on the path of the answer.
    pub models: f64,
    /// The rest.
    pub engine: f64,
}

impl TurnTimes {
    /// The times of an answer that was heard.
    pub(crate) fn of(metrics: &TurnMetrics) -> Option<Self> {
        Some(Self {
            voice_to_voice: metrics.voice_to_voice?,
            wait: metrics.wait_ms?,
            models: metrics.models_ms?,
            engine: metrics.engine_ms?,
        })
    }
}

/// What half, nineteen in twenty and all but one in a hundred did not exceed, ms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// Nineteen in twenty.
    pub p95: f64,
    /// Ninety-nine in a hundred.
    pub p99: f64,
}

/// The turns of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TurnSummary {
    /// Answers to patients, heard or not.
    pub count: u64,
    /// Of those that were heard; `None` if none was, as are all below.
    pub voice_to_voice: Option<Percentiles>,
    /// The deliberate wait.
    pub wait: Option<Percentiles>,
    /// Models.
    pub models: Option<Percentiles>,
    /// The rest.
    pub engine: Option<Percentiles>,
}

/// The turns of all sessions over the last minutes: some 130 kB, however many there are.
#[derive(Debug)]
pub(super) struct Turns {
    began: Instant,
    steps: Mutex<Steps<Step>>,
}

#[derive(Debug, Clone, Default)]
struct Step {
    count: u64,
    voice_to_voice: Distribution,
    wait: Distribution,
    models: Distribution,
    engine: Distribution,
}

impl Turns {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            steps: Mutex::new(Steps::new(WINDOW_STEPS as usize)),
        }
    }

    /// Counts an answer; `times` are those of one that was heard.
    pub(super) fn record(&self, now: Instant, times: Option<TurnTimes>) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let step = steps.at(self.step(now));
        step.count += 1;
        if let Some(times) = times {
            step.voice_to_voice.record(times.voice_to_voice);
            step.wait.record(times.wait);
            step.models.record(times.models);
            step.engine.record(times.engine);
        }
    }

    /// The turns of the window before `now`.
    pub(super) fn recent(&self, now: Instant) -> TurnSummary {
        let last = self.step(now);
        self.summary(last.saturating_sub(WINDOW_STEPS), last)
    }

    /// The turns of these steps.
    pub(super) fn summary(&self, first: u64, last: u64) -> TurnSummary {
        let mut sum = Step::default();
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        for step in steps.within(first, last) {
            sum.count += step.count;
            sum.voice_to_voice.merge(&step.voice_to_voice);
            sum.wait.merge(&step.wait);
            sum.models.merge(&step.models);
            sum.engine.merge(&step.engine);
        }
        drop(steps);
        TurnSummary {
            count: sum.count,
            voice_to_voice: percentiles(&sum.voice_to_voice),
            wait: percentiles(&sum.wait),
            models: percentiles(&sum.models),
            engine: percentiles(&sum.engine),
        }
    }

    /// Number of the step that runs at `now`.
    pub(super) fn step(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs() / STEP.as_secs()
    }

    /// When a step begins.
    pub(super) fn begins(&self, step: u64) -> Instant {
        self.began + Duration::from_secs(step * STEP.as_secs())
    }
}

fn percentiles(distribution: &Distribution) -> Option<Percentiles> {
    Some(Percentiles {
        p50: distribution.quantile(0.50)?,
        p95: distribution.quantile(0.95)?,
        p99: distribution.quantile(0.99)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(voice_to_voice: f64) -> TurnTimes {
        TurnTimes {
            voice_to_voice,
            wait: 200.0,
            models: voice_to_voice - 203.0,
            engine: 3.0,
        }
    }

    #[test]
    fn a_window_forgets_and_a_step_can_be_told_alone() {
        let began = Instant::now();
        let turns = Turns::new(began);
        let after = |secs| began + Duration::from_secs(secs);
        turns.record(after(1), Some(times(500.0)));
        turns.record(after(2), None);
        turns.record(after(7), Some(times(900.0)));
        assert_eq!((turns.step(after(4)), turns.begins(1)), (0, after(5)));
        let first = turns.summary(0, 0);
        assert_eq!(first.count, 2);
        assert_eq!(first.voice_to_voice.map(|v| (v.p50, v.p99)), Some((500.0, 500.0)));
        let all = turns.recent(after(300));
        assert_eq!((all.count, all.wait.map(|w| w.p95)), (3, Some(200.0)));
        assert_eq!(turns.recent(after(306)).count, 1);
        assert_eq!(turns.recent(after(400)), TurnSummary::default());
    }
}
