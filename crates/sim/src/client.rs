//! The client program: configures the session, plays what it is sent, and does what clients do, right or wrong.

use std::time::Duration;

use bedside_conversation::time::Time;
use bedside_protocol::{
    ClientEvent, ClientEventKind, ContentPart, Item, ItemBody, NewItem, Role, ServerEvent, ServerEventKind,
};

use crate::patient::Ear;
use crate::playback::{Playback, Received};
use crate::rng::{Rng, Stream};
use crate::scenario::{ClientManners, Detection};
use crate::settings;

/// Whether the server may answer an event with `error`. It is written into the event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It must not.
    Fine,
    /// It depends on what crossed on the way.
    Either,
    /// It must.
    Error,
}

impl Expect {
    fn prefix(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Either => "either",
            Self::Error => "error",
        }
    }

    /// Reads the expectation from an event's id.
    pub fn of(event_id: &str) -> Self {
        [Self::Fine, Self::Error]
            .into_iter()
            .find(|e| event_id.starts_with(e.prefix()))
            .unwrap_or(Self::Either)
    }
}

/// The client.
#[derive(Debug)]
pub struct Client {
    manners: ClientManners,
    rng: Rng,
    playback: Playback,
    /// It asked for silence, and plays nothing until the server has understood.
    muted: bool,
    active: Option<String>,
    answers: u32,
    /// Items known to exist, oldest first.
    items: Vec<String>,
    sent: u32,
    was_speaking: bool,
}

