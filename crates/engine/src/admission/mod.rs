//! Who may enter: what a session costs, what the node has, and whether it is late already.
//!
//! Everything here is pure: time is an argument, and nothing is measured. Sessions are admitted by what they will take
//! as long as their processor time, their model time and their memory fit into the node's budget; that keeps a node from
//! being late. If it is late all the same (coefficients that are too low, a neighbour on the same machine), newcomers are
//! refused until it no longer is.

mod budget;
mod cost;
mod demand;
mod ledger;
mod pressure;
mod recent;
mod refusal;
mod strain;

pub use budget::{Budget, Capacity, Load};
pub use cost::{Coefficients, Cost};
pub use demand::{Demand, Place};
pub use recent::Recent;
pub use refusal::{Reason, Refusal};
pub use strain::{Lateness, Signal, strain};

pub(crate) use ledger::Ledger;
pub(crate) use pressure::Pressure;
pub(crate) use refusal::Returns;
