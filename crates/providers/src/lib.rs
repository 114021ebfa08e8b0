//! Whoever does the work: the traits a session is served through, and their adapters.
//!
//! An adapter turns a vendor's (or a local model's) stream into the core's events, and every fault into
//! [`StageFault`]. It decides nothing else.

pub mod traits;
