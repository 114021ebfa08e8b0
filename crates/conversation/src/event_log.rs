//! The events a client may have missed: kept for a while, so that one that lost its connection can be told again.
//!
//! Neither side acknowledges events. A client that comes back names the last one it has; what followed it here is what
//! it missed. Audio is never kept: what was not heard is not to be heard late.

use std::collections::VecDeque;
use std::time::Duration;

use crate::time::Time;

/// What an entry takes beside its payload: its identifier, its place, and the payload's handle.
const ENTRY_BYTES: usize = 160;

/// Entries grow old in batches of this, so that a session is not woken for each.
const BATCH: Duration = Duration::from_secs(10);

/// How much is kept. Overflow policy: the oldest go, and a client that needs them cannot come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLimits {
    /// Bytes of events, a little for each entry's own needs included.
    pub bytes: usize,
    /// An event sent longer ago than this was either received, or its session is given up by now.
    pub age: Duration,
}

/// How much audio went before an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AudioBefore {
    /// How long the audio plays that was sent, or was to be sent, in this session.
    pub plays: Duration,
    /// Pieces that were sent as events.
    pub events: u64,
}

/// The last thing a client got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastSeen<'a> {
    /// The event of this identifier.
    Event(&'a str),
    /// The audio event of this number; the first is 1.
    Audio(u64),
}

/// What a client missed.
#[derive(Debug)]
pub struct Missed<'a, T> {
    /// The events, oldest first.
    pub events: Vec<&'a T>,
    /// How much audio the client can have got at most; `None` if nothing tells.
    pub audio: Option<AudioBefore>,
}

/// Events that were sent, newest last.
#[derive(Debug)]
pub struct EventLog<T> {
    limits: LogLimits,
    entries: VecDeque<Entry<T>>,
    bytes: usize,
    /// The newest event that is no longer kept: whoever has seen it has missed only what is.
    forgotten: Option<Forgotten>,
}

#[derive(Debug)]
struct Entry<T> {
    id: Box<str>,
    sent_at: Time,
    bytes: usize,
    audio: AudioBefore,
    payload: T,
}

#[derive(Debug)]
struct Forgotten {
    id: Box<str>,
    audio_events: u64,
}

impl<T> EventLog<T> {
    /// A log that holds nothing yet.
    pub fn new(limits: LogLimits) -> Self {
        Self {
            limits,
            entries: VecDeque::new(),
            bytes: 0,
            forgotten: None,
        }
    }

    /// Keeps an event of `bytes` that is sent at `now`, after so much audio.
    pub fn push(&mut self, now: Time, id: String, bytes: usize, audio: AudioBefore, payload: T) {
        let bytes = bytes + ENTRY_BYTES;
        self.bytes += bytes;
        self.entries.push_back(Entry {
            id: id.into_boxed_str(),
            sent_at: now,
            bytes,
            audio,
            payload,
        });
        while self.bytes > self.limits.bytes {
            self.forget_oldest();
        }
    }

    /// Forgets what is too old at `now`.
    pub fn forget_old(&mut self, now: Time) {
        let young = |entry: &Entry<T>| now.since(entry.sent_at) + BATCH < self.limits.age;
        let old = self.entries.iter().take_while(|entry| !young(entry)).count();
        for _ in 0..old {
            self.forget_oldest();
        }
        if self.entries.capacity() > 4 * self.entries.len().max(4) {
            self.entries.shrink_to(2 * self.entries.len());
        }
    }

    /// When there is something to forget.
    pub fn next_old(&self) -> Option<Time> {
        self.entries
            .front()
            .map(|oldest| oldest.sent_at + self.limits.age)
    }

