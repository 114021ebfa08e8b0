//! The grammar of the protocol: which event may follow which.

use std::collections::BTreeSet;

use bedside_conversation::io::AudioOut;
use bedside_conversation::time::Time;
use bedside_protocol::{ServerEvent, ServerEventKind, Session, SessionKind};

use super::Violations;
use super::responses::Responses;
use crate::client::Expect;

const RULE: &str = "grammar";

/// Follows the events of a session in the order in which they are sent.
#[derive(Debug, Default)]
pub struct Grammar {
    events: BTreeSet<String>,
    items: Vec<String>,
    items_done: BTreeSet<String>,
    responses: Responses,
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
        let open = self.responses.may_sound(audio);
        violations.check(open, now, RULE, || {
            format!("audio of {}, which has no open part", audio.item_id)
        });
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
            E::InputAudioBufferCleared {} => {
                self.speech = None;
                Ok(())
            }
            E::SessionUpdated { session } => {
                self.speech = self.speech.take().filter(|_| finds_turns(session));
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
            other => self.responses.follow(other),
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
}

/// Whether the server finds the patient's turns; without it, speech that began is given up.
fn finds_turns(session: &Session) -> bool {
    let input = match &session.kind {
        SessionKind::Realtime(session) => &session.audio.input,
        SessionKind::Transcription(session) => &session.audio.input,
    };
    input.turn_detection.is_some()
}

pub(super) fn ensure(ok: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if ok { Ok(()) } else { Err(reason()) }
}

#[cfg(test)]
mod tests {
    use bedside_protocol::PartAddress;

    use super::*;

    fn judge(events: &[ServerEventKind]) -> Vec<String> {
        let mut grammar = Grammar::default();
        events
            .iter()
            .filter_map(|event| grammar.follow(event).err())
            .collect()
    }

    fn started(item_id: &str) -> ServerEventKind {
        ServerEventKind::InputAudioBufferSpeechStarted {
            audio_start_ms: 0,
            item_id: item_id.into(),
        }
    }

    fn stopped(item_id: &str) -> ServerEventKind {
        ServerEventKind::InputAudioBufferSpeechStopped {
            audio_end_ms: 0,
            item_id: item_id.into(),
        }
    }

    fn committed(item_id: &str) -> ServerEventKind {
        ServerEventKind::InputAudioBufferCommitted {
            previous_item_id: None,
            item_id: item_id.into(),
        }
    }

    #[test]
    fn speech_starts_stops_and_is_committed_once() {
        assert_eq!(judge(&[started("a"), stopped("a"), committed("a")]), [""; 0]);
        for wrong in [
            [started("a"), started("b"), committed("b")],
            [started("a"), stopped("b"), committed("a")],
            [started("a"), stopped("a"), committed("b")],
        ] {
            assert_eq!(judge(&wrong).len(), 1, "{wrong:?}");
        }
    }

    #[test]
    fn a_delta_needs_an_open_part() {
        let at = PartAddress {
            response_id: "r".into(),
            item_id: "a".into(),
            output_index: 0,
            content_index: 0,
        };
        let delta = ServerEventKind::ResponseOutputTextDelta {
            at,
            delta: "Hello".into(),
        };
        assert_eq!(judge(&[delta]).len(), 1);
    }

    #[test]
    fn a_mistake_is_owed_an_error() {
        let mut grammar = Grammar::default();
        let mut found = Violations::default();
        grammar.wish(Time::ZERO, Some("fine_1"), &mut found);
        grammar.wish(Time::ZERO, Some("error_2"), &mut found);
        grammar.wish(Time::ZERO, None, &mut found);
        assert_eq!(found.into_vec().len(), 1);
    }
}
