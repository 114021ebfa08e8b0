//! The body of `Converse` and `ConverseStream`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::said;
use crate::brain::Prompt;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    #[serde(default)]
    pub(crate) messages: Vec<Message>,
    #[serde(default)]
    pub(crate) system: Vec<Block>,
    #[serde(default)]
    pub(crate) inference_config: Inference,
    pub(crate) tool_config: Option<ToolConfig>,
    pub(crate) guardrail_config: Option<Guardrail>,
    pub(crate) performance_config: Option<Performance>,
    pub(crate) service_tier: Option<ServiceTier>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) content: Vec<Block>,
}

/// A block of content; those that the brain cannot use are kept as they came.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Block {
    Text(String),
    Image(Image),
    ToolUse(ToolUse),
    ToolResult(ToolResult),
    CachePoint(CachePoint),
    GuardContent(GuardContent),
    ReasoningContent(#[serde(deserialize_with = "anything")] ()),
    Document(#[serde(deserialize_with = "anything")] ()),
    Video(#[serde(deserialize_with = "anything")] ()),
    Audio(#[serde(deserialize_with = "anything")] ()),
    CitationsContent(#[serde(deserialize_with = "anything")] ()),
    SearchResult(#[serde(deserialize_with = "anything")] ()),
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Image {
    pub(crate) format: String,
    pub(crate) source: ImageSource,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ImageSource {
    Bytes(String),
    S3Location(#[serde(deserialize_with = "anything")] ()),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolUse {
    #[serde(rename = "toolUseId")]
    pub(crate) id: String,
    pub(crate) name: String,
    /// Required, though its value does not matter here.
    #[serde(rename = "input")]
    pub(crate) _input: Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolResult {
    pub(crate) tool_use_id: String,
    pub(crate) content: Vec<ResultBlock>,
    pub(crate) status: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ResultBlock {
    Text(String),
    Json(Value),
    Image(Image),
    Document(#[serde(deserialize_with = "anything")] ()),
    Video(#[serde(deserialize_with = "anything")] ()),
    SearchResult(#[serde(deserialize_with = "anything")] ()),
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CachePoint {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) ttl: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct GuardContent {
    text: Option<GuardText>,
}

#[derive(Debug, Clone, Deserialize)]
struct GuardText {
    text: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inference {
    pub(crate) max_tokens: Option<i64>,
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolConfig {
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: Option<ToolChoice>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Tool {
    ToolSpec(ToolSpec),
    #[serde(rename = "systemTool")]
    System(#[serde(deserialize_with = "anything")] ()),
    CachePoint(CachePoint),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToolSpec {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) input_schema: InputSchema,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct InputSchema {
    pub(crate) json: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ToolChoice {
    Auto(#[serde(deserialize_with = "anything")] ()),
    Any(#[serde(deserialize_with = "anything")] ()),
    Tool { name: String },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Guardrail {
    #[serde(default, rename = "guardrailIdentifier")]
    pub(crate) identifier: String,
    #[serde(default, rename = "guardrailVersion")]
    pub(crate) version: String,
    pub(crate) trace: Option<String>,
    pub(crate) stream_processing_mode: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Performance {
    pub(crate) latency: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ServiceTier {
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// Takes whatever stands there.
fn anything<'de, D: Deserializer<'de>>(value: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(value).map(|_| ())
}

impl Request {
    /// The request as the brain sees it.
    pub(crate) fn prompt(&self) -> Prompt {
        let messages = self.messages.iter().flat_map(|message| {
            let results = message.content.iter().filter_map(|block| match block {
                Block::ToolResult(result) => Some(result.text()),
                _ => None,
            });
            said(&message.role, results, texts(&message.content).join("\n"))
        });
        let functions = self.specs().map(|spec| spec.name.clone()).collect();
        Prompt {
            instructions: texts(&self.system).join("\n"),
            messages: messages.collect(),
            functions,
        }
    }

    pub(crate) fn specs(&self) -> impl Iterator<Item = &ToolSpec> {
        let tools = self.tool_config.iter().flat_map(|config| &config.tools);
        tools.filter_map(|tool| match tool {
            Tool::ToolSpec(spec) => Some(spec),
            _ => None,
        })
    }
}

/// What is written in blocks.
pub(crate) fn texts(blocks: &[Block]) -> Vec<&str> {
    let written = blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        Block::GuardContent(guarded) => guarded.text.as_ref().map(|text| text.text.as_str()),
        _ => None,
    });
    written.collect()
}

impl ToolResult {
    pub(crate) fn text(&self) -> String {
        let blocks = self.content.iter().filter_map(|block| match block {
            ResultBlock::Text(text) => Some(text.clone()),
            ResultBlock::Json(json) => Some(json.to_string()),
            _ => None,
        });
        blocks.collect::<Vec<_>>().join("\n")
    }
}
