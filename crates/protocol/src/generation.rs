//! What sessions and responses share about generating: modality, token limit, functions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::InvalidField;

/// Largest `max_output_tokens` but `"inf"`.
pub const MAX_OUTPUT_TOKENS: u32 = 4_096;

/// Up to 16 notes a client ties to a response; keys to 64 characters, values to 512.
pub type Metadata = BTreeMap<String, String>;

/// What a response consists of. On the wire an array of exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(into = "[Modality; 1]", from = "[Modality; 1]")]
#[schemars(with = "[Modality; 1]")]
pub enum OutputModality {
    /// Speech and its transcript.
    #[default]
    Audio,
    /// Text alone.
    Text,
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Modality {
    Audio,
    Text,
}

impl From<OutputModality> for [Modality; 1] {
    fn from(value: OutputModality) -> Self {
        match value {
            OutputModality::Audio => [Modality::Audio],
            OutputModality::Text => [Modality::Text],
        }
    }
}

impl From<[Modality; 1]> for OutputModality {
    fn from(value: [Modality; 1]) -> Self {
        match value {
            [Modality::Audio] => Self::Audio,
            [Modality::Text] => Self::Text,
        }
    }
}

/// The most tokens one response may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MaxOutputTokens {
    /// At most this many, 1 to [`MAX_OUTPUT_TOKENS`].
    Limited(u32),
    /// As many as the model can.
    #[default]
    #[serde(with = "inf")]
    #[schemars(with = "Inf")]
    Unlimited,
}

impl MaxOutputTokens {
    /// The limit, if there is one.
    pub const fn limit(self) -> Option<u32> {
        match self {
            Self::Limited(n) => Some(n),
            Self::Unlimited => None,
        }
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Inf {
    Inf,
}

mod inf {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Inf;

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        Inf::Inf.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        Inf::deserialize(deserializer).map(|Inf::Inf| ())
    }
}

/// A function the client offers to the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename = "function")]
pub struct FunctionTool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of its arguments, an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

/// Whether and which function the model calls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(into = "ToolChoiceWire", from = "ToolChoiceWire")]
#[schemars(with = "ToolChoiceWire")]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// The function of this name.
    Function(String),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum ToolChoiceWire {
    Mode(ToolChoiceMode),
    Function(ToolChoiceFunction),
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ToolChoiceMode {
    Auto,
    None,
    Required,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename = "function")]
struct ToolChoiceFunction {
    name: String,
}

impl From<ToolChoice> for ToolChoiceWire {
    fn from(choice: ToolChoice) -> Self {
        match choice {
            ToolChoice::Auto => Self::Mode(ToolChoiceMode::Auto),
            ToolChoice::None => Self::Mode(ToolChoiceMode::None),
            ToolChoice::Required => Self::Mode(ToolChoiceMode::Required),
            ToolChoice::Function(name) => Self::Function(ToolChoiceFunction { name }),
        }
    }
}

impl From<ToolChoiceWire> for ToolChoice {
    fn from(wire: ToolChoiceWire) -> Self {
        match wire {
            ToolChoiceWire::Mode(ToolChoiceMode::Auto) => Self::Auto,
            ToolChoiceWire::Mode(ToolChoiceMode::None) => Self::None,
            ToolChoiceWire::Mode(ToolChoiceMode::Required) => Self::Required,
            ToolChoiceWire::Function(function) => Self::Function(function.name),
        }
    }
}

/// Most functions a session may offer.
pub const MAX_TOOLS: usize = 128;

/// Longest name of a function, in characters.
const MAX_TOOL_NAME: usize = 64;

pub(crate) fn check_max_output_tokens(limit: MaxOutputTokens, param: &str) -> Result<(), InvalidField> {
    match limit {
        MaxOutputTokens::Limited(n) if !(1..=MAX_OUTPUT_TOKENS).contains(&n) => {
            Err(InvalidField::invalid_value(
                param,
                &format!("an integer from 1 to {MAX_OUTPUT_TOKENS} or 'inf'"),
            ))
        }
        _ => Ok(()),
    }
}

pub(crate) fn check_tools(tools: &[FunctionTool], param: &str) -> Result<(), InvalidField> {
    if tools.len() > MAX_TOOLS {
        return Err(InvalidField::invalid_value(
            param,
            &format!("at most {MAX_TOOLS} tools"),
        ));
    }
    for (index, tool) in tools.iter().enumerate() {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if tool.name.is_empty() || tool.name.len() > MAX_TOOL_NAME || !tool.name.chars().all(allowed) {
            let expected = format!("1 to {MAX_TOOL_NAME} letters, digits, '_' or '-'");
            return Err(InvalidField::invalid_value(
                &format!("{param}[{index}].name"),
                &expected,
            ));
        }
        if tools[..index].iter().any(|earlier| earlier.name == tool.name) {
            return Err(InvalidField::invalid_value(
                &format!("{param}[{index}].name"),
                "a name used once",
            ));
        }
        if tool
            .parameters
            .as_ref()
            .is_some_and(|parameters| !parameters.is_object())
        {
            return Err(InvalidField::invalid_value(
                &format!("{param}[{index}].parameters"),
                "a JSON Schema object",
            ));
        }
    }
    Ok(())
}
