//! `session.update`: what a client changes. Absent fields stay as they are.

use schemars::JsonSchema;
use serde::Serialize;

use super::bedside::BedsidePatch;
use super::config::{NoiseReductionType, SessionType};
use super::turn_detection::{Eagerness, TurnDetectionType};
use crate::audio::AudioFormat;
use crate::generation::{FunctionTool, MaxOutputTokens, OutputModality, ToolChoice};
use crate::patch::{Patch, is_default};

/// The `session` object of an update.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct SessionPatch {
    /// What the session does; always named.
    #[serde(rename = "type")]
    pub kind: SessionType,
    /// The system prompt; empty clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Speech or text.
    #[serde(rename = "output_modalities", skip_serializing_if = "Option::is_none")]
    pub output_modality: Option<OutputModality>,
    /// Both sides of the audio.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub audio: AudioPatch,
    /// Functions the client offers; empty clears them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<FunctionTool>>,
    /// Whether the model calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// The most tokens of one response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxOutputTokens>,
    /// The extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bedside: Option<BedsidePatch>,
}

/// Changes to the audio of a session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct AudioPatch {
    /// The patient's side.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub input: AudioInputPatch,
    /// The server's side.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub output: AudioOutputPatch,
}

/// Changes to how patient audio is read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct AudioInputPatch {
    /// Encoding of base64 audio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Noise reduction; `null` turns it off.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<NoiseReductionPatch>")]
    pub noise_reduction: Patch<NoiseReductionPatch>,
    /// Transcription events; `null` turns them off.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<TranscriptionPatch>")]
    pub transcription: Patch<TranscriptionPatch>,
    /// Turn detection; `null` is push-to-talk.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<TurnDetectionPatch>")]
    pub turn_detection: Patch<TurnDetectionPatch>,
}

/// Changes to how the server speaks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct AudioOutputPatch {
    /// Encoding of audio sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Name of the voice. The parser also takes `{"id": NAME}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
    /// Speaking rate, 0.25 to 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f32>,
}

/// Changes to noise reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct NoiseReductionPatch {
    /// Where the microphone is.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<NoiseReductionType>,
}

/// Changes to transcription.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct TranscriptionPatch {
    /// The model; shown back and otherwise without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// ISO 639-1 language of the patient; `null` clears it.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<String>")]
    pub language: Patch<String>,
    /// Words to expect; `null` clears them.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<String>")]
    pub prompt: Patch<String>,
}

/// Changes to turn detection. Of the same type as before, absent fields stay; of another, they take their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct TurnDetectionPatch {
    /// Which kind; always named.
    #[serde(rename = "type")]
    pub kind: TurnDetectionType,
    /// Probability of speech, 0 to 1. `server_vad` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// Audio kept from before speech, ms. `server_vad` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_padding_ms: Option<u32>,
    /// Silence that ends a turn, ms. `server_vad` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence_duration_ms: Option<u32>,
    /// Silence after which the server speaks again, ms; `null` turns it off. `server_vad` alone.
    #[serde(skip_serializing_if = "Patch::is_keep")]
    #[schemars(with = "Option<u32>")]
    pub idle_timeout_ms: Patch<u32>,
    /// How soon the server answers. `semantic_vad` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eagerness: Option<Eagerness>,
    /// Whether a response starts by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_response: Option<bool>,
    /// Whether speech ends a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interrupt_response: Option<bool>,
}

impl TurnDetectionPatch {
    /// Turn detection of `kind` with everything else left as it is.
    pub const fn new(kind: TurnDetectionType) -> Self {
        Self {
            kind,
            threshold: None,
            prefix_padding_ms: None,
            silence_duration_ms: None,
            idle_timeout_ms: Patch::Keep,
            eagerness: None,
            create_response: None,
            interrupt_response: None,
        }
    }
}
