//! The session as `session.created` and `session.updated` show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bedside::BedsideConfig;
use super::config::{AudioInputConfig, AudioOutputConfig, SessionConfig, SessionType};
use crate::generation::{FunctionTool, MaxOutputTokens, OutputModality, ToolChoice};

/// A session and its whole effective configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// `sess_…`.
    pub id: String,
    /// When it must end, seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// Its configuration.
    #[serde(flatten)]
    pub kind: SessionKind,
    /// The extension, once the client asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedside: Option<BedsideConfig>,
}

/// The configuration by type of session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionKind {
    /// Listens and answers.
    Realtime(RealtimeSession),
    /// Turns speech into text.
    Transcription(TranscriptionSession),
}

/// A session that listens and answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "object", rename = "realtime.session")]
pub struct RealtimeSession {
    /// The model.
    pub model: String,
    /// The system prompt.
    pub instructions: String,
    /// Speech or text.
    pub output_modalities: OutputModality,
    /// Both sides of the audio.
    pub audio: RealtimeAudio,
    /// Functions the client offers.
    pub tools: Vec<FunctionTool>,
    /// Whether the model calls them.
    pub tool_choice: ToolChoice,
    /// The most tokens of one response.
    pub max_output_tokens: MaxOutputTokens,
    /// How a context that grew too long is cut.
    pub truncation: Truncation,
}

/// How a context that grew too long is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Truncation {
    /// The oldest items go first.
    #[default]
    Auto,
}

/// Both sides of the audio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RealtimeAudio {
    /// The patient's side.
    pub input: AudioInputConfig,
    /// The server's side.
    pub output: AudioOutputConfig,
}

/// A session that turns speech into text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "object", rename = "realtime.transcription_session")]
pub struct TranscriptionSession {
    /// The one side of the audio.
    pub audio: TranscriptionAudio,
}

/// The one side of a transcription session's audio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TranscriptionAudio {
    /// The patient's side.
    pub input: AudioInputConfig,
}

impl SessionConfig {
    /// The session as events show it, under the name `id`.
    pub fn resource(&self, id: impl Into<String>, expires_at: Option<u64>) -> Session {
        let kind = match self.kind {
            SessionType::Realtime => SessionKind::Realtime(RealtimeSession {
                model: self.model.clone(),
                instructions: self.instructions.clone(),
                output_modalities: self.output_modality,
                audio: RealtimeAudio {
                    input: self.input.clone(),
                    output: self.output.clone(),
                },
                tools: self.tools.clone(),
                tool_choice: self.tool_choice.clone(),
                max_output_tokens: self.max_output_tokens,
                truncation: Truncation::Auto,
            }),
            SessionType::Transcription => SessionKind::Transcription(TranscriptionSession {
                audio: TranscriptionAudio {
                    input: self.input.clone(),
                },
            }),
        };
        Session {
            id: id.into(),
            expires_at,
            kind,
            bedside: self.bedside_asked.then(|| self.bedside.clone()),
        }
    }
}
