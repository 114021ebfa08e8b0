//! How many sessions a server holds: the most with which a scenario's objectives are kept.

pub mod find;
pub mod judge;
pub mod limiting;
pub mod search;

use serde::{Deserialize, Serialize};

use crate::figures::Verdict;
use limiting::Limiting;
use search::{Ended, Outcome};

/// What a search for the capacity came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The most sessions with which the objectives were kept; 0 if they never were.
    pub sessions: u64,
    /// Whether a second run at that number kept them as well.
    pub confirmed: bool,
    /// Why the search ended. Only [`Ended::Resolved`] makes `sessions` the capacity; else it is a lower bound.
    pub ended: Ended,
    /// The least that were too many.
    pub broken: Option<Broken>,
    /// What there was not enough of.
    pub limiting: Option<Limiting>,
    /// Processor time of one session for one second when `sessions` were live, milliseconds.
    pub cpu_ms_per_session_second: Option<f64>,
    /// Resident memory each of them added, bytes.
    pub rss_per_session: Option<f64>,
    /// Every trial, in the order they were made.
    pub trials: Vec<Trial>,
}

/// The least number of sessions that broke an objective in two runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Broken {
    /// How many.
    pub sessions: u64,
    /// What did not hold, in words.
    pub objectives: Vec<String>,
}

/// One run of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// How many sessions it was asked for.
    pub sessions: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Most that were live at a time.
    pub most_at_once: u64,
    /// The objectives in it.
    pub objectives: Vec<Verdict>,
    /// What did not hold, in words; why it says nothing, if it is invalid.
    pub because: Vec<String>,
    /// The server's processor time while most sessions were live, in cores.
    pub server_cores: Option<f64>,
    /// The server's resident memory at its most, bytes.
    pub server_rss: Option<u64>,
}

impl Capacity {
    /// What it came to, in one line.
    pub fn headline(&self) -> String {
        let Self { sessions, ended, .. } = self;
        let sessions = match sessions {
            1 => "1 session".to_owned(),
            _ => format!("{sessions} sessions"),
        };
        match ended {
            Ended::Resolved => format!("Capacity: {sessions}"),
            Ended::GeneratorLimited { at } => {
                format!("Generator-limited at {at}: {sessions} or more, the capacity is unknown")
            }
            Ended::MostTried => format!("{sessions} or more: the most that was to be tried"),
            Ended::TrialsSpent => format!("{sessions} or more: out of trials before the capacity was found"),
        }
    }

    /// What to set the server to, in one sentence.
    pub fn advice(&self) -> String {
        match (self.sessions, self.ended) {
            (0, _) => {
                "This server does not keep the objectives for a single session of this scenario.".to_owned()
            }
            (sessions, Ended::Resolved) => {
                format!(
                    "To admit no more than that, write this into the server’s configuration: sessions = {sessions}"
                )
            }
            (sessions, _) => {
                format!("{sessions} sessions are safe; how many more would be is not known from this search.")
            }
        }
    }
}
