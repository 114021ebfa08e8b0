use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedside_conversation::context::{ChatRequest, Tool, ToolChoice};
use serde_json::{Value, json};

use super::Config;
use crate::prompt::{AssistantPart, Prompt, Turn, UserPart};

/// What Google asks to send in place of the signature of a call that this model did not make in this form. Without one,
/// models from the third generation on refuse a conversation with calls in it.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// The body of a request.
pub(super) fn body(config: &Config, request: &ChatRequest) -> Value {
    let prompt = Prompt::of(request);
    let signed = !config.model.starts_with("gemini-2") && !config.model.starts_with("gemini-1");
    let contents: Vec<_> = prompt.turns.iter().map(|turn| content(turn, signed)).collect();
    let asked = request.max_output_tokens.unwrap_or(u32::MAX);
    let mut generation = json!({ "maxOutputTokens": asked.min(config.max_output_tokens) });
    if let Some(temperature) = config.temperature {
        generation["temperature"] = json!(temperature);
    }
    if config.model.starts_with("gemini-2.5") {
        generation["thinkingConfig"] = json!({ "thinkingBudget": config.thinking_budget });
    } else if let Some(level) = &config.thinking_level {
        generation["thinkingConfig"] = json!({ "thinkingLevel": level });
    }
    let mut body = json!({ "contents": contents, "generationConfig": generation });
    if !prompt.system.is_empty() {
        body["systemInstruction"] = json!({ "parts": [{ "text": prompt.system }] });
    }
    if !request.tools.is_empty() {
        let functions: Vec<_> = request.tools.iter().map(function).collect();
        body["tools"] = json!([{ "functionDeclarations": functions }]);
        body["toolConfig"] = json!({ "functionCallingConfig": choice(&request.tool_choice) });
    }
    body
}

fn content(turn: &Turn, signed: bool) -> Value {
    match turn {
        Turn::User(parts) => {
            let parts: Vec<_> = parts.iter().map(user).collect();
            json!({ "role": "user", "parts": parts })
        }
        Turn::Assistant(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| model(part, signed)).collect();
            json!({ "role": "model", "parts": parts })
        }
    }
}

/// Calls are told apart by name and order; `id` is not known to all versions of the interface.
fn user(part: &UserPart) -> Value {
    match part {
        UserPart::Text(text) => json!({ "text": text }),
        UserPart::Picture(jpeg) => {
            json!({ "inlineData": { "mimeType": "image/jpeg", "data": STANDARD.encode(jpeg) } })
        }
        UserPart::Result { name, output, .. } => {
            json!({ "functionResponse": { "name": name, "response": { "output": output } } })
        }
    }
}

fn model(part: &AssistantPart, signed: bool) -> Value {
    match part {
        AssistantPart::Text(text) => json!({ "text": text }),
        AssistantPart::Call { name, arguments, .. } => {
            let mut part = json!({ "functionCall": { "name": name, "args": arguments } });
            if signed {
                part["thoughtSignature"] = json!(STANDARD.encode(NO_SIGNATURE));
            }
            part
        }
    }
}

fn function(tool: &Tool) -> Value {
    let mut function = json!({ "name": tool.name, "description": tool.description });
    // A function without arguments is declared without a schema; an object of nothing is refused.
    let takes_any = tool.parameters["properties"]
        .as_object()
        .is_some_and(|properties| !properties.is_empty());
    if takes_any {
        function["parametersJsonSchema"] = tool.parameters.clone();
    }
    function
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!({ "mode": "AUTO" }),
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Function(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    }
}
