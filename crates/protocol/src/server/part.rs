//! Parts of the items a response generates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a part stands in a response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartAddress {
    /// The response.
    pub response_id: String,
    /// The item.
    pub item_id: String,
    /// Position of the item in the response.
    pub output_index: u32,
    /// Position of the part in the item.
    pub content_index: u32,
}

/// A part as `response.content_part.*` shows it; items call the same parts `output_text` and `output_audio`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponsePart {
    /// Text.
    Text {
        /// The text so far.
        text: String,
    },
    /// Speech.
    Audio {
        /// The words so far.
        transcript: String,
    },
}
