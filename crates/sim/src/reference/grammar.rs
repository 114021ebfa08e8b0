//! The grammar of the protocol: which event may follow which.

use std::collections::{BTreeMap, BTreeSet};

use bedside_conversation::io::AudioOut;
use bedside_conversation::time::Time;
use bedside_protocol::{PartAddress, Response, ResponseStatus, ServerEvent, ServerEventKind};

use super::Violations;
use crate::client::Expect;

const RULE: &str = "grammar";

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

/// Follows the events of a session in the order in which they are sent.
#[derive(Debug, Default)]
pub struct Grammar {
    events: BTreeSet<String>,
    items: Vec<String>,
    items_done: BTreeSet<String>,
    active: Option<Active>,
    responses: BTreeSet<String>,
    speech: Option<(String, bool)>,
    committed: BTreeSet<String>,
    transcribed: BTreeSet<String>,
    /// The response whose audio the client plays.
    sounding: Option<String>,
    /// A mistake of the client that must be answered at once.
    owed: Option<String>,
}

impl Grammar {
    /// Checks an event.
    pub fn event(&mut self, now: Time, event: &ServerEvent, violations: &mut Violations) {
        let first = self.events.is_empty();
        let created = matches!(event.kind, ServerEventKind::SessionCreated { .. });
        violations.check(first == created, now, RULE, || {
            "session.created comes first and once".to_owned()
        });
        let fresh = self.events.insert(event.event_id.clone());
        violations.check(fresh, now, RULE, || {
            format!("event id {} is used again", event.event_id)
        });
        if let Err(reason) = self.follow(&event.kind) {
            violations.add(now, RULE, reason);
        }
    }

    /// The client made its wish known; `None` if something else is about to happen.
    pub fn wish(&mut self, now: Time, event_id: Option<&str>, violations: &mut Violations) {
        let owed = event_id
            .filter(|id| Expect::of(id) == Expect::Error)
            .map(str::to_owned);
        let unanswered = std::mem::replace(&mut self.owed, owed);
        violations.check(unanswered.is_none(), now, RULE, || {
            format!("the mistake {unanswered:?} was not answered with an error")
        });
    }

    /// Checks a piece of audio.
    pub fn audio(&mut self, now: Time, audio: &AudioOut, violations: &mut Violations) {
        let part = self
            .active
            .as_ref()
            .filter(|active| active.id == audio.response_id)
            .and_then(|active| {
                active
                    .outputs
                    .get(&audio.output_index)
                    .filter(|output| output.id == audio.item_id)
            });
        let open = part.is_some_and(|output| output.phase == Phase::Part);
        violations.check(open, now, RULE, || {
            format!("audio of {}, which has no open part", audio.item_id)
        });
    }

    /// Whether a response is in progress.
    pub fn is_active(&self) -> bool {
        self.active.is_some()
    }

