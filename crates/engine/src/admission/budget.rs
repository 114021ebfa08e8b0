//! What a node has for its sessions.

use super::cost::{Coefficients, Cost};
use super::refusal::Reason;

/// The most that all sessions of a node together may take. `MAX` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Sessions at a time.
    pub sessions: usize,
    /// What they may take.
    pub cost: Cost,
}

/// How a node counts, and up to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// The most that all sessions may take.
    pub budget: Budget,
    /// What each takes.
    pub coefficients: Coefficients,
}

/// How much of a node is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// The most that sessions may take.
    pub budget: Budget,
    /// Live sessions.
    pub sessions: usize,
    /// What they are counted for. May be above the budget when sessions went over to this machine's models.
    pub used: Cost,
    /// How late the node was at the last look, in parts of what may be: above 1, it is late.
    pub strain: f64,
    /// Whether newcomers are refused because of that.
    pub late: bool,
}

impl Budget {
    /// No limit at all.
    pub const UNLIMITED: Self = Self {
        sessions: usize::MAX,
        cost: Cost {
            processor_us: u64::MAX,
            models_us: u64::MAX,
            memory: u64::MAX,
        },
    };

    /// What there would be too little of after one more session of `cost`.
    pub(super) fn lacks(&self, sessions: usize, used: Cost, cost: Cost) -> Option<Reason> {
        let after = used + cost;
        if sessions >= self.sessions {
            Some(Reason::Sessions)
        } else if after.models_us > self.cost.models_us && cost.models_us > 0 {
            Some(Reason::Models)
        } else if after.processor_us > self.cost.processor_us {
            Some(Reason::Processor)
        } else if after.memory > self.cost.memory {
            Some(Reason::Memory)
        } else {
            None
        }
    }
}

impl From<usize> for Capacity {
    /// So many sessions, whatever they take.
    fn from(sessions: usize) -> Self {
        Self {
            budget: Budget {
                sessions,
                ..Budget::UNLIMITED
            },
            coefficients: Coefficients::default(),
        }
    }
}

impl Load {
    /// How many more sessions of `cost` there is room for.
    pub fn room(&self, cost: Cost) -> usize {
        let fit = |limit: u64, used: u64, each: u64| match each {
            0 => usize::MAX,
            _ if limit == u64::MAX => usize::MAX,
            each => usize::try_from(limit.saturating_sub(used) / each).unwrap_or(usize::MAX),
        };
        let limit = self.budget.cost;
        self.budget
            .sessions
            .saturating_sub(self.sessions)
            .min(fit(limit.models_us, self.used.models_us, cost.models_us))
            .min(fit(limit.processor_us, self.used.processor_us, cost.processor_us))
            .min(fit(limit.memory, self.used.memory, cost.memory))
    }
}
