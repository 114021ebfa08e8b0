//! The load generator: many patients at once against any server of the Realtime protocol, and what they saw.
//!
//! Load is open-loop: when a session starts and when a patient speaks is fixed in advance, and every time is measured
//! from when something was due, so that a server that stalls cannot slow down the questions it is asked. This crate has
//! a protocol client of its own and must never know the engine: what it measures is what any client would see.
//!
//! ```
//! use bedside_load::figures::{Figure, FigureName};
//!
//! assert_eq!(FigureName::RoundTrip.unit(), "ms");
//! assert!(Figure::default().is_empty());
//! ```

pub mod capacity;
pub mod figures;
pub mod report;

mod chance;
mod error;
mod lateness;
mod material;
mod pacer;
mod patient;
mod run;
mod scenario;
mod server_use;
mod session;
mod tally;
mod target;
mod wire;
mod worker;

pub use error::LoadError;
pub use material::{Clip, Material};
pub use run::{Plan, run};
pub use scenario::{
    Arrival, Comparison, Echo, Kinds, Measure, Media, Objective, Scan, Scenario, Statistic, TurnDetection,
    Voice,
};
pub use target::Target;
