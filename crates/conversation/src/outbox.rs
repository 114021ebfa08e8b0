//! Audio waiting to be sent, released at the pace at which the client plays it.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::io::{Epoch, SegmentIndex};
use crate::playback::PlaybackClock;
use crate::time::Time;

/// Never more than this ahead of what the client can have played (invariant 4).
pub(crate) const MAX_AHEAD: Duration = Duration::from_millis(400);

/// Sending resumes when the client's buffer has drained to this, so that several pieces share one wake and one write.
const REFILL_AT: Duration = Duration::from_millis(300);

/// While more than this waits, the synthesiser is made to wait.
const ENOUGH: Duration = Duration::from_secs(2);

/// A piece of audio of the live epoch.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub(crate) segment: SegmentIndex,
    pub(crate) data: Bytes,
    pub(crate) duration: Duration,
}

/// The queue of the live epoch. Audio of any other epoch cannot enter it, and ending the epoch empties it: stale audio
/// is unsendable.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    live: Option<Epoch>,
    queue: VecDeque<Piece>,
    queued: Duration,
    paused: bool,
    filling: bool,
}

impl Outbox {
    /// Begins an epoch; whatever was queued is dropped.
    pub(crate) fn open(&mut self, epoch: Epoch) {
        self.close();
        self.live = Some(epoch);
    }

    /// Ends the epoch and drops what was not sent.
    pub(crate) fn close(&mut self) {
        *self = Self::default();
    }

    /// Another synthesiser takes over from `segment` on: what is queued before it stays, the rest is dropped.
    pub(crate) fn renew(&mut self, epoch: Epoch, segment: SegmentIndex) {
        self.live = Some(epoch);
        self.queue.retain(|piece| piece.segment < segment);
        self.queued = self.queue.iter().map(|piece| piece.duration).sum();
    }

    pub(crate) fn is_live(&self, epoch: Epoch) -> bool {
        self.live == Some(epoch)
    }

    /// Queues a piece if its epoch is live; returns whether it was.
    pub(crate) fn push(&mut self, epoch: Epoch, piece: Piece) -> bool {
        let live = self.is_live(epoch);
        if live {
            self.queued += piece.duration;
            self.queue.push_back(piece);
        }
        live
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the synthesiser may deliver more.
    pub(crate) fn wants_more(&self) -> bool {
        self.queued < ENOUGH
    }

    /// Holds audio back while it is unclear whether the patient is interrupting.
    pub(crate) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// The next piece that may be sent at `now`, given the client's playback.
    pub(crate) fn pop_due(&mut self, now: Time, clock: PlaybackClock) -> Option<(Epoch, Piece)> {
        let epoch = self.live?;
        let next = self.queue.front()?;
        if self.paused {
            return None;
        }
        let ahead = clock.ahead(now);
        if ahead <= REFILL_AT {
            self.filling = true;
        }
        if ahead > Duration::ZERO && ahead + next.duration > MAX_AHEAD {
            self.filling = false;
        }
        if !self.filling {
            return None;
        }
        let piece = self.queue.pop_front()?;
        self.queued -= piece.duration;
        Some((epoch, piece))
    }

    /// When [`pop_due`](Self::pop_due) will next have something.
    pub(crate) fn next_due(&self, clock: PlaybackClock) -> Option<Time> {
        let next = self.queue.front()?;
        let room = MAX_AHEAD.saturating_sub(next.duration).min(REFILL_AT);
        // It is not time that makes room while the connection does not take what it has.
        let due = !self.paused && clock.unsent() <= room;
        due.then(|| clock.ends().before(room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS_20: Duration = Duration::from_millis(20);

    fn piece() -> Piece {
        Piece {
            segment: 0,
            data: Bytes::from_static(&[0; 960]),
            duration: MS_20,
        }
    }

    fn filled(count: usize) -> Outbox {
        let mut outbox = Outbox::default();
        outbox.open(Epoch(1));
        for _ in 0..count {
            assert!(outbox.push(Epoch(1), piece()));
        }
        outbox
    }

    fn send_due(outbox: &mut Outbox, clock: &mut PlaybackClock, now: Time) -> usize {
        let mut sent = 0;
        while let Some((_, piece)) = outbox.pop_due(now, *clock) {
            clock.sent(now, piece.duration);
            sent += 1;
        }
        sent
    }

    #[test]
    fn sends_400_ms_at_once_then_at_the_pace_of_playback() {
        let (mut outbox, mut clock) = (filled(100), PlaybackClock::default());
        assert_eq!(send_due(&mut outbox, &mut clock, Time::ZERO), 20);
        let due = outbox.next_due(clock).unwrap();
        assert_eq!(due, Time::from_millis(100));
        assert_eq!(send_due(&mut outbox, &mut clock, Time::from_millis(99)), 0);
        assert_eq!(send_due(&mut outbox, &mut clock, due), 5);
    }

    #[test]
    fn catches_up_at_once_after_a_stall() {
        let (mut outbox, mut clock) = (filled(100), PlaybackClock::default());
        send_due(&mut outbox, &mut clock, Time::ZERO);
        assert_eq!(send_due(&mut outbox, &mut clock, Time::from_millis(1_400)), 20);
    }

    #[test]
    fn nothing_of_an_ended_epoch_can_be_sent() {
        let (mut outbox, clock) = (filled(3), PlaybackClock::default());
        outbox.close();
        assert!(!outbox.push(Epoch(1), piece()));
        outbox.open(Epoch(2));
        assert!(!outbox.push(Epoch(1), piece()));
        assert!(outbox.pop_due(Time::ZERO, clock).is_none());
    }

    #[test]
    fn a_pause_holds_audio_and_a_resume_releases_it() {
        let (mut outbox, mut clock) = (filled(3), PlaybackClock::default());
        outbox.set_paused(true);
        assert_eq!(send_due(&mut outbox, &mut clock, Time::ZERO), 0);
        assert_eq!(outbox.next_due(clock), None);
        outbox.set_paused(false);
        assert_eq!(send_due(&mut outbox, &mut clock, Time::ZERO), 3);
    }

    #[test]
    fn the_synthesiser_waits_while_two_seconds_are_queued() {
        assert!(filled(99).wants_more());
        assert!(!filled(100).wants_more());
    }
}
