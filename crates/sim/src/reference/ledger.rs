//! An independent account of what the patient can have heard: every piece sent, when an ideal client plays it, and
//! where it was cut off.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bedside_conversation::io::{AudioOut, Epoch, SegmentIndex};
use bedside_conversation::time::Time;

use crate::vendors::synthesizer::{PieceLabel, Spoken};

/// Rounding between the two accounts.
const ROUNDING: Duration = Duration::from_millis(2);

/// A piece on its way to the ear.
#[derive(Debug, Clone)]
struct Piece {
    label: PieceLabel,
    /// Its place in all the audio the core ever sent.
    at: Duration,
    starts: Time,
    duration: Duration,
    /// How much of it can be heard at most: less than `duration` once it was cut.
    audible: Duration,
}

impl Piece {
    fn heard(&self, now: Time) -> Duration {
        now.since(self.starts).min(self.audible)
    }
}

/// One item as it was sent.
#[derive(Debug, Default)]
struct Account {
    pieces: Vec<Piece>,
    /// Ruled by the client.
    ruled: Option<Duration>,
}

/// How many words of an item were heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardWords<'a> {
    /// All words whose audio was sent, at least in part, in order.
    pub words: Vec<&'a str>,
    /// So many of them were surely heard.
    pub least: usize,
    /// No more than so many were heard.
    pub most: usize,
}

/// The account of a session.
#[derive(Debug, Default)]
pub struct Ledger {
    items: BTreeMap<String, Account>,
    /// Pieces the connection has not taken, and the place of each.
    queued: VecDeque<(PieceLabel, Duration)>,
    ends: Time,
    /// Segments whose word times the core was told.
    marked: BTreeSet<(Epoch, SegmentIndex)>,
}

impl Ledger {
    /// The core sent audio, which the connection may take or not; `at` is its place in all the audio it ever sent.
    pub fn queued(&mut self, label: PieceLabel, at: Duration) {
        self.queued.push_back((label, at));
    }

    /// The client never got what comes after the first `got` of all audio.
    pub fn never_arrived(&mut self, now: Time, got: Duration) {
        let pieces = self.items.values_mut().flat_map(|account| &mut account.pieces);
        for piece in pieces.filter(|piece| piece.at >= got) {
            piece.audible = Duration::ZERO;
        }
        self.ends = self.ends.min(now);
    }

    /// Audio was sent; returns when an ideal client plays it.
    pub fn sent(&mut self, now: Time, audio: &AudioOut, label: PieceLabel) -> Time {
        let starts = self.ends.max(now);
        self.ends = starts + audio.duration;
        // What was queued before it was dropped.
        while self.queued.front().is_some_and(|(queued, _)| *queued != label) {
            self.queued.pop_front();
        }
        let at = self.queued.pop_front().map_or(Duration::ZERO, |(_, at)| at);
        let piece = Piece {
            label,
            at,
            starts,
            duration: audio.duration,
            audible: audio.duration,
        };
        self.items
            .entry(audio.item_id.clone())
            .or_default()
            .pieces
            .push(piece);
        starts
    }

    /// The core was told the word times of a segment.
    pub fn marked(&mut self, epoch: Epoch, segment: SegmentIndex) {
        self.marked.insert((epoch, segment));
    }

    /// The client was told to drop what it had not played.
    pub fn cleared(&mut self, now: Time) {
        for piece in self.items.values_mut().flat_map(|account| &mut account.pieces) {
            piece.audible = piece.heard(now);
        }
        self.ends = self.ends.min(now);
    }

    /// The client said how much of an item was heard.
    pub fn ruled(&mut self, item_id: &str, heard: Duration) {
        if let Some(account) = self.items.get_mut(item_id) {
            let sent = account.pieces.iter().map(|piece| piece.duration).sum();
            account.ruled = Some(heard.min(sent));
        }
    }

    /// Whether any audio of the item was sent.
    pub fn has(&self, item_id: &str) -> bool {
        self.items.contains_key(item_id)
    }

    /// Whether the client ruled on the item.
    pub fn is_ruled(&self, item_id: &str) -> bool {
        self.items
            .get(item_id)
            .is_some_and(|account| account.ruled.is_some())
    }

    /// Audio of the item an ideal client has played by `now`.
    pub fn heard(&self, item_id: &str, now: Time) -> Duration {
        self.items.get(item_id).map_or(Duration::ZERO, |account| {
            account
                .ruled
                .unwrap_or_else(|| account.pieces.iter().map(|piece| piece.heard(now)).sum())
        })
    }

    /// Audio still to be played by an ideal client.
    pub fn ahead(&self, now: Time) -> Duration {
        self.ends.since(now)
    }

