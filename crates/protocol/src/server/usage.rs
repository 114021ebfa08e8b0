//! What a response took: tokens, and the work of every provider with its price.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extension::Stage;

/// Tokens read and written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// What providers did for the response and what it cost, where they tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedside: Option<Spending>,
}

/// What providers did and what it cost.
///
/// Work that is told after a response has ended counts for the next one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Spending {
    /// Sum of all that has a price, in units of the currency.
    pub cost: f64,
    /// ISO 4217 code, such as `USD`.
    pub currency: String,
    /// The work of each provider.
    pub by: Vec<ProviderSpending>,
}

/// One provider's work, in one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProviderSpending {
    /// What it serves.
    pub stage: Stage,
    /// Its name.
    pub provider: String,
    /// What is counted: `audio_seconds`, `characters`, `input_tokens`, `cached_tokens`, `cache_write_tokens`,
    /// `output_tokens`, `video_seconds` or `requests`.
    pub unit: String,
    /// How many of them.
    pub quantity: f64,
    /// What they cost, in units of the currency; absent if no price was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
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
            bedside: None,
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
