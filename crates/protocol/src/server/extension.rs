//! The events only Bedside has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the time of an answer went.
///
/// Stages are the moment each was reached, in milliseconds after the patient's last voiced sample; one that was not
/// reached, or an answer nobody spoke before, has none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TurnMetrics {
    /// The response.
    pub response_id: String,
    /// The server decided that the patient had finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_turn: Option<f64>,
    /// The final transcript was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcription_final: Option<f64>,
    /// The model's first token was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_first_token: Option<f64>,
    /// The first synthesised audio was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthesis_first_audio: Option<f64>,
    /// The first audio was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_audio_sent: Option<f64>,
    /// The first audible sample was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice_to_voice: Option<f64>,
    /// The deliberate wait for the patient to go on, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<f64>,
    /// Time models ran in the path of the answer, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models_ms: Option<f64>,
    /// Everything but models and the deliberate wait, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_ms: Option<f64>,
    /// Who served each stage.
    pub providers: TurnProviders,
}

/// Who served each stage of an answer; a stage not used has none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TurnProviders {
    /// Speech to text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcription: Option<String>,
    /// The chat model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Text to speech.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthesis: Option<String>,
}

/// A stage that a provider serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Speech to text.
    Transcription,
    /// The chat model.
    Model,
    /// Text to speech.
    Synthesis,
    /// Vital signs.
    Vitals,
    /// Passages of a knowledge base.
    Knowledge,
    /// Reading a device's display.
    Device,
}

/// Another provider took over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProviderChanged {
    /// What it serves.
    pub stage: Stage,
    /// Who served it.
    pub from: String,
    /// Who serves it now.
    pub to: String,
    /// Why: `timeout`, `disconnected`, `refused`, `overloaded` or `internal` if the one before failed; `circuit_open` if
    /// it had failed too often; `slow` if it was slower than usual; `recovered` if the one now works again.
    pub reason: String,
}

/// The patient said something that cannot wait, or the model saw that something cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Escalation {
    /// Name of the red flag, or the model's reason.
    pub reason: String,
    /// The words that raised it; empty if the model saw it.
    pub matched: String,
}