    /// Bytes kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What followed `last`, or `None` if it cannot be told any more.
    pub fn missed_since(&self, last: LastSeen<'_>) -> Option<Missed<'_, T>> {
        let from = match last {
            LastSeen::Event(id) => {
                let forgotten = self.forgotten.as_ref().is_some_and(|gone| *gone.id == *id);
                if forgotten {
                    0
                } else {
                    self.entries.iter().rposition(|entry| *entry.id == *id)? + 1
                }
            }
            LastSeen::Audio(number) => {
                if self
                    .forgotten
                    .as_ref()
                    .is_some_and(|gone| gone.audio_events >= number)
                {
                    return None;
                }
                self.entries.partition_point(|entry| entry.audio.events < number)
            }
        };
        let missed = self.entries.range(from..);
        Some(Missed {
            audio: missed.clone().next().map(|first| first.audio),
            events: missed.map(|entry| &entry.payload).collect(),
        })
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.entries.pop_front() {
            self.bytes -= oldest.bytes;
            self.forgotten = Some(Forgotten {
                id: oldest.id,
                audio_events: oldest.audio.events,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LogLimits = LogLimits {
        bytes: 10 * (100 + ENTRY_BYTES),
        age: Duration::from_secs(60),
    };

    /// Events 1 to `count`, one a second, each of 100 bytes and after two more pieces of audio of 20 ms.
    fn log(count: u64) -> EventLog<u64> {
        let mut log = EventLog::new(LIMITS);
        for number in 1..=count {
            let audio = AudioBefore {
                plays: Duration::from_millis(40 * number),
                events: 2 * number,
            };
            log.push(
                Time::from_millis(number * 1_000),
                format!("event_{number}"),
                100,
                audio,
                number,
            );
        }
        log
    }

    fn missed(log: &EventLog<u64>, last: LastSeen<'_>) -> Option<Vec<u64>> {
        let missed = log.missed_since(last)?;
        Some(missed.events.into_iter().copied().collect())
    }

    #[test]
    fn what_followed_the_last_event_seen_was_missed() {
        let log = log(5);
        assert_eq!(missed(&log, LastSeen::Event("event_3")), Some(vec![4, 5]));
        assert_eq!(missed(&log, LastSeen::Event("event_5")), Some(vec![]));
        assert_eq!(missed(&log, LastSeen::Event("event_9")), None);
        let first = log.missed_since(LastSeen::Event("event_3")).unwrap();
        assert_eq!(first.audio.map(|audio| audio.events), Some(8));
    }

    #[test]
    fn a_client_whose_last_event_was_audio_missed_what_came_after_it() {
        let log = log(5);
        for (seen, events) in [
            (1, vec![1, 2, 3, 4, 5]),
            (6, vec![3, 4, 5]),
            (7, vec![4, 5]),
            (11, vec![]),
        ] {
            assert_eq!(missed(&log, LastSeen::Audio(seen)), Some(events), "piece {seen}");
        }
    }

    #[test]
    fn too_many_bytes_push_the_oldest_out_and_the_gap_is_known() {
        let log = log(15);
        assert!(log.bytes() <= LIMITS.bytes);
        assert_eq!(missed(&log, LastSeen::Event("event_4")), None);
        assert_eq!(
            missed(&log, LastSeen::Event("event_5")).map(|m| m.len()),
            Some(10)
        );
        assert_eq!(missed(&log, LastSeen::Audio(10)), None);
        assert_eq!(missed(&log, LastSeen::Audio(11)).map(|m| m.len()), Some(10));
    }

    #[test]
    fn an_idle_session_keeps_nothing_and_its_client_can_still_come_back() {
        let mut log = log(9);
        assert_eq!(log.next_old(), Some(Time::from_millis(61_000)));
        log.forget_old(Time::from_millis(69_000));
        assert_eq!((log.bytes(), log.next_old()), (0, None));
        assert!(log.entries.capacity() <= 16);
        assert_eq!(missed(&log, LastSeen::Event("event_9")), Some(vec![]));
        assert_eq!(missed(&log, LastSeen::Event("event_8")), None);
    }
}
