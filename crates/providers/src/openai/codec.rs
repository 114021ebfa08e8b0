//! The events of a streamed completion. Servers vary in nearly every field, so all of them are optional.

use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde::Deserialize;
use serde_json::Value;

use super::thinking::Thinking;
use crate::call_ids::CallIds;
use crate::sse::{Decode, Progress};

/// What follows the last event.
const END: &str = "[DONE]";

/// Calls of one answer; a model that makes more has lost its way.
const MOST_CALLS: usize = 32;

/// Reads one answer.
#[derive(Debug)]
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
    call_id: String,
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
    /// For one answer, whose calls are named by `ids`.
    pub(crate) fn new(ids: CallIds) -> Self {
        Self {
            ids,
            thinking: Thinking::default(),
            calls: Vec::new(),
            finish: None,
            usage: ModelUsage::default(),
            spoke: false,
        }
    }

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
                call_id: call.call_id.clone(),
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
            call_id,
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
    fn event(&mut self, data: &str, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        if data.trim() == END {
            return Ok(Progress::Ended);
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| FaultKind::Internal)?;
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
                call_id: call.call_id.clone(),
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
mod tests {
    use super::*;
    use crate::sse::decoded;

    /// The events as short lines: `+text`, `id name`, `id(arguments`, `reason in/cached/out`.
    async fn read(stream: &str, piece: usize) -> Result<Vec<String>, FaultKind> {
        let events = decoded(stream, piece, Decoder::new(CallIds::new())).await?;
        let mut ids: Vec<String> = Vec::new();
        let mut lines: Vec<String> = Vec::new();
        for event in events {
            match event {
                // However the stream is cut, its text is the same.
                ModelEvent::TextDelta(text) => match lines.last_mut().filter(|last| last.starts_with('+')) {
                    Some(last) => last.push_str(&text),
                    None => lines.push(format!("+{text}")),
                },
                ModelEvent::ToolCallStart { call_id, name } => {
                    assert!(!ids.contains(&call_id));
                    lines.push(format!("{} {name}", ids.len()));
                    ids.push(call_id);
                }
                ModelEvent::ToolCallArguments { call_id, delta } => {
                    let at = ids
                        .iter()
                        .position(|id| *id == call_id)
                        .expect("a call that began");
                    lines.push(format!("{at}({delta}"));
                }
                ModelEvent::Done { usage: u, finish } => {
                    lines.push(format!(
                        "{finish:?} {}/{}/{}",
                        u.input_tokens, u.cached_tokens, u.output_tokens
                    ));
                }
                other => panic!("{other:?}"),
            }
        }
        Ok(lines)
    }

    async fn check(stream: &str, expected: Result<&[&str], FaultKind>) {
        let expected = expected.map(|lines| lines.iter().map(ToString::to_string).collect::<Vec<_>>());
        for piece in 1..=stream.len() {
            assert_eq!(
                read(stream, piece).await,
                expected,
                "in pieces of {piece}: {stream}"
            );
        }
    }

    fn chunk(delta: &str, finish: &str) -> String {
        let finish = if finish.is_empty() {
            "null".into()
        } else {
            format!("{finish:?}")
        };
        format!(
            "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{delta},\
             \"finish_reason\":{finish}}}]}}\n\n"
        )
    }

    #[tokio::test]
    async fn an_answer_is_the_same_however_its_bytes_are_cut() {
        let stream = [
            ": ping\r\n\r\n:\n\n",
            &chunk(r#"{"role":"assistant","content":""}"#, ""),
            &chunk(r#"{"content":"Grüß "}"#, ""),
            &chunk(r#"{"content":"Gott 👋."}"#, ""),
            &chunk("{}", "stop"),
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\
             \"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\ndata: [DONE]\n\n",
        ]
        .concat();
        check(&stream, Ok(&["+Grüß Gott 👋.", "Stop 12/8/5"])).await;
    }

    #[tokio::test]
    async fn usage_may_come_with_the_last_words_or_not_at_all() {
        let usage = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"length\"}],\
                     \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1},\"timings\":{}}\n\ndata: [DONE]";
        check(usage, Ok(&["+Hi", "MaxTokens 3/0/1"])).await;
        let none = chunk(r#"{"content":"Hi"}"#, "stop");
        check(&none, Ok(&["+Hi", "Stop 0/0/0"])).await;
    }

    #[tokio::test]
    async fn calls_are_joined_by_index_or_id() {
        let call = |json: &str| chunk(&format!("{{\"tool_calls\":[{json}]}}"), "");
        let end = chunk("{}", "tool_calls");
        let by_index = [
            call(r#"{"index":0,"id":"a","type":"function","function":{"name":"lookup","arguments":""}}"#),
            call(r#"{"index":1,"id":"b","function":{"name":"search","arguments":"{"}}"#),
            call(r#"{"index":0,"function":{"arguments":"{\"id\":"}}"#),
            call(r#"{"index":1,"id":"","function":{"name":"","arguments":"}"}}"#),
            call(r#"{"index":0,"function":{"arguments":"7}"}}"#),
            end.clone(),
        ];
        let expected: &[&str] = &[
            "0 lookup",
            "1 search",
            "1({",
            "0({\"id\":",
            "1(}",
            "0(7}",
            "Stop 0/0/0",
        ];
        check(&by_index.concat(), Ok(expected)).await;
        let all_zero = [
            call(r#"{"index":0,"id":"a","function":{"name":"lookup","arguments":"{}"}}"#),
            call(r#"{"index":0,"id":"b","function":{"name":"search","arguments":{"q":1}}}"#),
            end.clone(),
        ];
        let expected: &[&str] = &["0 lookup", "0({}", "1 search", "1({\"q\":1}", "Stop 0/0/0"];
        check(&all_zero.concat(), Ok(expected)).await;
        let nothing = [call(r#"{"function":{"name":"ping"}}"#), end];
        check(&nothing.concat(), Ok(&["0 ping", "0({}", "Stop 0/0/0"])).await;
    }

    #[tokio::test]
    async fn thoughts_and_other_choices_are_not_said() {
        let stream = [
            &chunk(r#"{"reasoning_content":"hm","reasoning":"hm"}"#, ""),
            &chunk(r#"{"content":"<think>he"}"#, ""),
            &chunk(r#"{"content":"y</thi"}"#, ""),
            &chunk(r#"{"content":"nk>\nYes."}"#, ""),
            &chunk(
                r#"{"content":[{"type":"thinking","thinking":"x"},{"type":"text","text":" No."}]}"#,
                "",
            ),
            "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}}]}\n\n",
            "data: {\"unknown\":true}\n\n",
            &chunk("null", "stop"),
            "data: [DONE]\n\n",
        ]
        .concat();
        check(&stream, Ok(&["+Yes. No.", "Stop 0/0/0"])).await;
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_apart() {
        let begun = chunk(r#"{"content":"Hi"}"#, "");
        let cases = [
            (String::new(), FaultKind::Internal),
            (begun.clone(), FaultKind::Internal),
            (format!("{begun}data: [DONE]\n\n"), FaultKind::Internal),
            (format!("{begun}data: {{\"choices\":\n\n"), FaultKind::Internal),
            (format!("{begun}data: not json\n\n"), FaultKind::Internal),
            (
                "data: {\"error\":{\"message\":\"x\",\"type\":\"server_error\",\"code\":null}}\n\n".into(),
                FaultKind::Internal,
            ),
            (
                "data: {\"error\":{\"message\":\"x\",\"code\":429}}\n\n".into(),
                FaultKind::Overloaded,
            ),
            (
                "data: {\"error\":{\"code\":\"rate_limit_exceeded\"}}\n\n".into(),
                FaultKind::Overloaded,
            ),
            (
                "data: {\"error\":{\"code\":400,\"type\":\"exceed_context_size_error\"}}\n\n".into(),
                FaultKind::Refused,
            ),
            ("data: {\"error\":\"gone\"}\n\n".into(), FaultKind::Internal),
            (chunk("{}", "content_filter"), FaultKind::Refused),
            (
                chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}"#, ""),
                FaultKind::Internal,
            ),
        ];
        for (stream, kind) in cases {
            check(&stream, Err(kind)).await;
            assert_eq!(read(&stream, 1_000).await, Err(kind), "{stream}");
        }
    }
}
