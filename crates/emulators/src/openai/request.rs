//! A chat completions request, checked as the service does.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::brain::{Prompt, Said, Speaker};

/// Every parameter the service knows.
const PARAMETERS: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

/// What the stand-in needs of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) model: String,
    pub(crate) prompt: Prompt,
    pub(crate) stream: bool,
    pub(crate) usage: bool,
    pub(crate) obfuscated: bool,
    pub(crate) allowance: Option<u64>,
}

/// What is wrong with a request, and the parameter it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    pub(crate) message: String,
    pub(crate) param: Option<String>,
}

fn invalid(param: impl Into<String>, message: impl Into<String>) -> Invalid {
    Invalid {
        message: message.into(),
        param: Some(param.into()),
    }
}

#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<Message>,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default)]
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
    include_obfuscation: Option<bool>,
}

#[derive(Deserialize)]
struct Tool {
    #[serde(rename = "type")]
    kind: String,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    #[serde(default)]
    content: Content,
    #[serde(default)]
    tool_calls: Option<Vec<ToolCall>>,
    tool_call_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Content {
    #[default]
    Nothing,
    Text(String),
    Parts(Vec<ContentPart>),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ContentPart {
    Text { text: String },
    Refusal { refusal: String },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Deserialize)]
struct ImageUrl {
    url: String,
}

#[derive(Deserialize)]
struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    function: CalledFunction,
}

#[derive(Deserialize)]
struct CalledFunction {
    name: String,
    arguments: String,
}

impl Request {
    /// Reads and checks a body.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Invalid> {
        let json: Map<String, Value> = serde_json::from_slice(body).map_err(|_| Invalid {
            message: "We could not parse the JSON body of your request.".to_owned(),
            param: None,
        })?;
        if let Some(unknown) = json.keys().find(|key| !PARAMETERS.contains(&key.as_str())) {
            let message = format!("Unrecognized request argument supplied: {unknown}");
            return Err(Invalid { message, param: None });
        }
        for required in ["model", "messages"] {
            if !json.contains_key(required) {
                return Err(invalid(
                    required,
                    format!("Missing required parameter: '{required}'."),
                ));
            }
        }
        Self::of(json)
    }

    /// Reads what a serving container takes: these parameters and others, without a model; or a text as `inputs`.
    pub(crate) fn of_container(body: &[u8]) -> Result<Self, String> {
        let mut json: Map<String, Value> =
            serde_json::from_slice(body).map_err(|problem| problem.to_string())?;
        if let Some(text) = json.remove("inputs") {
            json.insert(
                "messages".to_owned(),
                json!([{ "role": "user", "content": text }]),
            );
        }
        if let Some(Value::Object(parameters)) = json.remove("parameters") {
            json.extend(
                parameters
                    .into_iter()
                    .filter(|(name, _)| PARAMETERS.contains(&name.as_str())),
            );
        }
        json.entry("model").or_insert_with(|| "container".into());
        Self::of(json).map_err(|invalid| invalid.message)
    }

    fn of(json: Map<String, Value>) -> Result<Self, Invalid> {
        let body: Body = serde_json::from_value(Value::Object(json)).map_err(|error| Invalid {
            message: format!("Invalid request: {error}"),
            param: None,
        })?;
        body.check()?;
        check_calls(&body.messages)?;
        let options = body.stream_options.as_ref();
        Ok(Self {
            stream: body.stream.unwrap_or(false),
            usage: options.is_some_and(|options| options.include_usage),
            obfuscated: options
                .and_then(|options| options.include_obfuscation)
                .unwrap_or(true),
            allowance: body.max_completion_tokens.or(body.max_tokens),
            prompt: body.prompt(),
            model: body.model,
        })
    }
}

