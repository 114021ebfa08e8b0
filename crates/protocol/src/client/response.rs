//! `response.create`: how one response differs from its session.

use schemars::JsonSchema;
use serde::Serialize;

use crate::audio::AudioFormat;
use crate::generation::{FunctionTool, MaxOutputTokens, Metadata, OutputModality, ToolChoice};
use crate::item::NewItem;
use crate::patch::is_default;

/// The `response` object of `response.create`. Absent fields are the session's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct ResponseParams {
    /// The system prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Speech or text.
    #[serde(rename = "output_modalities", skip_serializing_if = "Option::is_none")]
    pub output_modality: Option<OutputModality>,
    /// Form and voice of the speech.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub audio: ResponseAudioParams,
    /// Functions the client offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<FunctionTool>>,
    /// Whether the model calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// The most tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<MaxOutputTokens>,
    /// Whether the response becomes part of the conversation.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub conversation: ResponseConversation,
    /// What the model is given instead of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Vec<InputItem>>,
    /// Notes given back with the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// `response.audio`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct ResponseAudioParams {
    /// The server's side.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub output: ResponseAudioOutput,
}

/// Form and voice of a response's speech; absent = the session's. Also shown in the response resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, serde::Deserialize, JsonSchema)]
pub struct ResponseAudioOutput {
    /// Encoding of audio sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<AudioFormat>,
    /// Name of the voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
}

/// Whether a response becomes part of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseConversation {
    /// It does.
    #[default]
    Auto,
    /// It does not: it is out of band.
    None,
}

/// One entry of a response's own input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum InputItem {
    /// An item of the conversation.
    Reference(ItemReference),
    /// A new item, known to this response alone.
    Item(NewItem),
}

/// Names an item of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "item_reference")]
pub struct ItemReference {
    /// Which.
    pub id: String,
}