impl Client {
    /// A client.
    pub fn new(manners: ClientManners, seed: u64) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, Stream::Client),
            playback: Playback::default(),
            muted: false,
            active: None,
            answers: 0,
            items: Vec::new(),
            sent: 0,
            was_speaking: false,
        }
    }

    /// What it says first.
    pub fn opening(&mut self) -> Vec<ClientEvent> {
        let mut events = vec![self.event(Expect::Fine, settings::session_update(&self.manners))];
        if self.manners.greets && !self.manners.transcribes {
            events.push(self.respond(Expect::Fine));
        }
        events
    }

    /// What the patient hears and sees at `now`.
    pub fn ear(&mut self, now: Time) -> Ear {
        self.playback.play(now);
        Ear {
            voice: self.playback.is_playing(),
            answers: self.answers,
        }
    }

    /// Responses that ended; in a transcription session, transcripts.
    pub fn answers(&self) -> u32 {
        self.answers
    }

    /// The loudspeaker.
    pub fn playback(&self) -> &Playback {
        &self.playback
    }

    /// Audio arrived.
    pub fn hear(&mut self, now: Time, item_id: String, duration: Duration) {
        if !self.muted {
            self.playback.receive(now, Received { item_id, duration });
        }
    }

    /// An event arrived; returns the client's answers.
    pub fn on_event(&mut self, now: Time, event: &ServerEvent) -> Vec<ClientEvent> {
        match &event.kind {
            ServerEventKind::InputAudioBufferSpeechStarted { .. } if self.manners.interrupts => {
                self.hush(now)
            }
            ServerEventKind::OutputAudioBufferCleared { .. } => {
                self.muted = false;
                self.hush(now)
            }
            ServerEventKind::InputAudioBufferCommitted { .. } if self.asks_for_responses() => {
                vec![self.respond(Expect::Either)]
            }
            ServerEventKind::ConversationItemAdded { item, .. } => {
                self.items.push(item.id.clone());
                vec![]
            }
            ServerEventKind::ConversationItemDeleted { item_id } => {
                self.items.retain(|id| id != item_id);
                vec![]
            }
            ServerEventKind::InputAudioTranscriptionCompleted { .. } if self.manners.transcribes => {
                self.answers += 1;
                vec![]
            }
            ServerEventKind::ResponseCreated { response } => {
                self.muted = false;
                self.active = Some(response.id.clone());
                vec![]
            }
            ServerEventKind::ResponseDone { response } => {
                self.active = None;
                self.answers += 1;
                self.answer_calls(&response.output)
            }
            _ => vec![],
        }
    }

    /// Watches the microphone: with push-to-talk, the patient holds a button while speaking.
    pub fn on_capture(&mut self, now: Time, speaking: bool) -> Vec<ClientEvent> {
        let was_speaking = std::mem::replace(&mut self.was_speaking, speaking);
        if self.manners.detection != Detection::PushToTalk || was_speaking == speaking {
            return vec![];
        }
        if !speaking {
            let mut events = vec![self.event(Expect::Fine, ClientEventKind::InputAudioBufferCommit {})];
            if !self.manners.transcribes {
                events.push(self.respond(Expect::Either));
            }
            return events;
        }
        if self.active.is_none() && !self.playback.is_playing() {
            return vec![];
        }
        let mut events = vec![self.event(
            Expect::Either,
            ClientEventKind::ResponseCancel { response_id: None },
        )];
        events.push(self.event(Expect::Fine, ClientEventKind::OutputAudioBufferClear {}));
        events.extend(self.hush(now));
        self.muted = true;
        events
    }

    /// Once a second it may do something nobody asked for.
    pub fn meddle(&mut self, now: Time) -> Option<ClientEvent> {
        if self.manners.transcribes || !self.rng.chance(self.manners.meddles_permille as f64 / 1_000.0) {
            return None;
        }
        let old = if self.items.is_empty() {
            None
        } else {
            Some(self.rng.pick(&self.items).clone())
        };
        let unknown = "item_unknown".to_owned();
        let (expect, kind) = match (self.rng.between(0..=9), old) {
            (0, Some(item_id)) => (
                Expect::Either,
                ClientEventKind::ConversationItemRetrieve { item_id },
            ),
            (1, Some(item_id)) => (
                Expect::Either,
                ClientEventKind::ConversationItemDelete { item_id },
            ),
            (2, Some(previous)) => (Expect::Either, self.note(Some(previous))),
            (3, _) => (Expect::Fine, self.note(None)),
            (4, _) => (
                Expect::Error,
                ClientEventKind::ConversationItemDelete { item_id: unknown },
            ),
            (5, _) => (
                Expect::Error,
                ClientEventKind::ConversationItemRetrieve { item_id: unknown },
            ),
            (6, _) => (
                Expect::Error,
                ClientEventKind::ConversationItemTruncate {
                    item_id: unknown,
                    content_index: 0,
                    audio_end_ms: 5,
                },
            ),
            (7, _) => (
                Expect::Either,
                ClientEventKind::ResponseCancel { response_id: None },
            ),
            (8, _) => {
                self.playback.clear(now);
                self.muted = true;
                (Expect::Fine, ClientEventKind::OutputAudioBufferClear {})
            }
            _ => return Some(self.respond(Expect::Either)),
        };
        Some(self.event(expect, kind))
    }

    fn asks_for_responses(&self) -> bool {
        !self.manners.creates && !self.manners.transcribes && self.manners.detection != Detection::PushToTalk
    }

    /// Stops the loudspeaker and, if it was playing, reports how far it came.
    fn hush(&mut self, now: Time) -> Vec<ClientEvent> {
        self.playback.play(now);
        let report = self
            .playback
            .current()
            .filter(|_| self.manners.reports_playback && self.playback.is_playing())
            .map(|played| ClientEventKind::ConversationItemTruncate {
                item_id: played.item_id.clone(),
                content_index: 0,
                audio_end_ms: played.heard.as_millis() as u64,
            });
        self.playback.clear(now);
        let expect = if self.manners.meddles_permille == 0 {
            Expect::Fine
        } else {
            Expect::Either
        };
        report.map(|kind| self.event(expect, kind)).into_iter().collect()
    }

    fn answer_calls(&mut self, output: &[Item]) -> Vec<ClientEvent> {
        let mut events = Vec::new();
        for item in output {
            if let ItemBody::FunctionCall { call_id, .. } = &item.body {
                let body = ItemBody::FunctionCallOutput {
                    call_id: call_id.clone(),
                    output: "done".to_owned(),
                };
                let item = NewItem { id: None, body };
                let create = ClientEventKind::ConversationItemCreate {
                    previous_item_id: None,
                    item,
                };
                events.push(self.event(Expect::Either, create));
            }
        }
        if !events.is_empty() {
            events.push(self.respond(Expect::Either));
        }
        events
    }

    fn note(&mut self, previous_item_id: Option<String>) -> ClientEventKind {
        let content = vec![ContentPart::InputText {
            text: format!("note{}", self.sent),
        }];
        let body = ItemBody::Message {
            role: Role::User,
            content,
        };
        ClientEventKind::ConversationItemCreate {
            previous_item_id,
            item: NewItem { id: None, body },
        }
    }

    fn respond(&mut self, expect: Expect) -> ClientEvent {
        self.event(
            expect,
            ClientEventKind::ResponseCreate {
                response: Box::default(),
            },
        )
    }

    /// An event the client sends of its own accord.
    pub fn event(&mut self, expect: Expect, kind: ClientEventKind) -> ClientEvent {
        self.sent += 1;
        ClientEvent {
            kind,
            event_id: Some(format!("{}_{}", expect.prefix(), self.sent)),
        }
    }
}
