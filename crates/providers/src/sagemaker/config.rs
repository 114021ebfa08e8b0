use serde::Deserialize;
use serde_json::{Map, Value};

/// Which endpoint answers, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The endpoint's name.
    pub endpoint: String,
    /// What its container writes.
    pub decoder: Format,
    /// The model's name, where the container wants one.
    pub model: Option<String>,
    /// One of several models of the endpoint.
    pub inference_component: Option<String>,
    /// One of several variants of the endpoint; SageMaker chooses if not set.
    pub target_variant: Option<String>,
    /// Another region than that of the other services.
    pub region: Option<String>,
    /// Another address, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// At most this many tokens an answer.
    pub max_tokens: u32,
    /// Randomness, 0 to 2; the container's own if not set.
    pub temperature: Option<f64>,
    /// Whether the model can be shown pictures (with `openai_sse`).
    pub sees: bool,
    /// Further fields of the request, as the container knows them.
    pub extra: Map<String, Value>,
    /// At most this long to connect, ms.
    pub connect_ms: u64,
    /// At most this long from the request to the first words, ms. A backstop: whoever asks has shorter limits.
    pub first_ms: u64,
    /// At most this long between two parts, ms.
    pub next_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            decoder: Format::OpenaiSse,
            model: None,
            inference_component: None,
            target_variant: None,
            region: None,
            endpoint_url: None,
            max_tokens: 512,
            temperature: None,
            sees: false,
            extra: Map::new(),
            connect_ms: 1_500,
            first_ms: 5_000,
            next_ms: 8_000,
        }
    }
}

/// What a container writes. All are asked with the messages of OpenAI's chat completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Server-sent events of OpenAI's chat completions (vLLM, chat routes of LMI): the only one with functions.
    OpenaiSse,
    /// A JSON object a line for each token (LMI), or a server-sent event (TGI).
    JsonLines,
    /// Nothing but the words. That an answer was cut cannot be told from its end, unless the connection breaks.
    RawText,
}
