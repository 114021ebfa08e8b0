//! The playback ledger: what the client was sent, when it plays, and so what the patient has heard.

use std::time::Duration;

use crate::io::{SegmentIndex, WordMark};
use crate::time::Time;

/// Reading speed assumed for a word whose timing is not known yet: slow enough that an estimate claims too little
/// rather than too much (conversational English runs at 14 to 17 characters a second).
const CAUTIOUS_CHARS_PER_SECOND: f64 = 11.0;

/// When the client will have played everything it was sent, assuming it plays each piece on arrival or after the one
/// before it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlaybackClock {
    ends: Time,
    /// Of what was sent, what the connection has not taken.
    unsent: Duration,
    /// Everything sent in the session.
    total: Duration,
}

impl PlaybackClock {
    /// Audio still unplayed at `now`.
    pub(crate) fn ahead(self, now: Time) -> Duration {
        self.ends.since(now).max(self.unsent)
    }

    /// Of what was sent, what the connection has not taken.
    pub(crate) fn unsent(self) -> Duration {
        self.unsent
    }

    /// The connection has not taken the last `unsent` of what was sent: that cannot play before it has. Returns how
    /// much later the rest of the audio plays than was thought.
    pub(crate) fn set_unsent(&mut self, now: Time, unsent: Duration) -> Duration {
        let before = self.ends;
        if !self.unsent.is_zero() {
            self.ends = self.ends.max(now + self.unsent);
        }
        self.unsent = unsent;
        self.ends.since(before)
    }

    /// What the connection has not taken was withdrawn.
    pub(crate) fn withdraw_unsent(&mut self, now: Time) {
        self.ends = self.ends.before(self.unsent).max(now);
        self.unsent = Duration::ZERO;
    }

    /// Everything sent in the session.
    pub(crate) fn total(self) -> Duration {
        self.total
    }

    /// When the last sample sent so far will have been played.
    pub(crate) fn ends(self) -> Time {
        self.ends
    }

    /// Records a piece sent at `now`; returns when it starts to play.
    pub(crate) fn sent(&mut self, now: Time, duration: Duration) -> Time {
        let starts = self.ends.max(now + self.unsent);
        self.total += duration;
        self.ends = starts + duration;
        if !self.unsent.is_zero() {
            // It waits behind what waits already.
            self.unsent += duration;
        }
        starts
    }

    /// The client dropped what it had not played.
    pub(crate) fn cleared(&mut self, now: Time) {
        self.ends = self.ends.min(now);
        self.unsent = Duration::ZERO;
    }
}

/// One text segment as it was spoken.
#[derive(Debug, Clone)]
struct SpokenSegment {
    index: SegmentIndex,
    text: String,
    sent: Duration,
    /// Word times, once the synthesiser has told them.
    words: Option<Vec<WordMark>>,
}

/// The spoken account of one assistant item.
#[derive(Debug, Clone, Default)]
pub(crate) struct PlaybackLedger {
    segments: Vec<SpokenSegment>,
    /// What the session had sent before the item.
    before: Duration,
    sent: Duration,
    /// When the last piece sent will have been played.
    ends: Time,
    /// Of what was sent, what the connection has not taken.
    unsent: Duration,
    /// A ruling of the client or of an interruption: this much was heard, and no more will be.
    cut: Option<Duration>,
}

impl PlaybackLedger {
    /// The item's audio begins when `before` of other audio has been sent in the session.
    pub(crate) fn begin(&mut self, before: Duration) {
        self.before = before;
    }

    /// Of the item's audio, what lies within the first `got` of all audio of the session.
    pub(crate) fn within(&self, got: Duration) -> Duration {
        got.saturating_sub(self.before).min(self.sent)
    }

    /// A segment will be spoken next.
    pub(crate) fn add_segment(&mut self, index: SegmentIndex, text: &str) {
        self.segments.push(SpokenSegment {
            index,
            text: text.to_owned(),
            sent: Duration::ZERO,
            words: None,
        });
    }

    /// A piece of `segment` was sent; it ends playing at `ends`.
    pub(crate) fn add_audio(&mut self, segment: SegmentIndex, duration: Duration, ends: Time) {
        self.sent += duration;
        self.ends = ends;
        if let Some(spoken) = self.segments.iter_mut().find(|s| s.index == segment) {
            spoken.sent += duration;
        }
    }

    /// The synthesiser told when the words of `segment` are spoken.
    pub(crate) fn set_words(&mut self, segment: SegmentIndex, words: Vec<WordMark>) {
        if let Some(spoken) = self.segments.iter_mut().find(|s| s.index == segment) {
            spoken.words = Some(words);
        }
    }

