//! A `GenerateContentRequest`, checked as the service does.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::brain::{Prompt, Said, Speaker};

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
    fn check(&self) -> Result<(), String> {
        if self.contents.is_empty() {
            return Err("* GenerateContentRequest.contents: contents is not specified".to_owned());
        }
        if self.cached_content.is_some() || self.labels.is_some() || self.model.is_some() {
            return Err("cachedContent, labels and model are not served here.".to_owned());
        }
        let temperature = self
            .generation_config
            .as_ref()
            .and_then(|config| config.temperature);
        if temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return Err(
                "* GenerateContentRequest.generation_config.temperature: must be in [0.0, 2.0]".to_owned(),
            );
        }
        for setting in &self.safety_settings {
            if !setting.category.starts_with("HARM_CATEGORY_") || setting.threshold.is_empty() {
                return Err("* GenerateContentRequest.safety_settings: element predicate failed".to_owned());
            }
        }
        let mode = self
            .tool_config
            .as_ref()
            .and_then(|config| config.function_calling_config.as_ref()?.mode.as_deref());
        if mode.is_some_and(|mode| !["AUTO", "ANY", "NONE", "VALIDATED"].contains(&mode)) {
            return Err("Invalid value at 'tool_config.function_calling_config.mode'".to_owned());
        }
        for declaration in self.declarations() {
            declaration.check()?;
        }
        for (index, content) in self.contents.iter().enumerate() {
            content.check(index)?;
        }
        self.check_turns()
    }

    /// Calls follow a user's turn and are answered in full by the next.
    fn check_turns(&self) -> Result<(), String> {
        let mut calls: Vec<&str> = Vec::new();
        for (index, content) in self.contents.iter().enumerate() {
            let responses = content
                .parts
                .iter()
                .filter_map(|part| part.function_response.as_ref());
            let answered: Vec<&str> = responses.map(|response| response.name.as_str()).collect();
            if answered.len() != calls.len() {
                return Err(
                    "Please ensure that the number of function response parts is equal to the number of \
                            function call parts of the function call turn."
                        .to_owned(),
                );
            }
            if answered != calls {
                return Err(
                    "Please ensure that function response names match the function call names.".to_owned(),
                );
            }
            calls = content
                .parts
                .iter()
                .filter_map(|part| Some(part.function_call.as_ref()?.name.as_str()))
                .collect();
            let after_user = index > 0 && !self.contents[index - 1].is_model();
            if !calls.is_empty() && !after_user {
                return Err(
                    "Please ensure that function call turn comes immediately after a user turn or after a \
                            function response turn."
                        .to_owned(),
                );
            }
        }
        Ok(())
    }

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

    fn check(&self, index: usize) -> Result<(), String> {
        if !matches!(self.role.as_deref(), None | Some("user" | "model")) {
            return Err("Please use a valid role: user, model.".to_owned());
        }
        if self.parts.is_empty() {
            return Err(format!(
                "* GenerateContentRequest.contents[{index}].parts: contents.parts must not be empty."
            ));
        }
        for part in &self.parts {
            let data = [
                part.text.is_some(),
                part.inline_data.is_some(),
                part.function_call.is_some(),
                part.function_response.is_some(),
            ];
            if data.iter().filter(|present| **present).count() != 1 {
                let place = format!("* GenerateContentRequest.contents[{index}].parts");
                return Err(format!(
                    "{place}: required oneof field 'data' must have one initialized field"
                ));
            }
            if part.function_call.is_some() && !self.is_model()
                || part.function_response.is_some() && self.is_model()
            {
                return Err(
                    "Please ensure that function calls are the model's and responses the user's.".to_owned(),
                );
            }
            let signature = part.thought_signature.as_deref().unwrap_or_default();
            let blob = part.inline_data.as_ref();
            let kind = blob.map_or("image/jpeg", |blob| blob.mime_type.as_str());
            let data = blob.map_or("", |blob| blob.data.as_str());
            if !kind.contains('/')
                || crate::answer::base64(signature).is_none()
                || crate::answer::base64(data).is_none()
            {
                return Err(
                    "Invalid value at 'contents.parts' (TYPE_BYTES), Base64 decoding failed".to_owned(),
                );
            }
        }
        Ok(())
    }
}

