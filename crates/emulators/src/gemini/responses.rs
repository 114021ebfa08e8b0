//! `GenerateContentResponse`s: those of a stream, or one.

use serde_json::{Value, json};

use super::request::Request;
use crate::answer::{Part, Piece, Pieces};
use crate::brain::{Reply, pieces, tokens};
use crate::hub::uuid;

/// How a stream of responses is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Server-sent events.
    Events,
    /// One JSON array.
    Array,
}

/// An answer in the making.
pub(crate) struct Generation<'a> {
    pub(crate) model: &'a str,
    pub(crate) request: &'a Request,
    pub(crate) reply: &'a Reply,
}

impl Generation<'_> {
    /// The stream. Usage is cumulative; only the last response has a finish reason.
    pub(crate) fn stream(&self, layout: Layout) -> Pieces {
        let id = response_id();
        let responses = self.responses(&id);
        let last = responses.len() - 1;
        let mut row = Vec::new();
        for (index, (part, response)) in responses.into_iter().enumerate() {
            let (before, after) = match layout {
                Layout::Events => ("data: ", "\r\n\r\n"),
                Layout::Array if index == 0 => ("[", "\n"),
                Layout::Array => (",\r\n", if index == last { "\n]" } else { "\n" }),
            };
            let after = if layout == Layout::Array && index == 0 && last == 0 {
                "\n]"
            } else {
                after
            };
            row.push(Piece::new(part, format!("{before}{response}{after}")));
        }
        row.into_iter().collect()
    }

    /// The answer in one response.
    pub(crate) fn whole(&self) -> Value {
        let id = response_id();
        if self.reply.blocked {
            return self.blocked(&id);
        }
        let mut parts = Vec::new();
        if self.request.thoughts && !self.reply.reasoning.is_empty() {
            parts.push(json!({ "text": self.reply.reasoning, "thought": true }));
        }
        if !self.reply.text.is_empty() {
            parts.push(json!({ "text": self.reply.text }));
        }
        parts.extend(self.call());
        let produced = self.reply.tokens() - tokens(&self.reply.reasoning);
        self.response(&id, &json!(parts), produced, Some(self.finish_reason()))
    }

    fn responses(&self, id: &str) -> Vec<(Part, Value)> {
        if self.reply.blocked {
            return vec![(Part::Close, self.blocked(id))];
        }
        let mut responses = Vec::new();
        if self.request.thoughts {
            for thought in pieces(&self.reply.reasoning) {
                let parts = json!([{ "text": thought, "thought": true }]);
                responses.push((Part::Content, self.response(id, &parts, 0, None)));
            }
        }
        let mut produced = 0;
        for delta in self.reply.deltas() {
            produced += tokens(delta);
            responses.push((
                Part::Content,
                self.response(id, &json!([{ "text": delta }]), produced, None),
            ));
        }
        if let Some(call) = self.call() {
            responses.push((Part::Content, self.response(id, &json!([call]), produced, None)));
        }
        let finish = self.response(id, &json!([{ "text": "" }]), produced, Some(self.finish_reason()));
        responses.push((Part::Close, finish));
        responses
    }

    fn call(&self) -> Option<Value> {
        let call = self.reply.call.as_ref()?;
        let function_call = json!({ "name": call.name, "args": call.arguments, "id": &response_id()[..8] });
        Some(json!({ "functionCall": function_call, "thoughtSignature": "AQIDBA==" }))
    }

    fn finish_reason(&self) -> &'static str {
        if self.reply.truncated {
            "MAX_TOKENS"
        } else {
            "STOP"
        }
    }

    fn response(&self, id: &str, parts: &Value, produced: usize, finish: Option<&str>) -> Value {
        let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
        if let Some(finish) = finish {
            candidate["finishReason"] = finish.into();
        }
        json!({
            "candidates": [candidate],
            "usageMetadata": self.usage(produced),
            "modelVersion": self.model,
            "responseId": id,
        })
    }

    fn blocked(&self, id: &str) -> Value {
        json!({
            "promptFeedback": {
                "blockReason": "SAFETY",
                "safetyRatings": [{
                    "category": "HARM_CATEGORY_DANGEROUS_CONTENT",
                    "probability": "HIGH",
                    "blocked": true,
                }],
            },
            "usageMetadata": self.usage(0),
            "modelVersion": self.model,
            "responseId": id,
        })
    }

    fn usage(&self, produced: usize) -> Value {
        let (prompt, thoughts) = (self.request.prompt.tokens(), tokens(&self.reply.reasoning));
        let mut usage = json!({
            "promptTokenCount": prompt,
            "totalTokenCount": prompt + thoughts + produced,
            "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": prompt }],
        });
        if produced > 0 {
            usage["candidatesTokenCount"] = produced.into();
        }
        if thoughts > 0 {
            usage["thoughtsTokenCount"] = thoughts.into();
        }
        usage
    }
}

fn response_id() -> String {
    uuid().replace('-', "")[..22].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brain::Prompt;

    fn text(mut pieces: Pieces) -> String {
        let mut text = String::new();
        while let Some(piece) = pieces.next() {
            text.push_str(std::str::from_utf8(&piece.bytes).unwrap());
        }
        text
    }

    fn streamed(reply: &Reply, layout: Layout) -> String {
        let request = Request {
            prompt: Prompt::default(),
            allowance: None,
            thoughts: false,
        };
        text(
            Generation {
                model: "gemini",
                request: &request,
                reply,
            }
            .stream(layout),
        )
    }

    #[test]
    fn an_array_is_whole_json() {
        let spoken = Reply {
            text: "One two.".to_owned(),
            ..Reply::default()
        };
        let blocked = Reply {
            blocked: true,
            ..Reply::default()
        };
        for (reply, length) in [(spoken, 3), (blocked, 1), (Reply::default(), 1)] {
            let array: Vec<Value> = serde_json::from_str(&streamed(&reply, Layout::Array)).unwrap();
            assert_eq!(array.len(), length);
        }
    }

    #[test]
    fn usage_is_cumulative_and_the_reason_comes_last() {
        let reply = Reply {
            text: "One two.".to_owned(),
            ..Reply::default()
        };
        let events = streamed(&reply, Layout::Events);
        let responses: Vec<Value> = events
            .split("\r\n\r\n")
            .filter_map(|event| event.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        let counts: Vec<_> = responses
            .iter()
            .map(|response| {
                response["usageMetadata"]["candidatesTokenCount"]
                    .as_u64()
                    .unwrap()
            })
            .collect();
        assert_eq!(counts, [1, 3, 3]);
        let reasons: Vec<_> = responses
            .iter()
            .map(|response| response["candidates"][0]["finishReason"].as_str())
            .collect();
        assert_eq!(reasons, [None, None, Some("STOP")]);
    }
}
