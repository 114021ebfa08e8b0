//! Google's Gemini models, by their streamed `generateContent`.

mod client;
mod codec;
mod request;

use serde::Deserialize;

pub use client::Gemini;

/// Which model, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address before the version of the interface.
    pub url: String,
    /// Version of the interface, `v1` or `v1beta`.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// At most this many tokens an answer, where the session asks for no fewer.
    pub max_output_tokens: u32,
    /// Randomness, 0 to 2; the model's own if absent.
    pub temperature: Option<f64>,
    /// Tokens a model of generation 2.5 may think before it answers, while the patient waits; others are not told.
    pub thinking_budget: u32,
    /// How much a later model may think (`minimal`, `low`, `high`); nothing is said of it if absent.
    pub thinking_level: Option<String>,
    /// Longest wait for a connection, ms.
    pub connect_timeout_ms: u64,
    /// Longest wait for the head of an answer, ms.
    pub open_timeout_ms: u64,
    /// Longest wait between two events of an answer, ms.
    pub event_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "https://generativelanguage.googleapis.com".into(),
            version: "v1beta".into(),
            model: "gemini-2.5-flash".into(),
            max_output_tokens: 400,
            temperature: None,
            thinking_budget: 0,
            thinking_level: None,
            connect_timeout_ms: 2_000,
            open_timeout_ms: 10_000,
            event_timeout_ms: 10_000,
        }
    }
}
