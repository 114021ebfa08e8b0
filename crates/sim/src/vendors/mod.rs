//! Stand-ins for everyone the core waits for. Each may be quick, slow, broken or dead, and may go on talking after it
//! was told to stop.

pub mod bills;
pub mod judge;
pub mod model;
pub mod scanner;
pub mod synthesizer;
pub mod tools;
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
    /// The first provider of the chain always fails, and is found out by the chain's deadline.
    pub first_fails: bool,
}

impl VendorManners {
    /// Never fails, and stops when told to.
    pub fn reliable(latency_ms: RangeInclusive<u64>) -> Self {
        Self {
            latency_ms,
            stall: 0.0,
            fault: 0.0,
            late: 0.0,
            first_fails: false,
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

fn fault(provider: &'static str, kind: FaultKind) -> StageFault {
    StageFault { provider, kind }
}

/// The name under which a simulated vendor appears where it is the only one.
pub const PROVIDER: &str = "simulated";

/// The chain of a stage that hands over.
const CHAIN: [&str; 3] = ["first", "second", "third"];

/// Who serves: the first that is not to be avoided, else the last.
fn choose(avoid: &[&'static str]) -> &'static str {
    let wanted = CHAIN.iter().find(|name| !avoid.contains(name));
    wanted.unwrap_or(&CHAIN[2])
}
