//! The response resource.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::usage::Usage;
use crate::client::ResponseAudioOutput;
use crate::error::{ErrorCode, ErrorType};
use crate::generation::{MaxOutputTokens, Metadata, OutputModality};
use crate::item::Item;

/// A response as its events show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "object", rename = "realtime.response")]
pub struct Response {
    /// `resp_…`.
    pub id: String,
    /// How it stands.
    pub status: ResponseStatus,
    /// Why it ended so; `null` while in progress.
    pub status_details: Option<StatusDetails>,
    /// Its items, without audio.
    pub output: Vec<Item>,
    /// `conv_…`; `null` if out of band.
    pub conversation_id: Option<String>,
    /// Speech or text.
    pub output_modalities: OutputModality,
    /// The most tokens.
    pub max_output_tokens: MaxOutputTokens,
    /// Form and voice of its speech.
    pub audio: ResponseAudio,
    /// Tokens it took; `null` while in progress.
    pub usage: Option<Usage>,
    /// The client's notes.
    pub metadata: Option<Metadata>,
}

/// Form and voice of a response's speech.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ResponseAudio {
    /// The server's side.
    pub output: ResponseAudioOutput,
}

/// How a response stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseStatus {
    /// It is being generated.
    InProgress,
    /// It was generated to its end.
    Completed,
    /// The patient or the client ended it.
    Cancelled,
    /// A limit ended it.
    Incomplete,
    /// A fault ended it.
    Failed,
}

impl ResponseStatus {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// Why a response ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatusDetails {
    /// The status again; never `in_progress`.
    #[serde(rename = "type")]
    pub kind: ResponseStatus,
    /// Why it was cancelled or is incomplete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<StatusReason>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ResponseError>,
}

/// Why a response was cancelled or is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusReason {
    /// Cancelled: the patient spoke.
    TurnDetected,
    /// Cancelled: the client asked.
    ClientCancelled,
    /// Incomplete: the token limit.
    MaxOutputTokens,
    /// Incomplete: a content filter.
    ContentFilter,
}

/// Why a response failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResponseError {
    /// The broad kind.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// What exactly went wrong.
    pub code: ErrorCode,
    /// For a developer to read.
    pub message: String,
}
