//! The loudspeaker of a real client: plays what has arrived, waits when it has nothing, and is silenced at once.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::time::Time;

/// A piece of audio the client received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The item it speaks.
    pub item_id: String,
    /// How long it plays.
    pub duration: Duration,
}

/// How much of one item the patient heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// The item.
    pub item_id: String,
    /// Its audio played so far.
    pub heard: Duration,
}

/// The playback buffer and the account of what came out of the loudspeaker.
#[derive(Debug, Default)]
pub struct Playback {
    queue: VecDeque<Received>,
    /// Until when the queue has been played.
    at: Time,
    played: Vec<Played>,
}

impl Playback {
    /// Audio arrived.
    pub fn receive(&mut self, now: Time, piece: Received) {
        self.play(now);
        if self
            .played
            .last()
            .is_none_or(|last| last.item_id != piece.item_id)
        {
            self.played.push(Played {
                item_id: piece.item_id.clone(),
                heard: Duration::ZERO,
            });
        }
        self.queue.push_back(piece);
    }

    /// Drops what has not been played.
    pub fn clear(&mut self, now: Time) {
        self.play(now);
        self.queue.clear();
    }

    /// Lets the loudspeaker play until `now`.
    pub fn play(&mut self, now: Time) {
        let mut left = now.since(self.at);
        self.at = self.at.max(now);
        while let Some(piece) = self.queue.front_mut() {
            let step = piece.duration.min(left);
            piece.duration -= step;
            left -= step;
            let id = &piece.item_id;
            if let Some(played) = self.played.iter_mut().rev().find(|played| played.item_id == *id) {
                played.heard += step;
            }
            if !piece.duration.is_zero() {
                return;
            }
            self.queue.pop_front();
        }
    }

    /// Whether sound comes out, as of the last call to [`play`](Self::play).
    pub fn is_playing(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Audio waiting to be played.
    pub fn waiting(&self) -> Duration {
        self.queue.iter().map(|piece| piece.duration).sum()
    }

    /// What was heard of every item, in the order in which the items began.
    pub fn played(&self) -> &[Played] {
        &self.played
    }

    /// What was heard of the item that is being played or was played last.
    pub fn current(&self) -> Option<&Played> {
        match self.queue.front() {
            Some(piece) => self.played.iter().find(|played| played.item_id == piece.item_id),
            None => self.played.last(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(ms: u64) -> Received {
        Received {
            item_id: "item".into(),
            duration: Duration::from_millis(ms),
        }
    }

    #[test]
    fn plays_in_real_time_waits_when_empty_and_falls_silent_when_cleared() {
        let mut playback = Playback::default();
        playback.receive(Time::from_millis(100), piece(100));
        playback.receive(Time::from_millis(150), piece(100));
        playback.play(Time::from_millis(250));
        assert_eq!(playback.waiting(), Duration::from_millis(50));
        playback.receive(Time::from_millis(400), piece(100));
        playback.play(Time::from_millis(450));
        assert_eq!(playback.played()[0].heard, Duration::from_millis(250));
        playback.clear(Time::from_millis(450));
        playback.play(Time::from_millis(900));
        assert_eq!(playback.played()[0].heard, Duration::from_millis(250));
        assert!(!playback.is_playing());
    }
}
