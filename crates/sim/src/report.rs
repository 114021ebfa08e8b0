//! What came out of a run, and how a failure is told.

use std::fmt::{self, Display};

use crate::reference::Violation;
use crate::scenario::Scenario;
use crate::world::{Watch, World};

/// The result of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The seed that makes it happen again.
    pub seed: u64,
    /// Fingerprint of every output and its time.
    pub hash: u64,
    /// Responses that ended.
    pub answers: u32,
    /// Answers interrupted for good by the patient.
    pub interruptions: u32,
    /// Freezes in the middle of an answer, each followed by a judgement a second later.
    pub caught_up: u32,
    /// Scans that ended.
    pub scans: u32,
    /// Measurements the model asked for, and got an answer to.
    pub measurements: u32,
    /// Answers that another model went on with.
    pub continued: u32,
    /// Functions that the server ran.
    pub tools: u32,
    /// Silences that were bridged.
    pub fillers: u32,
    /// Lost connections after which the client came back.
    pub resumed: u32,
    /// What must not have happened.
    pub violations: Vec<Violation>,
    /// The readable trace, if it was wanted.
    pub trace: Vec<String>,
}

impl Report {
    /// Plays a scenario; on a violation plays it once more to have the trace.
    pub fn of(scenario: &Scenario) -> Self {
        let report = World::play(scenario, Watch::default());
        if report.violations.is_empty() {
            return report;
        }
        World::play(
            scenario,
            Watch {
                readable: true,
                ..Watch::default()
            },
        )
    }
}

impl Display for Report {
    /// The violations, and the trace up to the first of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for violation in &self.violations {
            let at = violation.at.as_micros() as f64 / 1_000.0;
            writeln!(
                f,
                "seed {}: {} at {at:.3} ms: {}",
                self.seed, violation.rule, violation.detail
            )?;
        }
        let end = self
            .violations
            .first()
            .map(|violation| violation.at.as_micros() as f64 / 1_000.0);
        let upto = self.trace.partition_point(|line| time_of(line) <= end);
        writeln!(f, "the trace up to there ('<' in, '>' out, '**' the process):")?;
        for line in &self.trace[upto.saturating_sub(LINES)..upto] {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// Lines of trace shown before a violation.
const LINES: usize = 120;

fn time_of(line: &str) -> Option<f64> {
    line.split_whitespace().next()?.parse().ok()
}
