//! What must be true, computed from the outside: from what the core was given and what it gave, never from its state.

pub mod answers;
pub mod bills;
pub mod bridges;
pub mod delivery;
pub mod functions;
pub mod grammar;
pub mod heard;
pub mod ledger;
pub mod limits;
mod responses;
pub mod scans;
pub mod silence;
pub mod words;

use bedside_conversation::time::Time;

/// Something that must not happen, and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// When it was noticed.
    pub at: Time,
    /// The rule, in a word or two.
    pub rule: &'static str,
    /// What exactly.
    pub detail: String,
}

/// All violations of a run.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Enough to see the pattern; a broken rule is often broken again.
    const KEPT: usize = 20;

    /// Records one.
    pub fn add(&mut self, at: Time, rule: &'static str, detail: String) {
        if self.0.len() < Self::KEPT {
            self.0.push(Violation { at, rule, detail });
        }
    }

    /// Records one unless `ok`.
    pub fn check(&mut self, ok: bool, at: Time, rule: &'static str, detail: impl FnOnce() -> String) {
        if !ok {
            self.add(at, rule, detail());
        }
    }

    /// Those recorded, oldest first.
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }
}
