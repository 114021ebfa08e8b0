//! Tokens of a response.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tokens read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Both.
    pub total_tokens: u64,
    /// Read.
    pub input_tokens: u64,
    /// Written.
    pub output_tokens: u64,
    /// What the tokens read were.
    pub input_token_details: InputTokenDetails,
    /// What the tokens written were.
    pub output_token_details: OutputTokenDetails,
}

impl Usage {
    /// Usage of a model that reads and writes text alone; `cached` of the `input` tokens came from a cache.
    pub fn text(input: u64, cached: u64, output: u64) -> Self {
        Self {
            total_tokens: input + output,
            input_tokens: input,
            output_tokens: output,
            input_token_details: InputTokenDetails {
                text_tokens: input,
                cached_tokens: cached,
                cached_tokens_details: CachedTokensDetails {
                    text_tokens: cached,
                    ..Default::default()
                },
                ..Default::default()
            },
            output_token_details: OutputTokenDetails {
                text_tokens: output,
                audio_tokens: 0,
            },
        }
    }
}

/// What the tokens read were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct InputTokenDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
    /// Images.
    pub image_tokens: u64,
    /// Of all, read from a cache.
    pub cached_tokens: u64,
    /// What these were.
    pub cached_tokens_details: CachedTokensDetails,
}

/// What the tokens read from a cache were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CachedTokensDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
    /// Images.
    pub image_tokens: u64,
}

/// What the tokens written were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OutputTokenDetails {
    /// Text.
    pub text_tokens: u64,
    /// Audio.
    pub audio_tokens: u64,
}
