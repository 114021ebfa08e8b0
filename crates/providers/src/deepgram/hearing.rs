//! What the vendor has heard on one connection, by its own timestamps. Positions are samples at 16 kHz since the
//! connection's first.

use std::collections::BTreeMap;
use std::ops::Range;

/// Spans that are kept: minutes of speech. The oldest go first.
const MOST_SPANS: usize = 512;

/// Spans that are not final yet: one, and those that the vendor forgot to settle.
const MOST_UNSETTLED: usize = 8;

/// Spans of the same words may begin this far apart.
const SAME_START: u64 = 1_600;

/// What the vendor says of one stretch of audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// What was heard.
    pub(super) segment: Segment,
    /// Whether this will not change any more.
    pub(super) settled: bool,
    /// Whether it is final because that was asked for.
    pub(super) asked_for: bool,
}

/// A stretch of audio and its words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Segment {
    /// The same for all that is said of it.
    pub(super) key: u64,
    /// Where it lies.
    pub(super) span: Range<u64>,
    /// Its text as it is to be read.
    pub(super) transcript: String,
    /// Its words; may be absent.
    pub(super) words: Vec<Word>,
}

/// A word as it is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// The word, with its punctuation.
    pub(super) text: String,
    /// Where it lies, if the vendor says.
    pub(super) span: Option<Range<u64>>,
}

/// Seconds as samples.
pub(super) fn samples(seconds: f64) -> u64 {
    // Not a number and less than nothing become nothing.
    (seconds * 16_000.0).round() as u64
}

/// Everything heard on a connection.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    settled: BTreeMap<u64, Segment>,
    unsettled: BTreeMap<u64, Segment>,
    settled_to: u64,
    heard_to: u64,
    asked_to: u64,
}

impl Hearing {
    /// Takes note. What is said twice, or after it was settled, changes nothing.
    pub(super) fn take(&mut self, heard: Heard) {
        let Heard {
            segment,
            settled,
            asked_for,
        } = heard;
        self.heard_to = self.heard_to.max(segment.span.end);
        if self.settled.contains_key(&segment.key) {
            return;
        }
        if !settled {
            if segment.span.end > self.settled_to {
                self.unsettled.insert(segment.key, segment);
                trim(&mut self.unsettled, MOST_UNSETTLED);
            }
            return;
        }
        let span = segment.span.clone();
        self.unsettled.retain(|&key, other| {
            key != segment.key && (other.span.start + SAME_START < span.start || other.span.start >= span.end)
        });
        self.settled_to = self.settled_to.max(span.end);
        if asked_for {
            self.asked_to = self.asked_to.max(span.end);
        }
        self.settled.insert(segment.key, segment);
        trim(&mut self.settled, MOST_SPANS);
    }

    /// How far everything is final. An earlier stretch with words that was not settled yet holds it back.
    pub(super) fn settled_to(&self) -> u64 {
        self.held_back()
            .map_or(self.settled_to, |from| from.min(self.settled_to))
    }

    /// How far the vendor has settled when it was asked to.
    pub(super) fn asked_to(&self) -> u64 {
        self.held_back()
            .map_or(self.asked_to, |from| from.min(self.asked_to))
    }

    /// How far the vendor has heard anything, final or not.
    pub(super) fn heard_to(&self) -> u64 {
        self.heard_to
    }

    /// Whether words of `range` are final.
    pub(super) fn has_settled_words(&self, range: &Range<u64>) -> bool {
        self.settled
            .values()
            .any(|segment| !segment.within(range).is_empty())
    }

    /// Whether words of `range` are not final.
    pub(super) fn has_unsettled_words(&self, range: &Range<u64>) -> bool {
        self.unsettled
            .values()
            .any(|segment| !segment.within(range).is_empty())
    }

    /// The words of `range`, final or not.
    pub(super) fn text(&self, range: &Range<u64>) -> String {
        let mut segments: Vec<&Segment> = self.settled.values().chain(self.unsettled.values()).collect();
        segments.sort_by_key(|segment| segment.span.start);
        let mut text = String::new();
        for part in segments.into_iter().map(|segment| segment.within(range)) {
            if !text.is_empty() && !part.is_empty() {
                text.push(' ');
            }
            text.push_str(&part);
        }
        text
    }

    fn held_back(&self) -> Option<u64> {
        let spoken = self
            .unsettled
            .values()
            .filter(|segment| !segment.transcript.trim().is_empty());
        spoken
            .map(|segment| segment.span.start)
            .filter(|&start| start < self.settled_to)
            .min()
    }
}

