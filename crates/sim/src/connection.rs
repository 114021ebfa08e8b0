//! The connection as the server sees it: at times it takes nothing, and what the server sends waits in order.

use std::collections::VecDeque;
use std::time::Duration;

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

/// What waits at the server.
#[derive(Debug)]
pub struct Connection {
    blockages: Spells,
    rng: Rng,
    blocked: bool,
    unblocked_at: Option<Time>,
    waiting: VecDeque<Message>,
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
    pub fn unblock(&mut self, now: Time) -> VecDeque<Message> {
        self.blocked = false;
        self.unblocked_at = Some(now);
        std::mem::take(&mut self.waiting)
    }

    /// Whether it has taken everything for so long.
    pub fn takes_since(&self, now: Time, long: Duration) -> bool {
        !self.blocked && self.unblocked_at.is_none_or(|at| at + long <= now)
    }

    /// The server sends a message: returns it if it is taken, else it waits.
    pub fn send(&mut self, message: Message) -> Option<Message> {
        if self.blocked {
            self.waiting.push_back(message);
            return None;
        }
        Some(message)
    }

    /// The server drops the audio that waits.
    pub fn drop_audio(&mut self) {
        self.waiting
            .retain(|message| !matches!(message, Message::Audio(_)));
    }

    /// Audio that waits.
    pub fn unsent(&self) -> Duration {
        self.waiting
            .iter()
            .map(|message| match message {
                Message::Audio(audio) => audio.duration,
                Message::Event(_) => Duration::ZERO,
            })
            .sum()
    }
}
