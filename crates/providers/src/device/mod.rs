//! Readers of the displays of medical devices: a computer-vision service, and chat models that see.

mod client;
mod codec;
mod vision;

use serde::Deserialize;

pub use client::{Access, HttpDeviceReader};
pub use vision::VisionDeviceReader;

/// Which service, and how long to try.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address that pictures are posted to.
    pub url: String,
    /// The service leaves out what it is less sure of, 0 to 1.
    pub confidence_threshold: f64,
    /// The header that takes the key: `authorization` for a bearer token, or one of the service's own.
    pub key_header: String,
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Pause before the second attempt, ms; doubled before each further one.
    pub backoff_ms: u64,
    /// Longest wait for a connection, ms.
    pub connect_timeout_ms: u64,
    /// Longest wait for the answer to one attempt, ms.
    pub attempt_timeout_ms: u64,
    /// Longest wait in all, ms.
    pub timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: String::new(),
            confidence_threshold: 0.5,
            key_header: "x-api-key".into(),
            attempts: 3,
            backoff_ms: 200,
            connect_timeout_ms: 2_000,
            attempt_timeout_ms: 3_000,
            timeout_ms: 8_000,
        }
    }
}