impl Segment {
    /// Its text within `range`: a word belongs where its middle lies.
    fn within(&self, range: &Range<u64>) -> String {
        let all = self.transcript.trim();
        if self.words.is_empty() || self.words.iter().any(|word| word.span.is_none()) {
            return if mostly_within(&self.span, range) {
                all.to_owned()
            } else {
                String::new()
            };
        }
        let middle = |span: &Range<u64>| u64::midpoint(span.start, span.end);
        let lies_within = |word: &&Word| matches!(&word.span, Some(span) if range.contains(&middle(span)));
        let words = self.words.iter().filter(lies_within);
        let words: Vec<&str> = words.map(|word| word.text.as_str()).collect();
        if words.len() == self.words.len() && !all.is_empty() {
            return all.to_owned();
        }
        words.join(" ")
    }
}

/// Whether the two share at least half of the shorter one.
fn mostly_within(span: &Range<u64>, range: &Range<u64>) -> bool {
    let shared = span
        .end
        .min(range.end)
        .saturating_sub(span.start.max(range.start));
    let shorter = (span.end.saturating_sub(span.start)).min(range.end.saturating_sub(range.start));
    shared > 0 && shared * 2 >= shorter
}

fn trim(segments: &mut BTreeMap<u64, Segment>, most: usize) {
    while segments.len() > most {
        segments.pop_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Range<u64> = 0..u64::MAX;

    fn heard(span: Range<u64>, text: &str, settled: bool) -> Heard {
        let words: Vec<&str> = text.split_whitespace().collect();
        let each = (span.end - span.start) / words.len().max(1) as u64;
        let words = words.iter().zip(0..).map(|(text, n)| Word {
            text: (*text).into(),
            span: Some(span.start + n * each..span.start + (n + 1) * each),
        });
        Heard {
            segment: Segment {
                key: span.start,
                words: words.collect(),
                span,
                transcript: text.into(),
            },
            settled,
            asked_for: false,
        }
    }

    fn hearing(heard: impl IntoIterator<Item = Heard>) -> Hearing {
        let mut hearing = Hearing::default();
        for heard in heard {
            hearing.take(heard);
        }
        hearing
    }

    #[test]
    fn finals_are_put_together_and_followed_by_what_is_not_final() {
        let hearing = hearing([
            heard(0..100, "my", false),
            heard(0..200, "my chest", true),
            heard(200..300, "fills", false),
            heard(200..300, "feels", false),
        ]);
        assert_eq!(hearing.text(&ALL), "my chest feels");
        assert_eq!((hearing.settled_to(), hearing.heard_to()), (200, 300));
    }

    #[test]
    fn copies_and_what_is_overtaken_change_nothing() {
        let hearing = hearing([
            heard(0..200, "my chest", true),
            heard(200..300, "feels", true),
            heard(0..200, "my chest", true),
            heard(0..100, "mine", false),
            heard(150..290, "late", false),
        ]);
        assert_eq!(hearing.text(&ALL), "my chest feels");
    }

    #[test]
    fn words_that_were_passed_over_hold_the_final_back_until_they_are_settled() {
        let mut hearing = hearing([
            heard(0..16_000, "my", false),
            heard(16_000..32_000, "chest", true),
        ]);
        assert_eq!(
            (hearing.settled_to(), hearing.text(&ALL).as_str()),
            (0, "my chest")
        );
        hearing.take(heard(0..16_000, "My", true));
        assert_eq!(
            (hearing.settled_to(), hearing.text(&ALL).as_str()),
            (32_000, "My chest")
        );
    }

    #[test]
    fn a_word_belongs_where_its_middle_lies() {
        let hearing = hearing([heard(0..300, "one two three", true)]);
        assert_eq!(hearing.text(&(60..250)), "two");
        assert_eq!(hearing.text(&(40..251)), "one two three");
        assert_eq!(hearing.text(&(500..900)), "");
    }

    #[test]
    fn without_timestamps_a_span_counts_as_a_whole() {
        let mut without = heard(0..300, "one two three", true);
        without.segment.words.clear();
        let hearing = hearing([without]);
        assert_eq!(hearing.text(&(100..900)), "one two three");
        assert_eq!(hearing.text(&(290..900)), "");
    }

    #[test]
    fn memory_is_bounded() {
        let mut hearing = Hearing::default();
        for n in 0..2_000_u64 {
            hearing.take(heard(n * 100..n * 100 + 100, "w", n % 2 == 0));
        }
        assert!(hearing.settled.len() <= MOST_SPANS && hearing.unsettled.len() <= MOST_UNSETTLED);
    }
}