    /// The synthesiser broke off in `segment`: what it had sent of it stands, and the rest is another segment's. Returns
    /// the bytes of the segment's text taken to be spoken; nothing sent later than it counts.
    pub(crate) fn break_off(&mut self, segment: SegmentIndex) -> usize {
        let Some(at) = self.segments.iter().position(|s| s.index == segment) else {
            return 0;
        };
        self.segments.truncate(at + 1);
        let Some(broken) = self.segments.last_mut() else {
            return 0;
        };
        let spoken = broken.heard_prefix(broken.sent);
        broken.text.truncate(spoken);
        broken.words.get_or_insert_default();
        spoken
    }

    /// Audio sent so far.
    pub(crate) fn sent(&self) -> Duration {
        self.sent
    }

    /// Audio the patient has heard at `now`.
    pub(crate) fn heard(&self, now: Time) -> Duration {
        self.cut
            .unwrap_or_else(|| self.sent.saturating_sub(self.ends.since(now).max(self.unsent)))
    }

    /// The connection has not taken the last `unsent` of what was sent of this item and those before it; what it had
    /// not taken before plays `later` than was thought. Returns how much of `unsent` is of the items before.
    pub(crate) fn set_unsent(&mut self, unsent: Duration, later: Duration) -> Duration {
        if !self.unsent.is_zero() {
            self.ends += later;
        }
        self.unsent = unsent.min(self.sent);
        unsent.saturating_sub(self.unsent)
    }

    /// What the connection has not taken of the item was withdrawn: it was never sent.
    pub(crate) fn withdraw_unsent(&mut self) {
        let mut unsent = std::mem::take(&mut self.unsent);
        self.sent = self.sent.saturating_sub(unsent);
        self.ends = self.ends.before(unsent);
        for segment in self.segments.iter_mut().rev() {
            let withdrawn = unsent.min(segment.sent);
            segment.sent = segment.sent.saturating_sub(withdrawn);
            unsent = unsent.saturating_sub(withdrawn);
        }
    }

    /// Rules that exactly `heard` was heard, now and for ever.
    pub(crate) fn cut_at(&mut self, heard: Duration) {
        self.cut = Some(heard.min(self.sent));
    }

    /// Whether it was ruled how much was heard.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.is_some()
    }

    /// Length in bytes of the prefix of the item's text that `heard` of its audio spoke, cut after a whole word.
    pub(crate) fn heard_text(&self, heard: Duration) -> usize {
        let mut before = Duration::ZERO;
        let mut bytes = 0;
        for segment in &self.segments {
            let within = heard.saturating_sub(before);
            if segment.is_whole(within) {
                bytes += segment.text.len();
            } else {
                return bytes + segment.heard_prefix(within);
            }
            before += segment.sent;
        }
        bytes
    }
}

impl SpokenSegment {
    /// Whether its last word ends within so much of its audio. What was sent is no measure: the rest may be waiting.
    fn is_whole(&self, within: Duration) -> bool {
        self.words
            .as_ref()
            .is_some_and(|words| within >= words.last().map_or(self.sent, |word| word.end))
    }

    fn heard_prefix(&self, within: Duration) -> usize {
        match &self.words {
            Some(words) => words
                .iter()
                .take_while(|w| w.end <= within)
                .last()
                .map_or(0, |w| w.text.end),
            None => whole_words(
                &self.text,
                (within.as_secs_f64() * CAUTIOUS_CHARS_PER_SECOND) as usize,
            ),
        }
    }
}

