//! The grammar of a response: its items, their parts, their deltas, in order and each to its end.

use std::collections::{BTreeMap, BTreeSet};

use bedside_conversation::io::AudioOut;
use bedside_protocol::{PartAddress, Response, ResponseStatus, ServerEventKind};

use super::grammar::ensure;

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Item,
    Part,
    PartDone,
    Done,
}

#[derive(Debug, Default)]
struct OutputItem {
    id: String,
    phase: Phase,
    /// Deltas so far: transcript, text or arguments.
    text: String,
}

#[derive(Debug)]
struct Active {
    id: String,
    outputs: BTreeMap<u32, OutputItem>,
}

/// Follows responses, of which one at most is in progress.
#[derive(Debug, Default)]
pub(super) struct Responses {
    active: Option<Active>,
    ids: BTreeSet<String>,
}

impl Responses {
    /// Whether audio belongs to an open part of the response in progress.
    pub(super) fn may_sound(&self, audio: &AudioOut) -> bool {
        self.active
            .as_ref()
            .filter(|active| active.id == audio.response_id)
            .and_then(|active| active.outputs.get(&audio.output_index))
            .is_some_and(|output| output.id == audio.item_id && output.phase == Phase::Part)
    }

    /// Follows an event of the response in progress; others are none of its business.
    pub(super) fn follow(&mut self, event: &ServerEventKind) -> Result<(), String> {
        use ServerEventKind as E;
        match event {
            E::ResponseCreated { response } => self.created(response),
            E::ResponseDone { response } => self.done(response),
            E::ResponseOutputItemAdded {
                response_id,
                output_index,
                item,
            } => {
                let active = self.active(response_id)?;
                let next = active.outputs.len() as u32;
                ensure(*output_index == next, || {
                    format!("output {output_index} of {response_id} is not {next}")
                })?;
                active.outputs.insert(
                    next,
                    OutputItem {
                        id: item.id.clone(),
                        ..OutputItem::default()
                    },
                );
                Ok(())
            }
            E::ResponseOutputItemDone {
                response_id,
                output_index,
                item,
            } => {
                let output = self.output(response_id, *output_index, &item.id)?;
                let phase = std::mem::replace(&mut output.phase, Phase::Done);
                ensure(matches!(phase, Phase::Item | Phase::PartDone), || {
                    format!("{} is done in {phase:?}", item.id)
                })
            }
            E::ResponseContentPartAdded { at, .. } => self.pass(at, &Phase::Item, Phase::Part).map(|_| ()),
            E::ResponseContentPartDone { at, .. } => self.pass(at, &Phase::Part, Phase::PartDone).map(|_| ()),
            E::ResponseOutputTextDelta { at, delta }
            | E::ResponseOutputAudioTranscriptDelta { at, delta } => {
                self.pass(at, &Phase::Part, Phase::Part)?.text.push_str(delta);
                Ok(())
            }
            E::ResponseOutputAudioDone { at } => self.pass(at, &Phase::Part, Phase::Part).map(|_| ()),
            E::ResponseOutputTextDone { at, text: whole }
            | E::ResponseOutputAudioTranscriptDone {
                at,
                transcript: whole,
            } => {
                let shown = &self.pass(at, &Phase::Part, Phase::Part)?.text;
                ensure(shown == whole, || {
                    format!("{} was shown {shown:?} and is {whole:?}", at.item_id)
                })
            }
            E::ResponseFunctionCallArgumentsDelta {
                response_id,
                item_id,
                output_index,
                delta,
                ..
            } => {
                self.output(response_id, *output_index, item_id)?
                    .text
                    .push_str(delta);
                Ok(())
            }
            E::ResponseFunctionCallArgumentsDone {
                response_id,
                item_id,
                output_index,
                arguments,
                ..
            } => {
                let shown = &self.output(response_id, *output_index, item_id)?.text;
                ensure(shown == arguments, || {
                    format!("{item_id} was shown {shown:?} and is {arguments:?}")
                })
            }
            _ => Ok(()),
        }
    }

    fn pass(&mut self, at: &PartAddress, from: &Phase, to: Phase) -> Result<&mut OutputItem, String> {
        let output = self.output(&at.response_id, at.output_index, &at.item_id)?;
        ensure(output.phase == *from, || {
            format!("{} is in {:?}, not in {from:?}", at.item_id, output.phase)
        })?;
        output.phase = to;
        Ok(output)
    }

    fn active(&mut self, response_id: &str) -> Result<&mut Active, String> {
        self.active
            .as_mut()
            .filter(|active| active.id == response_id)
            .ok_or_else(|| format!("{response_id} is not active"))
    }

    fn output(&mut self, response_id: &str, index: u32, item_id: &str) -> Result<&mut OutputItem, String> {
        self.active(response_id)?
            .outputs
            .get_mut(&index)
            .filter(|output| output.id == item_id)
            .ok_or_else(|| format!("{item_id} is not output {index} of {response_id}"))
    }

    fn created(&mut self, response: &Response) -> Result<(), String> {
        let id = &response.id;
        let before = self.active.replace(Active {
            id: id.clone(),
            outputs: BTreeMap::new(),
        });
        ensure(response.status == ResponseStatus::InProgress, || {
            format!("{id} begins {:?}", response.status)
        })?;
        ensure(self.ids.insert(id.clone()), || {
            format!("response id {id} is used again")
        })?;
        ensure(before.is_none(), || {
            format!("{id} begins while {:?} is active", before.map(|b| b.id))
        })
    }

    fn done(&mut self, response: &Response) -> Result<(), String> {
        let id = &response.id;
        let Some(active) = self.active.take().filter(|active| active.id == *id) else {
            return Err(format!("{id} is done but was not active"));
        };
        ensure(response.status != ResponseStatus::InProgress, || {
            format!("{id} is done in progress")
        })?;
        let open: Vec<&String> = active
            .outputs
            .values()
            .filter(|output| output.phase != Phase::Done)
            .map(|output| &output.id)
            .collect();
        ensure(open.is_empty(), || format!("{id} is done, but {open:?} are not"))?;
        let ids = |items: Vec<&String>| items.into_iter().cloned().collect::<Vec<_>>();
        let told = ids(response.output.iter().map(|item| &item.id).collect());
        let seen = ids(active.outputs.values().map(|output| &output.id).collect());
        ensure(told == seen, || {
            format!("{id} is done with {told:?}, but had {seen:?}")
        })
    }
}
