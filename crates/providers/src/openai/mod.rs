//! Chat models behind the completions interface of OpenAI: the vendor itself, and the many servers that speak alike
//! (llama.cpp, vLLM, Ollama, gateways).

mod client;
pub(crate) mod codec;
pub(crate) mod request;
mod thinking;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use client::OpenAi;

/// Which server, which model, and how long to wait for them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address before `/chat/completions`.
    pub url: String,
    /// The model's name, as the server knows it.
    pub model: String,
    /// Whether it can be shown pictures.
    pub sees: bool,
    /// At most this many tokens an answer, where the session asks for no fewer.
    pub max_output_tokens: u32,
    /// The name under which the server takes that limit.
    pub token_limit: TokenLimit,
    /// Randomness, 0 to 2; the server's own if absent.
    pub temperature: Option<f64>,
    /// How much to think before answering (`minimal`, `low`, …); nothing is said of it if absent.
    pub reasoning_effort: Option<String>,
    /// Whether to ask for the tokens used. Servers that refuse the question are rare and old.
    pub usage: bool,
    /// Further fields of the request, as the server knows them.
    pub extra: Map<String, Value>,
    /// Longest wait for a connection, ms.
    pub connect_timeout_ms: u64,
    /// Longest wait for the head of an answer, ms.
    pub open_timeout_ms: u64,
    /// Longest wait between two events of an answer, ms.
    pub event_timeout_ms: u64,
}

/// What a server calls the limit of an answer's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimit {
    /// OpenAI's own name today.
    MaxCompletionTokens,
    /// The name most other servers know.
    MaxTokens,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "https://api.openai.com/v1".into(),
            model: "gpt-4.1-mini".into(),
            sees: true,
            max_output_tokens: 400,
            token_limit: TokenLimit::MaxCompletionTokens,
            temperature: None,
            reasoning_effort: None,
            usage: true,
            extra: Map::new(),
            connect_timeout_ms: 2_000,
            open_timeout_ms: 10_000,
            event_timeout_ms: 10_000,
        }
    }
}
