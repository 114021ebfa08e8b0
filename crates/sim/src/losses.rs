//! The client's connection, lost and found: when, for how long, and who notices.

use std::time::Duration;

use bedside_conversation::time::Time;

use crate::rng::{Rng, Stream};
use crate::scenario::Spells;

/// How a client loses its connection.
#[derive(Debug, Clone, PartialEq)]
pub struct LossManners {
    /// How often, and for how long.
    pub spells: Spells,
    /// Probability that the server notices before the client is back.
    pub noticed: f64,
    /// Probability that the client wants the unheard rest of an answer.
    pub repeats: f64,
}

impl LossManners {
    /// It never does.
    pub fn none() -> Self {
        Self {
            spells: Spells::never(),
            noticed: 0.0,
            repeats: 0.0,
        }
    }

    /// Two clients in five do.
    pub fn any(seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Losses);
        if !rng.chance(0.4) {
            return Self::none();
        }
        Self {
            spells: Spells {
                every_ms: Some(1_000..=rng.between(3_000..=20_000)),
                length_ms: 50..=rng.between(200..=12_000),
            },
            noticed: *rng.pick(&[0.0, 0.5, 1.0]),
            repeats: *rng.pick(&[0.0, 0.5, 1.0]),
        }
    }
}

/// The client's way to the server.
#[derive(Debug)]
pub struct Losses {
    manners: LossManners,
    rng: Rng,
    /// Number of the newest connection the server has.
    line: u32,
    connected: bool,
    lost_at: Time,
    last_event_id: String,
    resumed: u32,
}

/// One loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// How long the client has no way to the server.
    pub length: Duration,
    /// How long after it the server notices, if it does by itself.
    pub noticed_after: Option<Duration>,
}

impl Losses {
    /// A client that is connected.
    pub fn new(manners: LossManners, seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Losses);
        // The manners were drawn from the stream's beginning.
        for _ in 0..8 {
            rng.between(0..=1);
        }
        Self {
            manners,
            rng,
            line: 0,
            connected: true,
            lost_at: Time::ZERO,
            last_event_id: String::new(),
            resumed: 0,
        }
    }

    /// When the connection is lost next, after `now`.
    pub fn next(&mut self, now: Time) -> Option<Time> {
        let every = self.manners.spells.every_ms.clone()?;
        Some(now + self.rng.millis(every))
    }

    /// Number of the connection the server sends over.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether the client has a connection.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Whether what was sent over this connection can reach the client.
    pub fn delivers(&self, line: u32) -> bool {
        self.connected && line == self.line
    }

    /// The client got an event.
    pub fn got(&mut self, event_id: &str) {
        event_id.clone_into(&mut self.last_event_id);
    }

    /// The connection is lost, as far as the client goes.
    pub fn lose(&mut self, now: Time) -> Loss {
        self.connected = false;
        self.lost_at = now;
        let length = self.rng.millis(self.manners.spells.length_ms.clone());
        let noticed = self.rng.chance(self.manners.noticed);
        Loss {
            length,
            noticed_after: noticed.then(|| self.rng.millis(0..=length.as_millis() as u64)),
        }
    }

    /// What the client says when it comes back: the last event it got, and whether it wants the rest of an answer.
    pub fn claim(&mut self) -> (String, bool) {
        (self.last_event_id.clone(), self.rng.chance(self.manners.repeats))
    }

    /// The client has another connection; returns how long it had none.
    pub fn reconnected(&mut self, now: Time) -> Duration {
        self.line += 1;
        self.connected = true;
        self.resumed += 1;
        now.since(self.lost_at)
    }

    /// How often the client came back.
    pub fn resumed(&self) -> u32 {
        self.resumed
    }
}
