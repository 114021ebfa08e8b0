//! Chat models of Amazon Bedrock, by `ConverseStream`.
//!
//! What the SDK leaves to its user is here: limits between events (it waits for a stalled stream for ever) and the check
//! that an answer ended (it takes one that was cut between two frames for a whole one).

mod client;
mod codec;
mod config;
mod warm;

pub use client::Bedrock;
pub use config::{Cache, Config, Guardrail, GuardrailMode, Latency, ServiceTier};