/// The longest prefix of whole words within the first `chars` characters, in bytes.
fn whole_words(text: &str, chars: usize) -> usize {
    let limit = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    if limit == text.len() {
        return limit;
    }
    text[..limit].rfind(char::is_whitespace).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn ledger(words: bool) -> PlaybackLedger {
        let mut ledger = PlaybackLedger::default();
        ledger.add_segment(0, "How are you? ");
        ledger.add_segment(1, "Any pain today?");
        ledger.add_audio(0, ms(900), Time::from_millis(900));
        if words {
            let mark = |text, start, end| WordMark {
                text,
                start: ms(start),
                end: ms(end),
            };
            ledger.set_words(
                0,
                vec![mark(0..3, 0, 300), mark(4..7, 300, 500), mark(8..12, 500, 850)],
            );
        }
        ledger
    }

    #[test]
    fn playback_continues_after_a_gap_from_the_moment_audio_arrives() {
        let mut clock = PlaybackClock::default();
        assert_eq!(
            clock.sent(Time::from_millis(100), ms(200)),
            Time::from_millis(100)
        );
        assert_eq!(
            clock.sent(Time::from_millis(150), ms(100)),
            Time::from_millis(300)
        );
        assert_eq!(clock.ahead(Time::from_millis(250)), ms(150));
        assert_eq!(
            clock.sent(Time::from_millis(1_000), ms(100)),
            Time::from_millis(1_000)
        );
        clock.cleared(Time::from_millis(1_050));
        assert_eq!(clock.ahead(Time::from_millis(1_050)), Duration::ZERO);
    }

    #[test]
    fn what_the_connection_has_not_taken_is_not_played() {
        let mut clock = PlaybackClock::default();
        clock.sent(Time::ZERO, ms(200));
        clock.sent(Time::ZERO, ms(100));
        // The second piece waits, and so does what follows it.
        assert_eq!(clock.set_unsent(Time::ZERO, ms(100)), Duration::ZERO);
        assert_eq!(clock.ahead(Time::from_millis(1_000)), ms(100));
        assert_eq!(
            clock.sent(Time::from_millis(1_000), ms(50)),
            Time::from_millis(1_100)
        );
        assert_eq!(
            (clock.unsent(), clock.ends()),
            (ms(150), Time::from_millis(1_150))
        );
        // Taken half a second later, it plays half a second later.
        assert_eq!(
            clock.set_unsent(Time::from_millis(1_500), Duration::ZERO),
            ms(500)
        );
        assert_eq!(clock.ends(), Time::from_millis(1_650));
    }

    #[test]
    fn withdrawn_audio_was_never_sent() {
        let mut ledger = ledger(true);
        assert_eq!(ledger.set_unsent(ms(500), Duration::ZERO), Duration::ZERO);
        assert_eq!(ledger.heard(Time::from_millis(5_000)), ms(400));
        ledger.withdraw_unsent();
        assert_eq!(ledger.sent(), ms(400));
        assert_eq!(ledger.heard(Time::from_millis(300)), ms(300));
        assert_eq!(ledger.heard_text(ms(400)), "How".len());
        // Another item before it holds the rest of what waits.
        assert_eq!(ledger.set_unsent(ms(700), Duration::ZERO), ms(300));
    }

    #[test]
    fn what_was_heard_is_what_was_sent_less_what_is_still_to_play() {
        let ledger = ledger(true);
        assert_eq!(ledger.heard(Time::ZERO), Duration::ZERO);
        assert_eq!(ledger.heard(Time::from_millis(400)), ms(400));
        assert_eq!(ledger.heard(Time::from_millis(5_000)), ms(900));
    }

    #[test]
    fn text_is_cut_after_the_last_whole_word_heard() {
        let ledger = ledger(true);
        for (heard, text) in [
            (0, ""),
            (299, ""),
            (300, "How"),
            (500, "How are"),
            (849, "How are"),
            (900, "How are you? "),
        ] {
            assert_eq!(ledger.heard_text(ms(heard)), text.len(), "{heard} ms");
        }
    }

    #[test]
    fn words_that_were_made_but_never_sent_were_not_heard() {
        let mut ledger = ledger(true);
        let mark = |text, start, end| WordMark {
            text,
            start: ms(start),
            end: ms(end),
        };
        ledger.set_words(
            1,
            vec![mark(0..3, 0, 300), mark(4..8, 300, 700), mark(9..15, 700, 1_100)],
        );
        assert_eq!(ledger.heard_text(ms(900)), "How are you? ".len());
        ledger.add_audio(1, ms(400), Time::from_millis(1_300));
        assert_eq!(ledger.heard_text(ms(1_300)), "How are you? Any".len());
    }

    #[test]
    fn without_word_times_the_estimate_is_cautious_and_whole_words() {
        let ledger = ledger(false);
        assert_eq!(ledger.heard_text(ms(500)), "How".len());
        assert_eq!(ledger.heard_text(ms(800)), "How are".len());
    }

    #[test]
    fn a_cut_is_final_and_never_beyond_what_was_sent() {
        let mut ledger = ledger(true);
        ledger.cut_at(ms(5_000));
        assert_eq!(ledger.heard(Time::ZERO), ms(900));
        ledger.cut_at(ms(310));
        assert_eq!(ledger.heard(Time::from_millis(9_000)), ms(310));
    }
}
