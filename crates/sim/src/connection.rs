//! The connection as the server sees it: at times it takes nothing, and what the server sends waits in order; at times it
//! is lost, and what the server would have said is kept.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::event_log::{AudioBefore, EventLog, LastSeen, LogLimits};
use bedside_conversation::io::AudioOut;
use bedside_conversation::time::Time;
use bedside_protocol::ServerEvent;

use crate::rng::{Rng, Stream};
use crate::scenario::Spells;

/// What the server sends.
#[derive(Debug)]
pub enum Message {
    /// An event.
    Event(Box<ServerEvent>),
    /// A piece of an answer.
    Audio(AudioOut),
}

/// What a server keeps for its clients.
const KEPT: LogLimits = LogLimits {
    bytes: 256 * 1024,
    age: Duration::from_secs(90),
};

/// What is taken to be the size of an event.
const EVENT_BYTES: usize = 400;

/// What waits at the server.
#[derive(Debug)]
pub struct Connection {
    blockages: Spells,
    rng: Rng,
    blocked: bool,
    unblocked_at: Option<Time>,
    /// Messages, and how long the audio plays that was sent before each.
    waiting: VecDeque<(Message, Duration)>,
    lost: bool,
    log: EventLog<Box<ServerEvent>>,
    audio: Duration,
}

impl Connection {
    /// A connection that takes everything at once, for now.
    pub fn new(blockages: Spells, seed: u64) -> Self {
        Self {
            blockages,
            rng: Rng::new(seed, Stream::Connection),
            blocked: false,
            unblocked_at: None,
            waiting: VecDeque::new(),
            lost: false,
            log: EventLog::new(KEPT),
            audio: Duration::ZERO,
        }
    }

    /// When it blocks next, after `now`.
    pub fn next_blockage(&mut self, now: Time) -> Option<Time> {
        let every = self.blockages.every_ms.clone()?;
        Some(now + self.rng.millis(every))
    }

    /// It takes nothing any more; returns for how long.
    pub fn block(&mut self) -> Duration {
        self.blocked = true;
        self.rng.millis(self.blockages.length_ms.clone())
    }

    /// It takes messages again, and what has waited at once.
    pub fn unblock(&mut self, now: Time) -> Vec<Message> {
        self.blocked = false;
        self.unblocked_at = Some(now);
        let waited = std::mem::take(&mut self.waiting);
        for (message, before) in &waited {
            self.keep(now, message, *before);
        }
        waited.into_iter().map(|(message, _)| message).collect()
    }

    /// Whether it has taken everything for so long.
    pub fn takes_since(&self, now: Time, long: Duration) -> bool {
        !self.blocked && !self.lost && self.unblocked_at.is_none_or(|at| at + long <= now)
    }

    /// The server sends a message: returns it if it is taken, else it waits, or is kept for a client that comes back.
    pub fn send(&mut self, now: Time, message: Message) -> Option<Message> {
        let before = self.audio;
        self.audio += message.plays();
        if self.blocked && !self.lost {
            self.waiting.push_back((message, before));
            return None;
        }
        self.keep(now, &message, before);
        (!self.lost).then_some(message)
    }

    /// The server notices that it is lost.
    pub fn lose(&mut self, now: Time) {
        self.lost = true;
        for (message, before) in std::mem::take(&mut self.waiting) {
            self.keep(now, &message, before);
        }
    }

    /// Whether the server knows that it is lost.
    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// The client is back: the events it missed, and how much audio it is known not to have got; `None` if they are not
    /// kept.
    pub fn go_on(&mut self, now: Time, last_event_id: &str) -> Option<(Vec<Box<ServerEvent>>, Duration)> {
        let missed = self.log.missed_since(LastSeen::Event(last_event_id))?;
        let unreceived = missed
            .audio
            .map_or(Duration::ZERO, |got| self.audio.saturating_sub(got.plays));
        let events = missed.events.into_iter().cloned().collect();
        self.lost = false;
        self.blocked = false;
        self.unblocked_at = Some(now);
        Some((events, unreceived))
    }

    /// The server drops the audio that waits.
    pub fn drop_audio(&mut self) {
        self.waiting
            .retain(|(message, _)| !matches!(message, Message::Audio(_)));
    }

    /// Audio that waits.
    pub fn unsent(&self) -> Duration {
        self.waiting.iter().map(|(message, _)| message.plays()).sum()
    }

    fn keep(&mut self, now: Time, message: &Message, before: Duration) {
        if let Message::Event(event) = message {
            let audio = AudioBefore {
                plays: before,
                events: 0,
            };
            self.log
                .push(now, event.event_id.clone(), EVENT_BYTES, audio, event.clone());
        }
    }
}

impl Message {
    fn plays(&self) -> Duration {
        match self {
            Self::Audio(audio) => audio.duration,
            Self::Event(_) => Duration::ZERO,
        }
    }
}
