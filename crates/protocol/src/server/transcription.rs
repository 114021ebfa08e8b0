//! What a transcription took, and why it failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, ErrorType};

/// What a transcription took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TranscriptionUsage {
    /// Measured in audio.
    Duration {
        /// Length of the audio, s.
        seconds: f64,
    },
    /// Measured in tokens.
    Tokens {
        /// Tokens read.
        input_tokens: u64,
        /// Tokens written.
        output_tokens: u64,
        /// Both.
        total_tokens: u64,
    },
}

/// Why a transcription failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TranscriptionFault {
    /// The broad kind.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// What exactly went wrong.
    pub code: ErrorCode,
    /// For a developer to read.
    pub message: String,
    /// The parameter to blame, if any.
    pub param: Option<String>,
}
