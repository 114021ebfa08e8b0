//! One cell of the table.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::FAULTS;
use super::scan;
use super::site::Site;
use super::subject::{SUBJECTS, Stage, Subject};
use super::talk;

/// When a vendor begins to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Nobody speaks.
    Idle,
    /// The patient speaks.
    Speaking,
    /// The answer is being spoken.
    Answering,
}

/// All moments, in the order of a turn.
pub(crate) const MOMENTS: [Moment; 3] = [Moment::Idle, Moment::Speaking, Moment::Answering];

impl Moment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Speaking => "speaking",
            Self::Answering => "mid-answer",
        }
    }
}

/// A vendor, what it does, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) subject: Subject,
    pub(crate) fault: &'static str,
    pub(crate) moment: Moment,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.subject.vendor, self.fault, self.moment.name())
    }
}

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The longest silence of the vendor's making.
    pub(crate) silence: Duration,
    /// Whether the breaker was seen open.
    pub(crate) opened: bool,
    /// What should not have happened.
    pub(crate) violations: Vec<String>,
}

impl Outcome {
    pub(crate) fn violated(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// Notes a violation unless it `holds`.
    pub(crate) fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.violations.push(what());
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.silence.as_secs_f64())?;
        write!(f, "{}", if self.opened { "" } else { " (borne)" })?;
        if !self.violations.is_empty() {
            write!(f, " **{}**", self.violations.join("; "))?;
        }
        Ok(())
    }
}

impl Cell {
    /// Whether it is the one moment of its vendor and fault that is tried where not all of them are: they take turns.
    pub(crate) fn is_sample(&self) -> bool {
        let vendor = SUBJECTS
            .iter()
            .position(|other| other.vendor == self.subject.vendor);
        let fault = FAULTS.iter().position(|other| *other == self.fault);
        let turn = vendor.unwrap_or_default() + fault.unwrap_or_default();
        MOMENTS[turn % MOMENTS.len()] == self.moment
    }

    /// Runs the cell; a session that is lost on the way is a violation like any other.
    pub(crate) async fn run(self, site: &Arc<Site>) -> Outcome {
        let here = Arc::clone(site);
        let running = tokio::spawn(async move {
            match self.subject.stage {
                Stage::Vitals => scan::run(&self, &here).await,
                Stage::Transcription | Stage::Model | Stage::Synthesis => talk::run(&self, &here).await,
            }
        });
        let mut outcome = running.await.unwrap_or_else(|error| {
            let mut lost = Outcome::default();
            lost.violated(format!("the session was lost: {error}"));
            lost
        });
        site.emulators.heal().await;
        if !site.was_struck(&self).await {
            outcome.violated("the fault never struck");
        }
        outcome
    }
}
