//! The server's process, which is sometimes not running: a starved machine, a suspended one, a long page fault.

use std::time::Duration;

use bedside_conversation::time::Time;

use crate::rng::{Rng, Stream};
use crate::scenario::Spells;

/// Whether the process runs.
#[derive(Debug)]
pub struct Process {
    freezes: Spells,
    rng: Rng,
    frozen: bool,
}

impl Process {
    /// A running process.
    pub fn new(freezes: Spells, seed: u64) -> Self {
        Self {
            freezes,
            rng: Rng::new(seed, Stream::Process),
            frozen: false,
        }
    }

    /// When it freezes next, after `now`.
    pub fn next_freeze(&mut self, now: Time) -> Option<Time> {
        let every = self.freezes.every_ms.clone()?;
        Some(now + self.rng.millis(every))
    }

    /// It stops; returns for how long.
    pub fn freeze(&mut self) -> Duration {
        self.frozen = true;
        self.rng.millis(self.freezes.length_ms.clone())
    }

    /// It runs again.
    pub fn thaw(&mut self) {
        self.frozen = false;
    }

    /// Whether it does nothing.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }
}
