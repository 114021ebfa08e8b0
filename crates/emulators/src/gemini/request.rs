//! A `GenerateContentRequest`, checked as the service does.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::brain::{Prompt, Said, Speaker};

mod check;

/// What the stand-in needs of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) prompt: Prompt,
    pub(crate) allowance: Option<u64>,
    pub(crate) thoughts: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    #[serde(default)]
    contents: Vec<Content>,
    #[serde(alias = "system_instruction")]
    system_instruction: Option<Content>,
    #[serde(alias = "generation_config")]
    generation_config: Option<GenerationConfig>,
    #[serde(default)]
    tools: Vec<Tools>,
    #[serde(alias = "tool_config")]
    tool_config: Option<ToolConfig>,
    #[serde(default, alias = "safety_settings")]
    safety_settings: Vec<SafetySetting>,
    #[serde(alias = "cached_content")]
    cached_content: Option<String>,
    labels: Option<Map<String, Value>>,
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    role: Option<String>,
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
    #[serde(alias = "thought_signature")]
    thought_signature: Option<String>,
    #[serde(alias = "inline_data")]
    inline_data: Option<Blob>,
    #[serde(alias = "function_call")]
    function_call: Option<FunctionCall>,
    #[serde(alias = "function_response")]
    function_response: Option<FunctionResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Blob {
    #[serde(alias = "mime_type")]
    mime_type: String,
    data: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionCall {
    name: String,
    #[serde(default, rename = "args")]
    _args: Map<String, Value>,
    #[serde(rename = "id")]
    _id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionResponse {
    name: String,
    response: Map<String, Value>,
    #[serde(rename = "id")]
    _id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    #[serde(alias = "max_output_tokens")]
    max_output_tokens: Option<u64>,
    temperature: Option<f64>,
    #[serde(alias = "thinking_config")]
    thinking_config: Option<ThinkingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig {
    #[serde(default, alias = "include_thoughts")]
    include_thoughts: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tools {
    #[serde(default, alias = "function_declarations")]
    function_declarations: Vec<Declaration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Declaration {
    name: String,
    description: String,
    parameters: Option<Map<String, Value>>,
    #[serde(alias = "parameters_json_schema")]
    parameters_json_schema: Option<Value>,
    response: Option<Value>,
    #[serde(alias = "response_json_schema")]
    response_json_schema: Option<Value>,
    behavior: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolConfig {
    #[serde(alias = "function_calling_config")]
    function_calling_config: Option<FunctionCallingConfig>,
}

#[derive(Deserialize)]
struct FunctionCallingConfig {
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SafetySetting {
    category: String,
    threshold: String,
}

impl Request {
    /// Reads and checks a body; otherwise says what is wrong.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let body: Body = serde_json::from_slice(body)
            .map_err(|error| format!("Invalid JSON payload received. {error}"))?;
        body.check()?;
        let config = body.generation_config.as_ref();
        Ok(Self {
            prompt: body.prompt(),
            allowance: config.and_then(|config| config.max_output_tokens),
            thoughts: config
                .and_then(|config| config.thinking_config.as_ref())
                .is_some_and(|thinking| thinking.include_thoughts),
        })
    }
}

impl Body {
    fn declarations(&self) -> impl Iterator<Item = &Declaration> {
        self.tools.iter().flat_map(|tools| &tools.function_declarations)
    }

    fn prompt(&self) -> Prompt {
        let mut messages = Vec::new();
        for content in &self.contents {
            let responses = content
                .parts
                .iter()
                .filter_map(|part| part.function_response.as_ref());
            for response in responses {
                let text = Value::from(response.response.clone()).to_string();
                messages.push(Said {
                    by: Speaker::Function,
                    text,
                });
            }
            let text = content.text();
            if !text.is_empty() || content.is_model() {
                let by = if content.is_model() {
                    Speaker::Assistant
                } else {
                    Speaker::User
                };
                messages.push(Said { by, text });
            }
        }
        Prompt {
            instructions: self
                .system_instruction
                .as_ref()
                .map(Content::text)
                .unwrap_or_default(),
            messages,
            functions: self
                .declarations()
                .map(|declaration| declaration.name.clone())
                .collect(),
        }
    }
}

impl Content {
    fn is_model(&self) -> bool {
        self.role.as_deref() == Some("model")
    }

    fn text(&self) -> String {
        let spoken = self.parts.iter().filter(|part| part.thought != Some(true));
        spoken
            .filter_map(|part| part.text.as_deref())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests;