impl Body {
    fn check(&self) -> Result<(), Invalid> {
        if self.messages.is_empty() {
            return Err(invalid(
                "messages",
                "Invalid 'messages': empty array. Expected an array with minimum length 1.",
            ));
        }
        if self.stream_options.is_some() && self.stream != Some(true) {
            let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
            return Err(invalid("stream_options", message));
        }
        if self.max_tokens.is_some() && self.max_completion_tokens.is_some() {
            let message =
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
            return Err(invalid("max_tokens", message));
        }
        for (name, value, most) in [("temperature", self.temperature, 2.0), ("top_p", self.top_p, 1.0)] {
            if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
                return Err(invalid(
                    name,
                    format!("Invalid '{name}': must be between 0 and {most}."),
                ));
            }
        }
        for (index, tool) in self.tools.iter().enumerate() {
            tool.check(index)?;
        }
        for (index, message) in self.messages.iter().enumerate() {
            message.check(index)?;
        }
        Ok(())
    }

    fn prompt(&self) -> Prompt {
        let mut prompt = Prompt {
            functions: self.tools.iter().map(|tool| tool.function.name.clone()).collect(),
            ..Prompt::default()
        };
        for message in &self.messages {
            let text = message.content.text();
            let by = match message.role.as_str() {
                "user" => Speaker::User,
                "assistant" => Speaker::Assistant,
                "tool" => Speaker::Function,
                _ if prompt.messages.is_empty() => {
                    prompt.instructions.push_str(&text);
                    prompt.instructions.push('\n');
                    continue;
                }
                _ => Speaker::System,
            };
            prompt.messages.push(Said { by, text });
        }
        prompt
    }
}

impl Tool {
    fn check(&self, index: usize) -> Result<(), Invalid> {
        let name = &self.function.name;
        let param = format!("tools[{index}].function.name");
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        if self.kind != "function" {
            return Err(invalid(
                format!("tools[{index}].type"),
                format!("Invalid value: '{}'.", self.kind),
            ));
        }
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            let message = format!(
                "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern \
                 '^[a-zA-Z0-9_-]+$'."
            );
            return Err(invalid(param, message));
        }
        let object = |parameters: &Map<String, Value>| parameters.get("type") == Some(&Value::from("object"));
        if self
            .function
            .parameters
            .as_ref()
            .is_some_and(|parameters| !object(parameters))
        {
            let message = format!(
                "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"'."
            );
            return Err(invalid(format!("tools[{index}].function.parameters"), message));
        }
        Ok(())
    }
}

impl Message {
    fn check(&self, index: usize) -> Result<(), Invalid> {
        let at = |field: &str| format!("messages[{index}].{field}");
        if !["system", "developer", "user", "assistant", "tool"].contains(&self.role.as_str()) {
            return Err(invalid(at("role"), format!("Invalid value: '{}'.", self.role)));
        }
        let calls = self.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
        if matches!(self.content, Content::Nothing) && !(self.role == "assistant" && calls) {
            let message = "Invalid value for 'content': expected a string, got null.";
            return Err(invalid(at("content"), message));
        }
        if let Content::Parts(parts) = &self.content {
            let known = |url: &str| url.starts_with("https://") || url.starts_with("data:image/");
            let picture = |part: &ContentPart| match part {
                ContentPart::ImageUrl { image_url } => Some(known(&image_url.url)),
                _ => None,
            };
            let pictures: Vec<bool> = parts.iter().filter_map(picture).collect();
            if pictures.contains(&false) || (!pictures.is_empty() && self.role != "user") {
                return Err(invalid(
                    at("content"),
                    "Invalid image: only user messages take https or data URLs.",
                ));
            }
        }
        for call in self.tool_calls.iter().flatten() {
            let object = serde_json::from_str::<Map<String, Value>>(&call.function.arguments).is_ok();
            if call.kind != "function" || call.function.name.is_empty() || !object {
                return Err(invalid(
                    at("tool_calls"),
                    "Invalid 'tool_calls': a function with a JSON object is expected.",
                ));
            }
        }
        Ok(())
    }
}

impl Content {
    fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let texts = parts.iter().filter_map(|part| match part {
                    ContentPart::Text { text } => Some(text.as_str()),
                    ContentPart::Refusal { refusal } => Some(refusal.as_str()),
                    ContentPart::ImageUrl { .. } => None,
                });
                texts.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// Calls are answered at once and in full, and nothing else is.
fn check_calls(messages: &[Message]) -> Result<(), Invalid> {
    let mut open = BTreeSet::new();
    for (index, message) in messages.iter().enumerate() {
        if message.role == "tool" {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            if !open.remove(id) {
                let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                               with 'tool_calls'.";
                return Err(invalid(format!("messages.[{index}].role"), message));
            }
        } else {
            unanswered(&open)?;
            open.extend(message.tool_calls.iter().flatten().map(|call| call.id.as_str()));
        }
    }
    unanswered(&open)
}

fn unanswered(open: &BTreeSet<&str>) -> Result<(), Invalid> {
    if open.is_empty() {
        return Ok(());
    }
    let ids = open.iter().copied().collect::<Vec<_>>().join(", ");
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. \
         The following tool_call_ids did not have response messages: {ids}"
    );
    Err(invalid("messages", message))
}

#[cfg(test)]
mod tests;
