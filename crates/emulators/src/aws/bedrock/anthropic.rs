//! `InvokeModel` in the shape of Anthropic's Messages API.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::check::is_tool_name;
use super::events::padded;
use super::said;
use crate::answer::{Part, Piece, Pieces};
use crate::aws::frame;
use crate::brain::{Prompt, Reply, pieces};
use crate::hub::uuid;
use crate::openai::fragments;

/// What the stand-in needs of a body.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Request {
    /// Any version will do; clients send newer ones than the documented.
    #[serde(rename = "anthropic_version")]
    _version: String,
    max_tokens: u64,
    messages: Vec<Message>,
    #[serde(default)]
    system: Text,
    #[serde(default)]
    tools: Vec<Tool>,
}

#[derive(Debug, Clone, Deserialize)]
struct Message {
    role: String,
    content: Text,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Blocks(Vec<Block>),
}

impl Default for Text {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(rename = "input")]
        _input: Map<String, Value>,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(default)]
        content: Text,
    },
    Image {
        #[serde(rename = "source")]
        _source: Value,
    },
    Thinking {
        #[serde(rename = "thinking")]
        _thinking: String,
    },
}

#[derive(Debug, Clone, Deserialize)]
struct Tool {
    name: String,
    input_schema: Map<String, Value>,
}

impl Request {
    /// Reads and checks a body; otherwise says what is wrong.
    pub(crate) fn read(body: &[u8]) -> Result<Self, String> {
        let request: Self =
            serde_json::from_slice(body).map_err(|problem| format!("Malformed input request: {problem}"))?;
        if request.max_tokens == 0 {
            return Err("max_tokens: must be greater than or equal to 1".to_owned());
        }
        if request
            .messages
            .first()
            .is_none_or(|message| message.role != "user")
        {
            return Err("messages: first message must use the \"user\" role".to_owned());
        }
        if request
            .messages
            .iter()
            .any(|message| !["user", "assistant"].contains(&message.role.as_str()))
        {
            return Err("messages: unexpected role".to_owned());
        }
        for tool in &request.tools {
            if !is_tool_name(&tool.name) || tool.input_schema.get("type") != Some(&Value::from("object")) {
                return Err(
                    "tools: a name of [a-zA-Z0-9_-]{1,64} and a schema of an object are required".to_owned(),
                );
            }
        }
        request.check_results()?;
        Ok(request)
    }

    pub(crate) fn allowance(&self) -> u64 {
        self.max_tokens
    }

    /// The request as the brain sees it.
    pub(crate) fn prompt(&self) -> Prompt {
        let messages = self.messages.iter().flat_map(|message| {
            let results = message.content.blocks().iter().filter_map(|block| match block {
                Block::ToolResult { content, .. } => Some(content.text()),
                _ => None,
            });
            said(&message.role, results, message.content.text())
        });
        let functions = self.tools.iter().map(|tool| tool.name.clone()).collect();
        Prompt {
            instructions: self.system.text(),
            messages: messages.collect(),
            functions,
        }
    }

    fn check_results(&self) -> Result<(), String> {
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for (index, message) in self.messages.iter().enumerate() {
            for block in message.content.blocks() {
                let Block::ToolResult { tool_use_id, .. } = block else {
                    continue;
                };
                if !open.remove(tool_use_id.as_str()) {
                    return Err(format!(
                        "messages.{index}.content: unexpected `tool_use_id` found in `tool_result` blocks: {tool_use_id}."
                    ));
                }
            }
            if !open.is_empty() {
                return Err(format!(
                    "messages.{index}: `tool_use` ids were found without `tool_result` blocks"
                ));
            }
            let calls = message.content.blocks().iter().filter_map(|block| match block {
                Block::ToolUse { id, name, .. } if is_tool_name(name) => Some(id.as_str()),
                _ => None,
            });
            open.extend(calls);
        }
        Ok(())
    }
}

impl Text {
    fn blocks(&self) -> &[Block] {
        match self {
            Self::Plain(_) => &[],
            Self::Blocks(blocks) => blocks,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Blocks(blocks) => {
                let texts = blocks.iter().filter_map(|block| match block {
                    Block::Text { text } => Some(text.as_str()),
                    _ => None,
                });
                texts.collect::<Vec<_>>().join("\n")
            }
        }
    }
}

/// An answer in the making.
pub(crate) struct Generation<'a> {
    pub(crate) model: &'a str,
    pub(crate) input: usize,
    pub(crate) reply: &'a Reply,
}

