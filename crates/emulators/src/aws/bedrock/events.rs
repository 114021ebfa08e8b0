//! The events of `ConverseStream`, and the answer of `Converse`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::request::Request;
use super::usage::Usage;
use crate::answer::{Part, Piece, Pieces};
use crate::aws::frame;
use crate::brain::{Reply, pieces};
use crate::hub::uuid;
use crate::openai::fragments;

const SIGNATURE: &str = "RW11bGF0ZWQgc2lnbmF0dXJl";

/// An answer in the making.
pub(crate) struct Converse<'a> {
    pub(crate) request: &'a Request,
    pub(crate) reply: &'a Reply,
    pub(crate) usage: Usage,
    /// What the answer will have taken, in milliseconds.
    pub(crate) latency_ms: u64,
}

impl Converse<'_> {
    /// The events.
    pub(crate) fn stream(&self) -> Pieces {
        let mut row = vec![event(Part::Open, "messageStart", json!({ "role": "assistant" }))];
        let mut blocks = 0;
        let mut next = || {
            blocks += 1;
            blocks - 1
        };
        if !self.reply.reasoning.is_empty() {
            let index = next();
            let thoughts = pieces(&self.reply.reasoning);
            row.extend(
                thoughts
                    .iter()
                    .map(|text| delta(index, &json!({ "reasoningContent": { "text": text } }))),
            );
            row.push(delta(
                index,
                &json!({ "reasoningContent": { "signature": SIGNATURE } }),
            ));
            row.push(stop(index));
        }
        if !self.reply.text.is_empty() {
            let index = next();
            row.extend(
                self.reply
                    .deltas()
                    .iter()
                    .map(|text| delta(index, &json!({ "text": text }))),
            );
            row.push(stop(index));
        }
        if let Some(call) = &self.reply.call {
            let index = next();
            let start = json!({ "toolUse": { "toolUseId": tool_use_id(), "name": call.name } });
            row.push(event(
                Part::Open,
                "contentBlockStart",
                json!({ "contentBlockIndex": index, "start": start }),
            ));
            // A call without arguments comes as an empty fragment.
            row.push(delta(index, &json!({ "toolUse": { "input": "" } })));
            if !call.arguments.is_empty() {
                let arguments = Value::from(call.arguments.clone()).to_string();
                let fragments = fragments(&arguments);
                row.extend(
                    fragments
                        .iter()
                        .map(|part| delta(index, &json!({ "toolUse": { "input": part } }))),
                );
            }
            row.push(stop(index));
        }
        row.push(event(
            Part::Close,
            "messageStop",
            json!({ "stopReason": self.stop_reason() }),
        ));
        row.push(event(Part::Trailer, "metadata", self.metadata()));
        row.into_iter().collect()
    }

    /// The answer in one object.
    pub(crate) fn whole(&self) -> Value {
        let mut content = Vec::new();
        if !self.reply.reasoning.is_empty() {
            let text = json!({ "text": self.reply.reasoning, "signature": SIGNATURE });
            content.push(json!({ "reasoningContent": { "reasoningText": text } }));
        }
        if !self.reply.text.is_empty() {
            content.push(json!({ "text": self.reply.text }));
        }
        if let Some(call) = &self.reply.call {
            let call = json!({ "toolUseId": tool_use_id(), "name": call.name, "input": call.arguments });
            content.push(json!({ "toolUse": call }));
        }
        let mut whole = self.metadata();
        whole["output"] = json!({ "message": { "role": "assistant", "content": content } });
        whole["stopReason"] = self.stop_reason().into();
        whole
    }

    fn stop_reason(&self) -> &'static str {
        match self.reply {
            Reply { blocked: true, .. } if self.request.guardrail_config.is_some() => "guardrail_intervened",
            Reply { blocked: true, .. } => "content_filtered",
            Reply { truncated: true, .. } => "max_tokens",
            Reply { call: Some(_), .. } => "tool_use",
            _ => "end_turn",
        }
    }

    fn metadata(&self) -> Value {
        let mut metadata =
            json!({ "usage": self.usage.to_json(), "metrics": { "latencyMs": self.latency_ms.max(1) } });
        if let Some(performance) = &self.request.performance_config {
            metadata["performanceConfig"] = json!({ "latency": performance.latency });
        }
        if let Some(tier) = &self.request.service_tier {
            metadata["serviceTier"] = json!({ "type": tier.kind });
        }
        if let Some(trace) = self.guardrail_trace() {
            metadata["trace"] = json!({ "guardrail": trace });
        }
        metadata
    }

    fn guardrail_trace(&self) -> Option<Value> {
        let guardrail = self.request.guardrail_config.as_ref()?;
        if !matches!(guardrail.trace.as_deref(), Some("enabled" | "enabled_full")) {
            return None;
        }
        let units = json!({
            "topicPolicyUnits": 1,
            "contentPolicyUnits": 1,
            "wordPolicyUnits": 0,
            "sensitiveInformationPolicyUnits": 0,
            "sensitiveInformationPolicyFreeUnits": 0,
            "contextualGroundingPolicyUnits": 0,
        });
        let mut assessment =
            json!({ "invocationMetrics": { "guardrailProcessingLatency": 120, "usage": units } });
        if self.reply.blocked {
            let topic = json!({ "name": "Diagnosis", "type": "DENY", "action": "BLOCKED", "detected": true });
            assessment["topicPolicy"] = json!({ "topics": [topic] });
        }
        let name = guardrail
            .identifier
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let action = if self.reply.blocked {
            "Guardrail blocked."
        } else {
            "No action."
        };
        Some(json!({ "inputAssessment": { name: assessment }, "actionReason": action }))
    }
}

