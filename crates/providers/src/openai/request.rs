use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedside_conversation::context::{ChatRequest, Tool, ToolChoice};
use serde_json::{Value, json};

use super::{Config, TokenLimit};
use crate::prompt::{AssistantPart, Prompt, Turn, UserPart};

/// The body of a request.
pub(crate) fn body(config: &Config, request: &ChatRequest) -> Value {
    let mut body = json!({
        "model": config.model,
        "stream": true,
        "messages": messages(&Prompt::of(request)),
    });
    let limit = match config.token_limit {
        TokenLimit::MaxCompletionTokens => "max_completion_tokens",
        TokenLimit::MaxTokens => "max_tokens",
    };
    let asked = request.max_output_tokens.unwrap_or(u32::MAX);
    body[limit] = json!(asked.min(config.max_output_tokens));
    if config.usage {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some(temperature) = config.temperature {
        body["temperature"] = json!(temperature);
    }
    if let Some(effort) = &config.reasoning_effort {
        body["reasoning_effort"] = json!(effort);
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
        body["tool_choice"] = choice(&request.tool_choice);
    }
    for (field, value) in &config.extra {
        body[field] = value.clone();
    }
    body
}

fn messages(prompt: &Prompt) -> Vec<Value> {
    let mut out = Vec::new();
    if !prompt.system.is_empty() {
        out.push(json!({ "role": "system", "content": prompt.system }));
    }
    for turn in &prompt.turns {
        match turn {
            Turn::User(parts) => user(turn, parts, &mut out),
            Turn::Assistant(parts) => out.push(assistant(turn, parts)),
        }
    }
    out
}

/// Results are messages of their own; the rest is one of the user's.
fn user(turn: &Turn, parts: &[UserPart], out: &mut Vec<Value>) {
    let mut pictures = Vec::new();
    for part in parts {
        match part {
            UserPart::Result { call_id, output, .. } => {
                out.push(json!({ "role": "tool", "tool_call_id": call_id, "content": output }));
            }
            UserPart::Picture(jpeg) => {
                let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg));
                pictures.push(json!({ "type": "image_url", "image_url": { "url": url } }));
            }
            UserPart::Text(_) => {}
        }
    }
    let text = turn.text();
    if pictures.is_empty() {
        if !text.is_empty() {
            out.push(json!({ "role": "user", "content": text }));
        }
        return;
    }
    if !text.is_empty() {
        pictures.insert(0, json!({ "type": "text", "text": text }));
    }
    out.push(json!({ "role": "user", "content": pictures }));
}

fn assistant(turn: &Turn, parts: &[AssistantPart]) -> Value {
    let calls: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            AssistantPart::Call {
                call_id,
                name,
                arguments,
            } => {
                let arguments = Value::Object(arguments.clone()).to_string();
                let function = json!({ "name": name, "arguments": arguments });
                Some(json!({ "id": call_id, "type": "function", "function": function }))
            }
            AssistantPart::Text(_) => None,
        })
        .collect();
    let text = turn.text();
    let mut message = json!({ "role": "assistant", "content": text });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
        if text.is_empty() {
            message["content"] = Value::Null;
        }
    }
    message
}

fn tool(tool: &Tool) -> Value {
    let function = json!({
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    });
    json!({ "type": "function", "function": function })
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Function(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}
