//! The events of a streamed answer: each is a whole response that holds the next piece.

use std::collections::VecDeque;

use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answering::{Decode, Progress};
use crate::call_ids::CallIds;

/// Reads one answer.
#[derive(Debug, Default)]
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
#[serde(default)]
struct Usage {
    #[serde(rename = "promptTokenCount")]
    prompt: Option<u32>,
    #[serde(rename = "cachedContentTokenCount")]
    cached_content: Option<u32>,
    #[serde(rename = "candidatesTokenCount")]
    candidates: Option<u32>,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

impl Decoder {
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
    type Event = String;

    fn event(&mut self, data: String, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        let chunk: Chunk = serde_json::from_str(&data).map_err(|_| FaultKind::Internal)?;
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
            input_tokens: usage.prompt.unwrap_or(0),
            cached_tokens: usage.cached_content.unwrap_or(0),
            cache_write_tokens: 0,
            output_tokens: usage.candidates.unwrap_or(0) + usage.thoughts.unwrap_or(0),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sse::decoded;

    async fn read(stream: &str, piece: usize) -> Result<Vec<String>, FaultKind> {
        let events = decoded(stream, piece, Decoder::default()).await?;
        let line = |event: ModelEvent| match event {
            ModelEvent::TextDelta(text) => format!("+{text}"),
            ModelEvent::ToolCallStart { name, .. } => name,
            ModelEvent::ToolCallArguments { delta, .. } => format!("({delta}"),
            ModelEvent::Done { usage: u, finish } => {
                format!(
                    "{finish:?} {}/{}/{}",
                    u.input_tokens, u.cached_tokens, u.output_tokens
                )
            }
            other => panic!("{other:?}"),
        };
        Ok(events.into_iter().map(line).collect())
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

    fn chunk(parts: &str, finish: &str, tokens: (u32, u32)) -> String {
        let finish = if finish.is_empty() {
            String::new()
        } else {
            format!(",\"finishReason\":\"{finish}\"")
        };
        let (said, thought) = tokens;
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}],\"role\":\"model\"}}{finish},\"index\":0}}],\
             \"usageMetadata\":{{\"promptTokenCount\":20,\"cachedContentTokenCount\":16,\"candidatesTokenCount\":{said},\
             \"thoughtsTokenCount\":{thought},\"totalTokenCount\":99}},\"modelVersion\":\"m\"}}\r\n\r\n"
        )
    }

    #[tokio::test]
    async fn an_answer_is_the_same_however_its_bytes_are_cut() {
        let stream = [
            chunk(r#"{"text":"let me see","thought":true}"#, "", (0, 4)),
            chunk(r#"{"text":"Grüß "}"#, "", (1, 4)),
            chunk(
                r#"{"text":"Gott."},{"text":"","thoughtSignature":"eA=="}"#,
                "STOP",
                (2, 4),
            ),
        ]
        .concat();
        check(&stream, Ok(&["+Grüß ", "+Gott.", "Stop 20/16/6"])).await;
    }

    #[tokio::test]
    async fn calls_come_whole() {
        let stream = chunk(
            r#"{"text":"One moment."},{"functionCall":{"name":"lookup","args":{"id":7}},"thoughtSignature":"eA=="},
               {"functionCall":{"name":"ping"}}"#
                .replace('\n', "")
                .as_str(),
            "STOP",
            (5, 0),
        );
        let expected: &[&str] = &[
            "+One moment.",
            "lookup",
            "({\"id\":7}",
            "ping",
            "({}",
            "Stop 20/16/5",
        ];
        check(&stream, Ok(expected)).await;
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_apart() {
        let text = r#"{"text":"Hi"}"#;
        let cases: [(String, Result<&[&str], FaultKind>); 9] = [
            (String::new(), Err(FaultKind::Internal)),
            (chunk(text, "", (1, 0)), Err(FaultKind::Internal)),
            (
                chunk(text, "SAFETY", (1, 0)),
                Ok(&["+Hi", "ContentFilter 20/16/1"]),
            ),
            (chunk("", "SAFETY", (0, 0)), Err(FaultKind::Refused)),
            (
                chunk("", "MALFORMED_FUNCTION_CALL", (0, 0)),
                Err(FaultKind::Internal),
            ),
            (chunk(text, "SOMETHING_NEW", (1, 0)), Ok(&["+Hi", "Stop 20/16/1"])),
            (
                "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n".into(),
                Err(FaultKind::Refused),
            ),
            (
                "data: {\"error\":{\"code\":429,\"message\":\"x\",\"status\":\"RESOURCE_EXHAUSTED\"}}\n\n"
                    .into(),
                Err(FaultKind::Overloaded),
            ),
            (
                "{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}".into(),
                Err(FaultKind::Internal),
            ),
        ];
        for (stream, expected) in cases {
            check(&stream, expected).await;
        }
        assert_eq!(read("", 1).await, Err(FaultKind::Internal));
    }
}