impl Declaration {
    fn check(&self) -> Result<(), String> {
        let mut letters = self.name.chars();
        let first = letters
            .next()
            .is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_');
        let rest = letters.all(|letter| letter.is_ascii_alphanumeric() || "_-.:".contains(letter));
        if !first || !rest || self.name.len() > 64 {
            return Err("* GenerateContentRequest.tools[0].function_declarations[0].name: [INVALID_ARGUMENT] Invalid \
                        function name. Must start with a letter or an underscore."
                .to_owned());
        }
        if self.parameters.is_some() && self.parameters_json_schema.is_some() {
            return Err("parameters and parameters_json_schema cannot both be set.".to_owned());
        }
        if self.response.is_some() && self.response_json_schema.is_some() {
            return Err("response and response_json_schema cannot both be set.".to_owned());
        }
        if self.description.is_empty() || self.behavior.as_deref().is_some_and(str::is_empty) {
            return Err("* GenerateContentRequest.tools[0].function_declarations[0]: incomplete".to_owned());
        }
        match self
            .parameters
            .as_ref()
            .and_then(|schema| schema.keys().find(|key| !is_schema_field(key)))
        {
            Some(key) => Err(format!(
                "Invalid JSON payload received. Unknown name \"{key}\" at \
                 'tools[0].function_declarations[0].parameters': Cannot find field."
            )),
            None => Ok(()),
        }
    }
}

/// Fields of the service's `Schema`, which is less than JSON Schema.
fn is_schema_field(name: &str) -> bool {
    const FIELDS: &[&str] = &[
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "enum",
        "maxItems",
        "minItems",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "minLength",
        "maxLength",
        "pattern",
        "example",
        "anyOf",
        "propertyOrdering",
        "default",
        "items",
        "minimum",
        "maximum",
        "additionalProperties",
    ];
    FIELDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<Request, String> {
        Request::read(&serde_json::to_vec(body).unwrap())
    }

    #[test]
    fn a_conversation_becomes_a_prompt() {
        let request = read(&json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "Hello"}]},
                {"role": "model", "parts": [{"text": "Wait.", "thought": true}, {"functionCall": {"name": "look"}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "look", "response": {"rate": 72}}}]},
            ],
            "tools": [{"functionDeclarations": [{"name": "look", "description": "Looks."}]}],
            "generationConfig": {"maxOutputTokens": 5},
        }))
        .unwrap();
        assert_eq!(
            (request.allowance, request.prompt.instructions.as_str()),
            (Some(5), "Be brief.")
        );
        let said: Vec<_> = request
            .prompt
            .messages
            .iter()
            .map(|said| (said.by, said.text.as_str()))
            .collect();
        let expected = [
            (Speaker::User, "Hello"),
            (Speaker::Assistant, ""),
            (Speaker::Function, r#"{"rate":72}"#),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_the_service_refuses_is_refused() {
        let user = json!({"role": "user", "parts": [{"text": "Hello"}]});
        let call = json!({"role": "model", "parts": [{"functionCall": {"name": "look", "args": {}}}]});
        let cases = [
            (json!({"contents": []}), "contents is not specified"),
            (json!({"contents": [user], "stream": true}), "stream"),
            (
                json!({"contents": [{"role": "assistant", "parts": [{"text": "Hello"}]}]}),
                "valid role",
            ),
            (json!({"contents": [{"role": "user", "parts": [{}]}]}), "oneof"),
            (
                json!({"contents": [user, call, user]}),
                "number of function response parts",
            ),
            (json!({"contents": [call]}), "immediately after a user turn"),
            (
                json!({"contents": [user], "tools": [{"functionDeclarations": [
                {"name": "1", "description": "Looks."}]}]}),
                "function name",
            ),
        ];
        for (body, part) in cases {
            let error = read(&body).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
