//! The events of a streamed completion. Servers vary in nearly every field, so all of them are optional.

use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde::Deserialize;
use serde_json::Value;

use super::thinking::Thinking;
use crate::answering::{Decode, Progress};
use crate::call_ids::CallIds;

/// What follows the last event.
const END: &str = "[DONE]";

/// Calls of one answer; a model that makes more has lost its way.
const MOST_CALLS: usize = 32;

/// Reads one answer.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    ids: CallIds,
    thinking: Thinking,
    calls: Vec<Call>,
    finish: Option<Finish>,
    usage: ModelUsage,
    spoke: bool,
}

#[derive(Debug)]
struct Call {
    id: String,
    /// As the vendor counts and names it.
    index: Option<u64>,
    vendor_id: Option<String>,
    has_arguments: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    index: Option<u64>,
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<Value>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CallDelta {
    index: Option<u64>,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u32>,
}

impl Decoder {
    fn say(&mut self, text: String, out: &mut VecDeque<ModelEvent>) {
        if !text.is_empty() {
            self.spoke = true;
            out.push_back(ModelEvent::TextDelta(text));
        }
    }

    fn call(&mut self, delta: CallDelta, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        let vendor_id = delta.id.filter(|id| !id.is_empty());
        let function = delta.function.unwrap_or_default();
        let name = function.name.filter(|name| !name.is_empty());
        let at = match self.position(delta.index, vendor_id.as_deref(), name.is_some()) {
            Some(at) => at,
            None => self.begin(delta.index, vendor_id, name.ok_or(FaultKind::Internal)?, out)?,
        };
        // Most servers send fragments of text, some the whole object.
        let fragment = match function.arguments {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(text)) => text,
            Some(whole) => whole.to_string(),
        };
        if !fragment.is_empty() {
            let call = &mut self.calls[at];
            call.has_arguments = true;
            out.push_back(ModelEvent::ToolCallArguments {
                call_id: call.id.clone(),
                delta: fragment,
            });
        }
        Ok(())
    }

    /// The call that a fragment belongs to, if it has begun. Some servers give every call the index 0 and another
    /// id, some neither.
    fn position(&self, index: Option<u64>, vendor_id: Option<&str>, named: bool) -> Option<usize> {
        let same_id = |call: &Call| vendor_id.is_none() || call.vendor_id.as_deref() == vendor_id;
        match (index, vendor_id) {
            (Some(index), _) => self
                .calls
                .iter()
                .rposition(|call| call.index == Some(index) && same_id(call)),
            (None, Some(_)) => self.calls.iter().rposition(same_id),
            (None, None) if named => None,
            (None, None) => self.calls.len().checked_sub(1),
        }
    }

    fn begin(
        &mut self,
        index: Option<u64>,
        vendor_id: Option<String>,
        name: String,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<usize, FaultKind> {
        if self.calls.len() == MOST_CALLS {
            return Err(FaultKind::Internal);
        }
        let call_id = self.ids.fresh();
        out.push_back(ModelEvent::ToolCallStart {
            call_id: call_id.clone(),
            name,
        });
        self.calls.push(Call {
            id: call_id,
            index,
            vendor_id,
            has_arguments: false,
        });
        Ok(self.calls.len() - 1)
    }

    fn finished(&mut self, reason: &str) {
        self.finish = Some(match reason {
            "length" => Finish::MaxTokens,
            "content_filter" => Finish::ContentFilter,
            _ => Finish::Stop,
        });
    }
}

impl Decode for Decoder {
    type Event = String;

    fn event(&mut self, data: String, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        if data.trim() == END {
            return Ok(Progress::Ended);
        }
        let chunk: Chunk = serde_json::from_str(&data).map_err(|_| FaultKind::Internal)?;
        if let Some(error) = chunk.error {
            return Err(of_error(&error));
        }
        if let Some(usage) = chunk.usage {
            self.usage = usage.into();
        }
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index.unwrap_or(0) != 0 {
                continue;
            }
            let delta = choice.delta.unwrap_or_default();
            let said = self.thinking.spoken(&text(delta.content.as_ref()));
            self.say(said, out);
            self.say(delta.refusal.unwrap_or_default(), out);
            for call in delta.tool_calls.unwrap_or_default() {
                self.call(call, out)?;
            }
            if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
                self.finished(&reason);
            }
        }
        Ok(match self.finish {
            Some(_) => Progress::Complete,
            None => Progress::Open,
        })
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        // Without a reason it did not finish, however cleanly the stream ended.
        let finish = self.finish.ok_or(FaultKind::Internal)?;
        let rest = self.thinking.rest();
        self.say(rest, out);
        if finish == Finish::ContentFilter && !self.spoke {
            return Err(FaultKind::Refused);
        }
        for call in self.calls.iter().filter(|call| !call.has_arguments) {
            out.push_back(ModelEvent::ToolCallArguments {
                call_id: call.id.clone(),
                delta: "{}".into(),
            });
        }
        out.push_back(ModelEvent::Done {
            usage: self.usage,
            finish,
        });
        Ok(())
    }
}

impl From<Usage> for ModelUsage {
    fn from(usage: Usage) -> Self {
        let cached = usage
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens);
        Self {
            input_tokens: usage.prompt_tokens.unwrap_or(0),
            cached_tokens: cached.unwrap_or(0),
            cache_write_tokens: 0,
            output_tokens: usage.completion_tokens.unwrap_or(0),
        }
    }
}

/// The words of a `content`: text, or parts of which only those of type `text` are meant to be said.
fn text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter(|part| part["type"] == "text")
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

/// What an error in the midst of a stream says.
fn of_error(error: &Value) -> FaultKind {
    let code = &error["code"];
    let status = code.as_u64().or_else(|| code.as_str()?.parse().ok());
    let says = |word: &str| {
        [&error["type"], code]
            .into_iter()
            .filter_map(Value::as_str)
            .any(|text| text.contains(word))
    };
    match status {
        Some(429) => FaultKind::Overloaded,
        Some(400..500) => FaultKind::Refused,
        _ if says("rate_limit") || says("quota") => FaultKind::Overloaded,
        _ if says("invalid") || says("context") => FaultKind::Refused,
        _ => FaultKind::Internal,
    }
}

#[cfg(test)]
mod tests;
