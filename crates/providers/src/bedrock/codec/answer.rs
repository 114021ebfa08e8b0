//! From the events of a stream to ours.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockStart, ConverseStreamOutput as Event, StopReason, TokenUsage,
};
use bedside_conversation::context::{Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::FaultKind;
use serde_json::{Map, Value};

use crate::answering::{Decode, Progress};

/// An answer as it comes in. What comes twice and says so is taken once; what is out of order is a fault.
#[derive(Debug, Default)]
pub(in crate::bedrock) struct Answer {
    begun: bool,
    blocks: BTreeMap<i32, Block>,
    finish: Option<Finish>,
    usage: Option<ModelUsage>,
}

#[derive(Debug)]
enum Block {
    /// Text, or what is not spoken.
    Other,
    Call {
        id: String,
        arguments: String,
    },
    Closed,
}

impl Decode for Answer {
    type Event = Event;

    fn event(&mut self, event: Event, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind> {
        match event {
            Event::MessageStart(_) => self.begun = true,
            Event::ContentBlockStart(event) => {
                self.within()?;
                self.start(event.content_block_index, event.start, out)?;
            }
            Event::ContentBlockDelta(event) => {
                self.within()?;
                self.delta(event.content_block_index, event.delta, out)?;
            }
            Event::ContentBlockStop(event) => {
                self.within()?;
                self.close(event.content_block_index, out)?;
            }
            Event::MessageStop(event) if self.finish.is_none() => {
                self.within()?;
                let open: Vec<_> = self.blocks.keys().copied().collect();
                for index in open {
                    self.close(index, out)?;
                }
                self.finish = Some(finish(&event.stop_reason)?);
            }
            Event::Metadata(event) => self.usage = event.usage.as_ref().map(usage).or(self.usage),
            // A repeated end, and what later versions may send.
            _ => {}
        }
        Ok(match (self.finish, self.usage) {
            (None, _) => Progress::Open,
            (Some(_), None) => Progress::Complete,
            (Some(_), Some(_)) => Progress::Ended,
        })
    }

    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        let finish = self.finish.ok_or(FaultKind::Internal)?;
        out.push_back(ModelEvent::Done {
            usage: self.usage.unwrap_or_default(),
            finish,
        });
        Ok(())
    }
}

impl Answer {
    fn within(&self) -> Result<(), FaultKind> {
        if self.begun && self.finish.is_none() {
            Ok(())
        } else {
            Err(FaultKind::Internal)
        }
    }

    fn start(
        &mut self,
        index: i32,
        start: Option<ContentBlockStart>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), FaultKind> {
        let call = match start {
            Some(ContentBlockStart::ToolUse(call)) => Some(call),
            _ => None,
        };
        match (self.blocks.entry(index), call) {
            (Entry::Vacant(entry), None) => {
                entry.insert(Block::Other);
            }
            (Entry::Vacant(entry), Some(call)) => {
                out.push_back(ModelEvent::ToolCallStart {
                    call_id: call.tool_use_id.clone(),
                    name: call.name,
                });
                entry.insert(Block::Call {
                    id: call.tool_use_id,
                    arguments: String::new(),
                });
            }
            (Entry::Occupied(entry), call) => match (entry.get(), call) {
                (Block::Other, None) => {}
                (Block::Call { id, .. }, Some(call)) if *id == call.tool_use_id => {}
                _ => return Err(FaultKind::Internal),
            },
        }
        Ok(())
    }

    fn delta(
        &mut self,
        index: i32,
        delta: Option<ContentBlockDelta>,
        out: &mut VecDeque<ModelEvent>,
    ) -> Result<(), FaultKind> {
        match (delta, self.blocks.get_mut(&index)) {
            (Some(ContentBlockDelta::ToolUse(piece)), Some(Block::Call { id, arguments })) => {
                let delta = piece.input;
                arguments.push_str(&delta);
                if !delta.is_empty() {
                    let call_id = id.clone();
                    out.push_back(ModelEvent::ToolCallArguments { call_id, delta });
                }
            }
            (Some(ContentBlockDelta::ToolUse(_)), _)
            | (Some(ContentBlockDelta::Text(_)), Some(Block::Call { .. } | Block::Closed)) => {
                return Err(FaultKind::Internal);
            }
            (Some(ContentBlockDelta::Text(text)), _) => {
                // Text begins without a start.
                self.blocks.entry(index).or_insert(Block::Other);
                if !text.is_empty() {
                    out.push_back(ModelEvent::TextDelta(text));
                }
            }
            // Reasoning and citations are not spoken.
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, index: i32, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind> {
        if let Some(Block::Call { id, arguments }) = self.blocks.insert(index, Block::Closed) {
            if arguments.trim().is_empty() {
                out.push_back(ModelEvent::ToolCallArguments {
                    call_id: id,
                    delta: "{}".to_owned(),
                });
            } else {
                serde_json::from_str::<Map<String, Value>>(&arguments).map_err(|_| FaultKind::Internal)?;
            }
        }
        Ok(())
    }
}

fn finish(reason: &StopReason) -> Result<Finish, FaultKind> {
    match reason {
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Ok(Finish::MaxTokens),
        StopReason::GuardrailIntervened | StopReason::ContentFiltered => Ok(Finish::ContentFilter),
        StopReason::MalformedModelOutput | StopReason::MalformedToolUse => Err(FaultKind::Internal),
        // The end of a turn or of a call, and reasons to come.
        _ => Ok(Finish::Stop),
    }
}

/// Bedrock counts what came from the cache and went there apart from the other input.
fn usage(used: &TokenUsage) -> ModelUsage {
    let tokens = |count: i32| u32::try_from(count).unwrap_or(0);
    let cached = tokens(used.cache_read_input_tokens.unwrap_or(0));
    let written = tokens(used.cache_write_input_tokens.unwrap_or(0));
    ModelUsage {
        input_tokens: tokens(used.input_tokens)
            .saturating_add(cached)
            .saturating_add(written),
        cached_tokens: cached,
        cache_write_tokens: written,
        output_tokens: tokens(used.output_tokens),
    }
}

#[cfg(test)]
mod tests;