    fn follow(&mut self, event: &ServerEventKind) -> Result<(), String> {
        use ServerEventKind as E;
        match event {
            E::Error { error } => {
                if error.event_id == self.owed {
                    self.owed = None;
                }
                let fine = error
                    .event_id
                    .as_deref()
                    .is_some_and(|id| Expect::of(id) != Expect::Fine);
                ensure(fine, || format!("an error without a mistake: {error:?}"))
            }
            E::ConversationItemAdded {
                previous_item_id,
                item,
            } => self.item_added(previous_item_id.as_deref(), &item.id),
            E::ConversationItemDone { item, .. } => {
                ensure(self.items.contains(&item.id), || {
                    format!("{} is done but was not added", item.id)
                })?;
                ensure(self.items_done.insert(item.id.clone()), || {
                    format!("{} is done twice", item.id)
                })
            }
            E::ConversationItemDeleted { item_id } => {
                let before = self.items.len();
                self.items.retain(|id| id != item_id);
                ensure(self.items.len() < before, || {
                    format!("{item_id} is deleted but was not there")
                })
            }
            E::ConversationItemTruncated { item_id, .. } => ensure(self.items.contains(item_id), || {
                format!("{item_id} is truncated but is not there")
            }),
            E::InputAudioBufferSpeechStarted { item_id, .. } => {
                let open = self.speech.replace((item_id.clone(), false));
                ensure(open.is_none(), || format!("speech starts while {open:?} is open"))
            }
            E::InputAudioBufferSpeechStopped { item_id, .. } => match &mut self.speech {
                Some((open, stopped)) if open == item_id && !*stopped => {
                    *stopped = true;
                    Ok(())
                }
                other => Err(format!("speech of {item_id} stops while {other:?} is open")),
            },
            E::InputAudioBufferCommitted {
                previous_item_id,
                item_id,
            } => {
                let open = self.speech.take().is_none_or(|(open, _)| open == *item_id);
                ensure(open, || {
                    format!("{item_id} is committed, but another was being spoken")
                })?;
                ensure(previous_item_id.as_ref() == self.items.last(), || {
                    format!(
                        "{item_id} follows {previous_item_id:?}, but the last is {:?}",
                        self.items.last()
                    )
                })?;
                ensure(self.committed.insert(item_id.clone()), || {
                    format!("{item_id} is committed twice")
                })
            }
            E::InputAudioBufferCleared {} | E::SessionUpdated { .. } => {
                self.speech = None;
                Ok(())
            }
            E::InputAudioTranscriptionDelta { item_id, .. } => ensure(
                self.committed.contains(item_id) && !self.transcribed.contains(item_id)
                    || self.speech.as_ref().is_some_and(|(open, _)| open == item_id),
                || format!("a delta of {item_id} out of place"),
            ),
            E::InputAudioTranscriptionCompleted { item_id, .. }
            | E::InputAudioTranscriptionFailed { item_id, .. } => {
                ensure(self.committed.contains(item_id), || {
                    format!("{item_id} is transcribed but not committed")
                })?;
                ensure(self.transcribed.insert(item_id.clone()), || {
                    format!("{item_id} is transcribed twice")
                })
            }
            E::OutputAudioBufferStarted { response_id } => {
                let before = self.sounding.replace(response_id.clone());
                ensure(before.is_none(), || {
                    format!("{response_id} sounds while {before:?} does")
                })
            }
            E::OutputAudioBufferStopped { response_id } | E::OutputAudioBufferCleared { response_id } => {
                let sounding = self.sounding.take();
                ensure(sounding.as_ref() == Some(response_id), || {
                    format!("{response_id} falls silent while {sounding:?} sounds")
                })
            }
            E::ResponseCreated { response } => self.response_created(response),
            E::ResponseDone { response } => self.response_done(response),
            other => self.follow_output(other),
        }
    }

    fn item_added(&mut self, previous: Option<&str>, id: &str) -> Result<(), String> {
        ensure(!self.items.iter().any(|item| item == id), || {
            format!("{id} is added twice")
        })?;
        let at = match previous {
            None => 0,
            Some(previous) => {
                let at = self.items.iter().position(|item| item == previous);
                at.ok_or_else(|| format!("{id} follows {previous}, which is not there"))? + 1
            }
        };
        self.items.insert(at, id.to_owned());
        Ok(())
    }

    fn response_created(&mut self, response: &Response) -> Result<(), String> {
        let id = &response.id;
        let before = self.active.replace(Active {
            id: id.clone(),
            outputs: BTreeMap::new(),
        });
        ensure(response.status == ResponseStatus::InProgress, || {
            format!("{id} begins {:?}", response.status)
        })?;
        ensure(self.responses.insert(id.clone()), || {
            format!("response id {id} is used again")
        })?;
        ensure(before.is_none(), || {
            format!("{id} begins while {:?} is active", before.map(|b| b.id))
        })
    }

    fn response_done(&mut self, response: &Response) -> Result<(), String> {
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

    fn follow_output(&mut self, event: &ServerEventKind) -> Result<(), String> {
        use ServerEventKind as E;
        match event {
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
}

fn ensure(ok: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if ok { Ok(()) } else { Err(reason()) }
}