impl Generation<'_> {
    /// Each event of the Messages API in a `chunk` of the event stream.
    pub(crate) fn stream(&self) -> Pieces {
        let mut message = self.envelope();
        message["content"] = json!([]);
        message["stop_reason"] = Value::Null;
        message["usage"] = self.usage(1);
        let mut row = vec![chunk(
            Part::Open,
            &json!({ "type": "message_start", "message": message }),
        )];
        let mut index = 0;
        let mut block = |start: Value, deltas: Vec<Value>| {
            row.push(chunk(
                Part::Open,
                &json!({ "type": "content_block_start", "index": index, "content_block": start }),
            ));
            row.extend(deltas.iter().map(|delta| {
                chunk(
                    Part::Content,
                    &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
                )
            }));
            row.push(chunk(
                Part::Close,
                &json!({ "type": "content_block_stop", "index": index }),
            ));
            index += 1;
        };
        if !self.reply.reasoning.is_empty() {
            let thought = |text: &str| json!({ "type": "thinking_delta", "thinking": text });
            let mut deltas: Vec<Value> = pieces(&self.reply.reasoning).into_iter().map(thought).collect();
            deltas.push(json!({ "type": "signature_delta", "signature": "RW11bGF0ZWQ=" }));
            block(
                json!({ "type": "thinking", "thinking": "", "signature": "" }),
                deltas,
            );
        }
        if !self.reply.text.is_empty() {
            let text = |text: &str| json!({ "type": "text_delta", "text": text });
            let deltas = self.reply.deltas().into_iter().map(text).collect();
            block(json!({ "type": "text", "text": "" }), deltas);
        }
        if let Some(call) = &self.reply.call {
            let arguments = Value::from(call.arguments.clone()).to_string();
            let part = |part: String| json!({ "type": "input_json_delta", "partial_json": part });
            let deltas = fragments(&arguments).into_iter().map(part).collect();
            block(
                json!({ "type": "tool_use", "id": tool_id(), "name": call.name, "input": {} }),
                deltas,
            );
        }
        let delta = json!({ "stop_reason": self.stop_reason(), "stop_sequence": null });
        let usage = self.usage(self.reply.tokens());
        row.push(chunk(
            Part::Close,
            &json!({ "type": "message_delta", "delta": delta, "usage": usage }),
        ));
        let metrics = json!({
            "inputTokenCount": self.input,
            "outputTokenCount": self.reply.tokens(),
            "invocationLatency": 1,
            "firstByteLatency": 1,
        });
        let stop = json!({ "type": "message_stop", "amazon-bedrock-invocationMetrics": metrics });
        row.push(chunk(Part::Trailer, &stop));
        row.into_iter().collect()
    }

    /// The answer in one object.
    pub(crate) fn whole(&self) -> Value {
        let mut content = Vec::new();
        if !self.reply.text.is_empty() {
            content.push(json!({ "type": "text", "text": self.reply.text }));
        }
        if let Some(call) = &self.reply.call {
            let call =
                json!({ "type": "tool_use", "id": tool_id(), "name": call.name, "input": call.arguments });
            content.push(call);
        }
        let mut message = self.envelope();
        message["content"] = content.into();
        message["stop_reason"] = self.stop_reason().into();
        message["usage"] = self.usage(self.reply.tokens());
        message
    }

    fn envelope(&self) -> Value {
        json!({
            "id": format!("msg_bdrk_{}", &uuid().replace('-', "")[..24]),
            "type": "message",
            "role": "assistant",
            "model": self.model.rsplit('.').next().unwrap_or(self.model),
            "stop_sequence": null,
        })
    }

    fn usage(&self, output: usize) -> Value {
        json!({
            "input_tokens": self.input,
            "output_tokens": output,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        })
    }

    fn stop_reason(&self) -> &'static str {
        match self.reply {
            Reply { blocked: true, .. } => "refusal",
            Reply { truncated: true, .. } => "max_tokens",
            Reply { call: Some(_), .. } => "tool_use",
            _ => "end_turn",
        }
    }
}

fn chunk(part: Part, event: &Value) -> Piece {
    let payload = json!({ "bytes": BASE64_STANDARD.encode(event.to_string()) });
    Piece::new(part, frame::event("chunk", "application/json", &padded(payload)))
}

fn tool_id() -> String {
    format!("toolu_bdrk_{}", &uuid().replace('-', "")[..24])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brain::Speaker;

    fn read(messages: &Value) -> Result<Request, String> {
        let body =
            json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": messages });
        Request::read(&serde_json::to_vec(&body).unwrap())
    }

    #[test]
    fn results_must_answer_calls() {
        let user = json!({ "role": "user", "content": "Hello" });
        let call = json!({ "role": "assistant", "content": [
            { "type": "tool_use", "id": "t1", "name": "look", "input": {} }] });
        let result = json!({ "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "t1", "content": [{ "type": "text", "text": "72" }] }] });
        let request = read(&json!([user, call, result])).unwrap();
        let said: Vec<_> = request
            .prompt()
            .messages
            .into_iter()
            .map(|said| (said.by, said.text))
            .collect();
        assert_eq!(said[2], (Speaker::Function, "72".to_owned()));
        assert!(
            read(&json!([user, call, user]))
                .unwrap_err()
                .contains("without `tool_result`")
        );
        assert!(read(&json!([user, result])).is_err());
        assert!(read(&json!([call])).unwrap_err().contains("first message"));
    }
}
