//! A session's configuration as it is in force.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bedside::BedsideConfig;
use super::turn_detection::{ServerVad, TurnDetection};
use crate::audio::AudioFormat;
use crate::generation::{FunctionTool, MaxOutputTokens, OutputModality, ToolChoice};

/// What a session does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionType {
    /// Listens and answers.
    #[default]
    Realtime,
    /// Turns speech into text and nothing else.
    Transcription,
}

/// Everything a client can configure, and what the connection fixed.
///
/// A transcription session keeps the fields it does not use, so that its type can change back.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionConfig {
    /// What the session does.
    pub kind: SessionType,
    /// The model the client named when it connected, or the default; fixed by the connection.
    pub model: String,
    /// The system prompt; may be empty.
    pub instructions: String,
    /// Speech or text.
    pub output_modality: OutputModality,
    /// The patient's side.
    pub input: AudioInputConfig,
    /// The server's side.
    pub output: AudioOutputConfig,
    /// Functions the client offers.
    pub tools: Vec<FunctionTool>,
    /// Whether the model calls them.
    pub tool_choice: ToolChoice,
    /// The most tokens of one response.
    pub max_output_tokens: MaxOutputTokens,
    /// The extension.
    pub bedside: BedsideConfig,
    /// Whether the client ever named `session.bedside`; the extension is shown only then.
    pub bedside_asked: bool,
}

impl SessionConfig {
    /// The standard configuration, for the model and voice a server offers.
    pub fn new(model: impl Into<String>, voice: impl Into<String>) -> Self {
        Self {
            kind: SessionType::Realtime,
            model: model.into(),
            instructions: String::new(),
            output_modality: OutputModality::Audio,
            input: AudioInputConfig::default(),
            output: AudioOutputConfig {
                format: AudioFormat::default(),
                voice: voice.into(),
                speed: 1.0,
            },
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            max_output_tokens: MaxOutputTokens::Unlimited,
            bedside: BedsideConfig::default(),
            bedside_asked: false,
        }
    }
}

/// How patient audio is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioInputConfig {
    /// Encoding of base64 audio; a binary message names its own.
    pub format: AudioFormat,
    /// Noise reduction, if on.
    pub noise_reduction: Option<NoiseReduction>,
    /// Whether transcription events are sent, and hints for them.
    pub transcription: Option<Transcription>,
    /// How turns are found; `None` is push-to-talk.
    pub turn_detection: Option<TurnDetection>,
}

impl Default for AudioInputConfig {
    fn default() -> Self {
        Self {
            format: AudioFormat::default(),
            noise_reduction: None,
            transcription: None,
            turn_detection: Some(TurnDetection::ServerVad(ServerVad::default())),
        }
    }
}

/// How the server speaks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioOutputConfig {
    /// Encoding of audio sent.
    pub format: AudioFormat,
    /// Name of the voice.
    pub voice: String,
    /// Speaking rate, 0.25 to 1.5; 1 is normal.
    pub speed: f32,
}

/// Noise reduction that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoiseReduction {
    /// Where the microphone is.
    #[serde(rename = "type")]
    pub kind: NoiseReductionType,
}

/// Where the microphone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoiseReductionType {
    /// At the mouth, as in a headset.
    #[default]
    NearField,
    /// Across the room.
    FarField,
}

/// Transcription that is on. A field that was never set is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Transcription {
    /// The model the client named; shown back and otherwise without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// ISO 639-1 language of the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Words to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
}
