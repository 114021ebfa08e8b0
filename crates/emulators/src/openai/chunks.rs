//! The answers of chat completions: chunks of a stream, or one object.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::request::Request;
use crate::answer::{Part, Piece, Pieces};
use crate::brain::{Reply, pieces};
use crate::hub::uuid;

/// A chat completion in the making.
pub(crate) struct Completion<'a> {
    request: &'a Request,
    reply: &'a Reply,
    id: String,
    created: u64,
}

impl<'a> Completion<'a> {
    /// `created` in seconds since 1970.
    pub(crate) fn new(request: &'a Request, reply: &'a Reply, created: u64) -> Self {
        let id = format!("chatcmpl-{}", uuid().replace('-', ""));
        Self {
            request,
            reply,
            id,
            created,
        }
    }

    /// The stream: a comment as a long prefill would cause, chunks, `[DONE]`.
    pub(crate) fn stream(&self) -> Pieces {
        let opening = self.chunk(&json!({ "role": "assistant", "content": "", "refusal": null }));
        let mut row = vec![Piece::new(Part::Open, [&b":\n\n"[..], &opening].concat())];
        let thoughts = pieces(&self.reply.reasoning);
        row.extend(
            thoughts
                .iter()
                .map(|text| self.content(&json!({ "reasoning_content": text }))),
        );
        row.extend(
            self.reply
                .deltas()
                .iter()
                .map(|text| self.content(&json!({ "content": text }))),
        );
        if let Some(call) = &self.reply.call {
            let function = json!({ "name": call.name, "arguments": "" });
            let start = json!({ "index": 0, "id": call_id(), "type": "function", "function": function });
            row.push(Piece::new(
                Part::Open,
                self.chunk(&json!({ "tool_calls": [start] })),
            ));
            let arguments = Value::from(call.arguments.clone()).to_string();
            row.extend(fragments(&arguments).iter().map(|fragment| {
                let fragment = json!({ "index": 0, "function": { "arguments": fragment } });
                self.content(&json!({ "tool_calls": [fragment] }))
            }));
        }
        let finish =
            json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": self.finish_reason() }]);
        row.push(Piece::new(Part::Close, self.envelope(&finish, &Value::Null)));
        if self.request.usage {
            row.push(Piece::new(
                Part::Trailer,
                self.envelope(&json!([]), &self.usage()),
            ));
        }
        row.push(Piece::new(Part::Trailer, &b"data: [DONE]\n\n"[..]));
        row.into_iter().collect()
    }

    /// The answer in one object.
    pub(crate) fn whole(&self) -> Value {
        let mut message =
            json!({ "role": "assistant", "content": self.reply.text, "refusal": null, "annotations": [] });
        if let Some(call) = &self.reply.call {
            let arguments = Value::from(call.arguments.clone()).to_string();
            let function = json!({ "name": call.name, "arguments": arguments });
            message["tool_calls"] = json!([{ "id": call_id(), "type": "function", "function": function }]);
        }
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.request.model,
            "choices": [{
                "index": 0,
                "message": message,
                "logprobs": null,
                "finish_reason": self.finish_reason(),
            }],
            "usage": self.usage(),
            "service_tier": "default",
            "system_fingerprint": null,
        })
    }

    fn content(&self, delta: &Value) -> Piece {
        Piece::new(Part::Content, self.chunk(delta))
    }

    fn chunk(&self, delta: &Value) -> Bytes {
        let choices = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]);
        self.envelope(&choices, &Value::Null)
    }

    fn envelope(&self, choices: &Value, usage: &Value) -> Bytes {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.request.model,
            "service_tier": "default",
            "system_fingerprint": null,
            "choices": choices,
        });
        if self.request.usage {
            chunk["usage"] = usage.clone();
        }
        if self.request.obfuscated {
            let noise = uuid();
            let length = usize::from(noise.as_bytes()[0] % 16) + 1;
            chunk["obfuscation"] = Value::from(&noise[..length]);
        }
        event(&chunk)
    }

    fn finish_reason(&self) -> &'static str {
        match self.reply {
            Reply { blocked: true, .. } => "content_filter",
            Reply { truncated: true, .. } => "length",
            Reply { call: Some(_), .. } => "tool_calls",
            _ => "stop",
        }
    }

    fn usage(&self) -> Value {
        let (prompt, completion) = (self.request.prompt.tokens(), self.reply.tokens());
        json!({
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": {
                "reasoning_tokens": crate::brain::tokens(&self.reply.reasoning),
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }
}

/// A server-sent event.
fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

fn call_id() -> String {
    format!("call_{}", &uuid().replace('-', "")[..24])
}

/// JSON in fragments of a few characters, as models produce it.
pub(crate) fn fragments(json: &str) -> Vec<String> {
    let letters: Vec<char> = json.chars().collect();
    letters
        .chunks(7)
        .map(|fragment| fragment.iter().collect())
        .collect()
}

/// An error object.
pub(crate) fn error(message: &str, kind: &str, param: Option<&str>, code: Option<&str>) -> Value {
    let mut error = Map::new();
    error.insert("message".to_owned(), message.into());
    error.insert("type".to_owned(), kind.into());
    error.insert("param".to_owned(), param.into());
    error.insert("code".to_owned(), code.into());
    json!({ "error": error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_join_to_the_whole() {
        let json = r#"{"name":"Müller","age":70}"#;
        assert_eq!(fragments(json).concat(), json);
        assert_eq!(fragments("{}"), ["{}"]);
    }
}
