//! Stand-ins for everyone the core waits for. Each may be quick, slow, broken or dead, and may go on talking after it
//! was told to stop.

pub mod judge;
pub mod model;
pub mod scanner;
pub mod synthesizer;
pub mod transcriber;

use std::ops::RangeInclusive;

use bedside_conversation::io::{FaultKind, Input, StageFault};
use bedside_conversation::time::Time;

use crate::rng::Rng;

/// An answer on its way: when it arrives, and what it says.
pub type Delivery = (Time, Input);

/// How a vendor serves its calls.
#[derive(Debug, Clone)]
pub struct VendorManners {
    /// Time to the first answer, in milliseconds.
    pub latency_ms: RangeInclusive<u64>,
    /// Probability that a call is never answered, or not to its end.
    pub stall: f64,
    /// Probability that a call ends in a fault.
    pub fault: f64,
    /// Probability that a cancelled call goes on answering.
    pub late: f64,
}

impl VendorManners {
    /// Never fails, and stops when told to.
    pub fn reliable(latency_ms: RangeInclusive<u64>) -> Self {
        Self {
            latency_ms,
            stall: 0.0,
            fault: 0.0,
            late: 0.0,
        }
    }

    fn fate(&self, rng: &mut Rng) -> Fate {
        if rng.chance(self.stall) {
            Fate::Stalls
        } else if rng.chance(self.fault) {
            Fate::Fails(*rng.pick(&FAULTS))
        } else {
            Fate::Serves
        }
    }
}

const FAULTS: [FaultKind; 5] = [
    FaultKind::Timeout,
    FaultKind::Disconnected,
    FaultKind::Refused,
    FaultKind::Overloaded,
    FaultKind::Internal,
];

/// How one call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Serves,
    Stalls,
    Fails(FaultKind),
}

fn fault(kind: FaultKind) -> StageFault {
    StageFault {
        provider: PROVIDER,
        kind,
    }
}

/// The name under which every simulated vendor appears.
pub const PROVIDER: &str = "simulated";