/// The exception that ends a stream when the model fails.
pub(crate) fn failure() -> Bytes {
    let exception = json!({
        "message": "The model encountered an error while processing the request.",
        "originalStatusCode": 500,
        "originalMessage": "Internal error",
    });
    frame::exception("modelStreamErrorException", exception.to_string().as_bytes())
}

/// An event frame, its payload padded.
fn event(part: Part, kind: &str, payload: Value) -> Piece {
    Piece::new(part, frame::event(kind, "application/json", &padded(payload)))
}

fn delta(index: usize, delta: &Value) -> Piece {
    event(
        Part::Content,
        "contentBlockDelta",
        json!({ "contentBlockIndex": index, "delta": delta }),
    )
}

fn stop(index: usize) -> Piece {
    event(
        Part::Close,
        "contentBlockStop",
        json!({ "contentBlockIndex": index }),
    )
}

/// The payload with a field `p` of random length, which hides from eavesdroppers how long the words are.
pub(crate) fn padded(mut payload: Value) -> Bytes {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut random = [0_u8; 1];
    // Without entropy the padding has a constant length, which no client minds.
    let _ = getrandom::fill(&mut random);
    let length = usize::from(random[0]) % LETTERS.len() + 1;
    payload["p"] = LETTERS[..length].into();
    payload.to_string().into()
}

pub(crate) fn tool_use_id() -> String {
    format!("tooluse_{}", &uuid().replace('-', "")[..22])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Call;
    use Part::{Close, Content, Open, Trailer};

    #[test]
    fn a_call_without_arguments_has_an_empty_input() {
        let request: Request = serde_json::from_value(json!({ "messages": [] })).unwrap();
        let call = Call {
            name: "look".to_owned(),
            arguments: serde_json::Map::new(),
        };
        let reply = Reply {
            text: "One two".to_owned(),
            call: Some(call),
            ..Reply::default()
        };
        let converse = Converse {
            request: &request,
            reply: &reply,
            usage: Usage::default(),
            latency_ms: 1,
        };
        let mut pieces = converse.stream();
        let mut parts = Vec::new();
        while let Some(piece) = pieces.next() {
            parts.push(piece.part);
        }
        assert_eq!(
            parts,
            [
                Open, Content, Content, Close, Open, Content, Close, Close, Trailer
            ]
        );
        assert_eq!(
            converse.whole()["output"]["message"]["content"][1]["toolUse"]["input"],
            json!({})
        );
        assert_eq!(converse.whole()["stopReason"], "tool_use");
    }
}
