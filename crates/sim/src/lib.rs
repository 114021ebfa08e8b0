//! Whole consultations in virtual time: a patient, a client, a network, a process and vendors around the pure
//! conversation core, with a reference model that judges every step.
//!
//! Everything follows from one seed, so a failure is told by its seed and happens again. This crate must never know
//! a wall clock, a thread, a socket or the core's inner state: it sees what the core is given and what it gives.
//!
//! ```
//! use bedside_sim::{Report, Scenario};
//!
//! let report = Report::of(&Scenario::consultation(1));
//! assert!(report.violations.is_empty(), "{report}");
//! assert_eq!(report.hash, Report::of(&Scenario::consultation(1)).hash);
//! ```
//!
//! Where things are: `world` joins the parts; `patient`, `microphone`, `client`, `playback` and `settings` are the far
//! side and `camera` its eye, `network`, `connection` and `losses` the way, `process` the near side, `vendors` everyone the core waits
//! for; `reference` holds the invariants and `checks` applies them; `scenario` says how everyone behaves.

pub mod camera;
pub mod checks;
pub mod client;
pub mod clock;
pub mod connection;
mod happening;
pub mod losses;
pub mod microphone;
pub mod network;
pub mod patient;
pub mod playback;
pub mod process;
pub mod reference;
mod report;
pub mod rng;
pub mod scenario;
mod settings;
mod start;
pub mod trace;
pub mod vendors;
mod world;

pub use report::Report;
pub use scenario::Scenario;
pub use world::{Watch, World};
