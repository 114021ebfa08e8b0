use aws_sdk_bedrockruntime::types::{
    CacheTtl, GuardrailStreamProcessingMode, PerformanceConfigLatency, ServiceTierType,
};
use serde::Deserialize;

/// Which model answers, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Id of the model or of an inference profile, or an ARN. There is no default: a profile says in which regions a
    /// patient's words are worked on.
    pub model: String,
    /// Another region than that of the other services.
    pub region: Option<String>,
    /// Another address, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// At most this many tokens an answer. Quota is reserved by it when a request begins, so it is small.
    pub max_tokens: u32,
    /// 0 to 1; the model's own if not set.
    pub temperature: Option<f32>,
    /// A guardrail that reads along.
    pub guardrail: Option<Guardrail>,
    /// How long the instructions and the functions are kept in the model's cache, if at all. Models keep nothing below
    /// a size of their own (4096 tokens for Claude Haiku 4.5) and silently charge the full price; one that knows no
    /// cache refuses every request.
    pub cache: Option<Cache>,
    /// Whether a faster variant of the model is asked for.
    pub latency: Option<Latency>,
    /// The tier that is paid for.
    pub service_tier: Option<ServiceTier>,
    /// Whether the model can be shown pictures.
    pub sees: bool,
    /// At most this long to connect, ms.
    pub connect_ms: u64,
    /// At most this long from the request to the first event, ms. A backstop: whoever asks has shorter limits.
    pub first_ms: u64,
    /// At most this long between two events, ms.
    pub next_ms: u64,
    /// How often an unused connection is kept open by a harmless request, ms; 0 for never. Less than
    /// [`idle_ms`](crate::aws::Config::idle_ms).
    pub warm_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: String::new(),
            region: None,
            endpoint_url: None,
            max_tokens: 512,
            temperature: None,
            guardrail: None,
            cache: None,
            latency: None,
            service_tier: None,
            sees: false,
            connect_ms: 1_500,
            first_ms: 5_000,
            next_ms: 8_000,
            warm_ms: 40_000,
        }
    }
}

/// A guardrail of Bedrock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardrail {
    /// Its id or ARN.
    pub id: String,
    /// Its version, such as `1` or `DRAFT`.
    pub version: String,
    /// When it is asked.
    #[serde(default)]
    pub mode: GuardrailMode,
}

/// When a guardrail is asked about what the model writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardrailMode {
    /// Before it is sent: later, but nothing objectionable is spoken.
    #[default]
    Sync,
    /// While it is sent: at once, but what is objected to may have been spoken.
    Async,
}

/// How long a model's cache keeps what it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Cache {
    /// Five minutes from the last use.
    #[serde(rename = "5m")]
    FiveMinutes,
    /// An hour from the last use; not with every model.
    #[serde(rename = "1h")]
    OneHour,
}

/// A variant of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latency {
    /// The usual one.
    Standard,
    /// The faster one, where there is one.
    Optimized,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// Before others.
    Priority,
    /// As others.
    Default,
    /// After others, for less.
    Flex,
    /// Capacity of one's own.
    Reserved,
}

impl From<GuardrailMode> for GuardrailStreamProcessingMode {
    fn from(mode: GuardrailMode) -> Self {
        match mode {
            GuardrailMode::Sync => Self::Sync,
            GuardrailMode::Async => Self::Async,
        }
    }
}

impl From<Cache> for CacheTtl {
    fn from(cache: Cache) -> Self {
        match cache {
            Cache::FiveMinutes => Self::FiveMinutes,
            Cache::OneHour => Self::OneHour,
        }
    }
}

impl From<Latency> for PerformanceConfigLatency {
    fn from(latency: Latency) -> Self {
        match latency {
            Latency::Standard => Self::Standard,
            Latency::Optimized => Self::Optimized,
        }
    }
}

impl From<ServiceTier> for ServiceTierType {
    fn from(tier: ServiceTier) -> Self {
        match tier {
            ServiceTier::Priority => Self::Priority,
            ServiceTier::Default => Self::Default,
            ServiceTier::Flex => Self::Flex,
            ServiceTier::Reserved => Self::Reserved,
        }
    }
}