    /// The words heard of an item by `now`.
    ///
    /// A word is heard if all of it was played. Until the core has been told a segment's word times it can only
    /// estimate: then it may claim fewer words of that segment than were heard, and not one that had not begun.
    pub fn words<'a>(
        &self,
        item_id: &str,
        now: Time,
        spoken: &'a BTreeMap<(Epoch, SegmentIndex), Spoken>,
    ) -> HeardWords<'a> {
        let mut result = HeardWords {
            words: Vec::new(),
            least: 0,
            most: 0,
        };
        let Some(account) = self.items.get(item_id) else {
            return result;
        };
        let heard = self.heard(item_id, now);
        let mut at = Duration::ZERO;
        let mut estimated = false;
        for run in account
            .pieces
            .chunk_by(|a, b| (a.label.epoch, a.label.segment) == (b.label.epoch, b.label.segment))
        {
            let key = (run[0].label.epoch, run[0].label.segment);
            let length: Duration = run.iter().map(|piece| piece.duration).sum();
            estimated |= !self.marked.contains(&key);
            let Some(segment) = spoken.get(&key) else { continue };
            let mut position = result.words.len() - overlap(&result.words, segment);
            for word in segment.words.iter().filter(|word| word.start < length) {
                let text = &segment.text[word.text.clone()];
                if position == result.words.len() {
                    result.words.push(text);
                }
                position += 1;
                let whole = word.end <= length && at + word.end + ROUNDING <= heard;
                if whole && !estimated {
                    result.least = position;
                }
                let begun = at + word.start < heard + ROUNDING;
                let ended = at + word.end <= heard + ROUNDING && word.end <= length;
                if ended || begun && estimated {
                    result.most = result.most.max(position);
                }
            }
            at += length;
        }
        result
    }
}

/// A segment that is spoken again after a synthesiser failed begins with words that were spoken before: how many?
fn overlap(words: &[&str], segment: &Spoken) -> usize {
    let again: Vec<&str> = segment
        .words
        .iter()
        .map(|word| &segment.text[word.text.clone()])
        .collect();
    (0..=words.len().min(again.len()))
        .rev()
        .find(|&count| words.ends_with(&again[..count]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use bedside_conversation::io::WordMark;
    use bytes::Bytes;

    use super::*;

    const KEY: (Epoch, SegmentIndex) = (Epoch(1), 0);

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// "Any pain?" with its first 600 of 900 ms sent at once.
    fn ledger() -> (Ledger, BTreeMap<(Epoch, SegmentIndex), Spoken>) {
        let mut ledger = Ledger::default();
        for offset in [0, 120, 240, 360, 480] {
            let audio = AudioOut {
                epoch: KEY.0,
                response_id: "response".into(),
                item_id: "item".into(),
                output_index: 0,
                content_index: 0,
                data: Bytes::new(),
                presentation_us: 0,
                duration: ms(120),
            };
            let label = PieceLabel {
                epoch: KEY.0,
                segment: KEY.1,
                offset: ms(offset),
            };
            ledger.sent(Time::ZERO, &audio, label);
        }
        let mark = |text, start, end| WordMark {
            text,
            start: ms(start),
            end: ms(end),
        };
        let spoken = Spoken {
            text: "Any pain?".into(),
            words: vec![mark(0..3, 0, 300), mark(4..9, 300, 800)],
            length: ms(900),
        };
        (ledger, BTreeMap::from([(KEY, spoken)]))
    }

    #[test]
    fn a_word_is_heard_when_all_of_it_was_played() {
        let (mut ledger, spoken) = ledger();
        ledger.marked(KEY.0, KEY.1);
        for (at, heard) in [(290, 0), (310, 1), (5_000, 1)] {
            let words = ledger.words("item", Time::from_millis(at), &spoken);
            assert_eq!((words.least, words.most), (heard, heard), "at {at} ms");
        }
    }

    #[test]
    fn without_word_times_a_word_that_began_may_be_claimed_and_none_must() {
        let (ledger, spoken) = ledger();
        let words = ledger.words("item", Time::from_millis(400), &spoken);
        assert_eq!((words.least, words.most), (0, 2));
    }

    #[test]
    fn nothing_is_heard_after_it_was_cleared_and_the_client_has_the_last_word() {
        let (mut ledger, _) = ledger();
        ledger.cleared(Time::from_millis(250));
        assert_eq!(ledger.heard("item", Time::from_millis(9_000)), ms(250));
        ledger.ruled("item", ms(240));
        assert_eq!(ledger.heard("item", Time::from_millis(9_000)), ms(240));
    }
}
