//! Why a session may not begin, and when to try again.

use std::time::Duration;

/// Why a session may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The node holds as many sessions as it can serve well.
    #[error("the server is at capacity")]
    AtCapacity {
        /// What there is too little of.
        lacks: Reason,
        /// When to try again.
        retry_after: Duration,
    },
    /// An operator stopped admission for the time being.
    #[error("the server takes no new sessions at present")]
    Closed,
    /// The node is shutting down.
    #[error("the server is shutting down")]
    Draining,
}

/// Why sessions are refused, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// As many sessions as the settings allow.
    Sessions,
    /// Too little processor time.
    Processor,
    /// Too little time of the threads that run models.
    Models,
    /// Too little memory.
    Memory,
    /// The node is late.
    Late,
    /// An operator closed the door.
    Closed,
    /// The node is shutting down.
    Draining,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Sessions,
        Self::Processor,
        Self::Models,
        Self::Memory,
        Self::Late,
        Self::Closed,
        Self::Draining,
    ];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Processor => "processor",
            Self::Models => "models",
            Self::Memory => "memory",
            Self::Late => "late",
            Self::Closed => "closed",
            Self::Draining => "draining",
        }
    }
}

impl Refusal {
    /// When the client should try again.
    pub const fn retry_after(self) -> Duration {
        match self {
            Self::AtCapacity { retry_after, .. } => retry_after,
            Self::Closed => Duration::from_secs(5),
            Self::Draining => Duration::from_secs(1),
        }
    }

    /// What it is counted as.
    pub const fn reason(self) -> Reason {
        match self {
            Self::AtCapacity { lacks, .. } => lacks,
            Self::Closed => Reason::Closed,
            Self::Draining => Reason::Draining,
        }
    }
}

/// A full node asks its clients to come back after this at the earliest …
const SOONEST: Duration = Duration::from_secs(5);

/// … and a late one after this many times the strain, but not after more than this.
const LATEST: Duration = Duration::from_secs(60);

/// The golden ratio's fraction: its multiples, modulo 1, are spread evenly however many there are.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// When refused clients are to come back: not all at once, or they would be refused together again.
#[derive(Debug, Default)]
pub(crate) struct Returns {
    refused: u64,
}

impl Returns {
    /// The next refused client's time, for a node under `strain`: between the base and twice the base.
    pub(crate) fn next(&mut self, strain: f64) -> Duration {
        let base = SOONEST.mul_f64(strain.clamp(1.0, 1_000.0)).min(LATEST);
        let part = (self.refused as f64 * GOLDEN).fract();
        self.refused += 1;
        base.mul_f64(1.0 + part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_clients_come_back_spread_over_time_and_later_the_later_the_node_is() {
        let mut returns = Returns::default();
        let mut seconds = [0; 6];
        for _ in 0..600 {
            let wait = returns.next(0.0).as_secs_f64();
            seconds[(wait - 5.0) as usize] += 1;
        }
        assert!(
            seconds[..5].iter().all(|count| (110..=130).contains(count)),
            "{seconds:?}"
        );
        let waits: Vec<_> = [1.0, 3.0, 1e9]
            .into_iter()
            .map(|strain| returns.next(strain))
            .collect();
        assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
        assert!(waits[2] <= 2 * LATEST);
    }
}
