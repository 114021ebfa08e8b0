//! The events of a streamed answer: each is a whole response that holds the next piece.

use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::call_ids::CallIds;
use crate::sse::{Decode, Progress};

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Decoder {
    ids: CallIds,
    finish: Option<Finish>,
    usage: ModelUsage,
    spoke: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Chunk {
    candidates: Option<Vec<Candidate>>,
    usage_metadata: Option<Usage>,
    prompt_feedback: Option<Feedback>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate {
    index: Option<u64>,
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    thought: Option<bool>,
    function_call: Option<FunctionCall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    name: Option<String>,
    args: Option<Map<String, Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Usage {
    prompt_token_count: Option<u32>,
    cached_content_token_count: Option<u32>,
    candidates_token_count: Option<u32>,
    thoughts_token_count: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

impl Decoder {
    /// For one answer, whose calls are named by `ids`.
    pub(super) fn new(ids: CallIds) -> Self {
        Self {
            ids,
            finish: None,
            usage: ModelUsage::default(),
            spoke: false,
        }
    }

    fn part(&mut self, part: Part, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        if part.thought == Some(true) {
            return Ok(());
        }
        if let Some(text) = part.text.filter(|text| !text.is_empty()) {
            self.spoke = true;
            out.push_back(ModelEvent::TextDelta(text));
        }
        if let Some(call) = part.function_call {
            let name = call.name.ok_or(FaultKind::Internal)?;
            let call_id = self.ids.fresh();
            out.push_back(ModelEvent::ToolCallStart {
                call_id: call_id.clone(),
                name,
            });
            out.push_back(ModelEvent::ToolCallArguments {
                call_id,
                delta: Value::Object(call.args.unwrap_or_default()).to_string(),
            });
        }
        Ok(())
    }

    /// Reasons are an open set. Those that say that the model lost its way are faults; so is a filter that let nothing
    /// through, as another model may answer.
    fn finished(&mut self, reason: &str) -> Result<(), FaultKind> {
        self.finish = match reason {
            "FINISH_REASON_UNSPECIFIED" => return Ok(()),
            "MAX_TOKENS" => Some(Finish::MaxTokens),
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE" => {
                if !self.spoke {
                    return Err(FaultKind::Refused);
                }
                Some(Finish::ContentFilter)
            }
            "MALFORMED_FUNCTION_CALL"
            | "UNEXPECTED_TOOL_CALL"
            | "TOO_MANY_TOOL_CALLS"
            | "MALFORMED_RESPONSE"
            | "MISSING_THOUGHT_SIGNATURE" => return Err(FaultKind::Internal),
            _ => Some(Finish::Stop),
        };
        Ok(())
    }
}

impl Decode for Decoder {
    fn event(&mut self, data: &str, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| FaultKind::Internal)?;
        if let Some(error) = chunk.error {
            return Err(of_error(&error));
        }
        if let Some(usage) = chunk.usage_metadata {
            self.usage = usage.into();
        }
        let blocked = chunk.prompt_feedback.and_then(|feedback| feedback.block_reason);
        if blocked.is_some_and(|reason| reason != "BLOCK_REASON_UNSPECIFIED") {
            return Err(FaultKind::Refused);
        }
        for candidate in chunk.candidates.unwrap_or_default() {
            if candidate.index.unwrap_or(0) != 0 {
                continue;
            }
            let parts = candidate.content.and_then(|content| content.parts);
            for part in parts.unwrap_or_default() {
                self.part(part, out)?;
            }
            if let Some(reason) = candidate.finish_reason {
                self.finished(&reason)?;
            }
        }
        Ok(match self.finish {
            Some(_) => Progress::Complete,
            None => Progress::Open,
        })
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        let finish = self.finish.ok_or(FaultKind::Internal)?;
        out.push_back(ModelEvent::Done {
            usage: self.usage,
            finish,
        });
        Ok(())
    }
}

impl From<Usage> for ModelUsage {
    /// Thoughts are billed like what is said.
    fn from(usage: Usage) -> Self {
        Self {
            input_tokens: usage.prompt_token_count.unwrap_or(0),
            cached_tokens: usage.cached_content_token_count.unwrap_or(0),
            cache_write_tokens: 0,
            output_tokens: usage.candidates_token_count.unwrap_or(0)
                + usage.thoughts_token_count.unwrap_or(0),
        }
    }
}

fn of_error(error: &Value) -> FaultKind {
    match (error["code"].as_u64(), error["status"].as_str()) {
        (Some(429), _) | (_, Some("RESOURCE_EXHAUSTED")) => FaultKind::Overloaded,
        (Some(400..500), _) => FaultKind::Refused,
        _ => FaultKind::Internal,
    }
}
