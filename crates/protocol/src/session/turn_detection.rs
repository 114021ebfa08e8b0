//! How the server finds the ends of the patient's turns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How turns are found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TurnDetection {
    /// By silence.
    ServerVad(ServerVad),
    /// By silence and a model's judgement of whether the patient has finished.
    SemanticVad(SemanticVad),
}

/// The `type` of turn detection alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TurnDetectionType {
    /// See [`ServerVad`].
    ServerVad,
    /// See [`SemanticVad`].
    SemanticVad,
}

/// A turn ends after a fixed silence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerVad {
    /// Probability of speech, 0 to 1, above which the patient speaks.
    pub threshold: f32,
    /// Audio kept from before speech was detected, ms.
    pub prefix_padding_ms: u32,
    /// Silence that ends a turn, ms.
    pub silence_duration_ms: u32,
    /// Silence after a response's audio after which the server speaks again, ms.
    pub idle_timeout_ms: Option<u32>,
    /// Whether a response starts by itself at the end of a turn.
    pub create_response: bool,
    /// Whether speech of the patient ends a response.
    pub interrupt_response: bool,
}

impl Default for ServerVad {
    /// The defaults of the OpenAI Realtime API.
    fn default() -> Self {
        Self {
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 500,
            idle_timeout_ms: None,
            create_response: true,
            interrupt_response: true,
        }
    }
}

/// A turn ends when the patient seems to have finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SemanticVad {
    /// How soon the server answers when in doubt.
    pub eagerness: Eagerness,
    /// Whether a response starts by itself at the end of a turn.
    pub create_response: bool,
    /// Whether speech of the patient ends a response.
    pub interrupt_response: bool,
}

impl Default for SemanticVad {
    fn default() -> Self {
        Self {
            eagerness: Eagerness::Auto,
            create_response: true,
            interrupt_response: true,
        }
    }
}

/// How soon the server answers when in doubt whether the patient has finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Eagerness {
    /// Waits at most 8 s.
    Low,
    /// Waits at most 4 s.
    Medium,
    /// Waits at most 2 s.
    High,
    /// The same as medium.
    #[default]
    Auto,
}

impl Eagerness {
    /// The longest the server waits in doubt, ms.
    pub const fn max_wait_ms(self) -> u32 {
        match self {
            Self::Low => 8_000,
            Self::Medium | Self::Auto => 4_000,
            Self::High => 2_000,
        }
    }
}

impl TurnDetection {
    /// Which of the two it is.
    pub const fn kind(&self) -> TurnDetectionType {
        match self {
            Self::ServerVad(_) => TurnDetectionType::ServerVad,
            Self::SemanticVad(_) => TurnDetectionType::SemanticVad,
        }
    }

    /// Whether a response starts by itself at the end of a turn.
    pub const fn create_response(&self) -> bool {
        match self {
            Self::ServerVad(vad) => vad.create_response,
            Self::SemanticVad(vad) => vad.create_response,
        }
    }

    /// Whether speech of the patient ends a response.
    pub const fn interrupt_response(&self) -> bool {
        match self {
            Self::ServerVad(vad) => vad.interrupt_response,
            Self::SemanticVad(vad) => vad.interrupt_response,
        }
    }
}
