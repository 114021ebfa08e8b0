//! How much a client may still ask.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RateLimit {
    /// What is limited.
    pub name: RateLimitName,
    /// The most allowed.
    pub limit: u64,
    /// How much is left.
    pub remaining: u64,
    /// Until it is full again, s.
    pub reset_seconds: f64,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitName {
    /// Responses.
    Requests,
    /// Tokens.
    Tokens,
}
