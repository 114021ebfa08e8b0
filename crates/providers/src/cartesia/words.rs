//! Which word of a segment's text is spoken when.

use std::ops::Range;
use std::time::Duration;

use bedside_conversation::io::WordMark;

/// Words of the vendor that may be passed over to find the next one of the text.
const AHEAD: usize = 4;

/// Seconds by which a timestamp may lie outside the audio it belongs to.
const SLACK: f64 = 0.3;

/// A word as the vendor timed it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimedWord {
    /// The word, or a part of one.
    pub(super) word: String,
    /// When it starts, s.
    pub(super) start: f64,
    /// When it ends, s.
    pub(super) end: f64,
}

/// When each word of `text` is spoken in `length` seconds of audio, of which `before` seconds came before it in its
/// context. The vendor's times count from the context's begin or the segment's: which, they tell themselves. A word that
/// was not timed lies between its neighbours.
pub(super) fn marks(text: &str, timed: &[TimedWord], before: f64, length: f64) -> Vec<WordMark> {
    let words = words(text);
    let offset = offset(timed, before, length);
    let mut spans: Vec<Option<(f64, f64)>> = match offset {
        Some(_) => aligned(text, &words, timed),
        None => vec![None; words.len()],
    };
    let offset = offset.unwrap_or_default();
    let mut latest = 0.0;
    for (start, end) in spans.iter_mut().flatten() {
        *start = (*start - offset).clamp(latest, length.max(latest));
        *end = (*end - offset).clamp(*start, length.max(*start));
        latest = *end;
    }
    fill(text, &words, &mut spans, length);
    let marks = std::iter::zip(words, spans).filter_map(|(text, span)| {
        let (start, end) = span?;
        Some(WordMark {
            text,
            start: Duration::from_secs_f64(start),
            end: Duration::from_secs_f64(end),
        })
    });
    marks.collect()
}

/// Whether the last word of `text` was timed.
pub(super) fn reach_the_end(text: &str, timed: &[TimedWord]) -> bool {
    let words = words(text);
    aligned(text, &words, timed).last().is_none_or(Option::is_some)
}

/// Where the words of a text stand: what lies between blanks and has a letter or figure in it.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if bare.contains(char::is_alphanumeric) {
            words.push(at..at + bare.len());
        }
        at += word.len();
    }
    words
}

/// From what the times count, if they fit the audio at all.
fn offset(timed: &[TimedWord], before: f64, length: f64) -> Option<f64> {
    let first = timed.iter().map(|word| word.start).reduce(f64::min)?;
    let last = timed.iter().map(|word| word.end).reduce(f64::max)?;
    let fits = |offset: f64| first - offset >= -SLACK && last - offset <= length + SLACK;
    [before, 0.0].into_iter().find(|&offset| fits(offset))
}

/// The times of the words that were found.
fn aligned(text: &str, words: &[Range<usize>], timed: &[TimedWord]) -> Vec<Option<(f64, f64)>> {
    let spoken: Vec<String> = timed.iter().map(|word| sounds(&word.word)).collect();
    let mut next = 0;
    let find = |word: &Range<usize>| {
        let wanted = sounds(text.get(word.clone()).unwrap_or_default());
        let found = (next..timed.len().min(next + AHEAD)).find_map(|first| {
            let last = parts(&wanted, spoken.get(first..)?)?;
            Some((first, first + last))
        });
        let (first, last) = found?;
        next = last + 1;
        Some((timed.get(first)?.start, timed.get(last)?.end))
    };
    words.iter().map(find).collect()
}

/// How many of `spoken` follow the first to make up `wanted` together.
fn parts(wanted: &str, spoken: &[String]) -> Option<usize> {
    let mut rest = wanted;
    for (index, part) in spoken.iter().enumerate() {
        rest = rest.strip_prefix(part.as_str())?;
        if rest.is_empty() {
            return Some(index);
        }
    }
    None
}

/// A word without what is not spoken.
fn sounds(word: &str) -> String {
    let spoken = word.chars().filter(|letter| letter.is_alphanumeric());
    spoken.flat_map(char::to_lowercase).collect()
}

/// Spreads words without times over the time between those that have one, by their length.
fn fill(text: &str, words: &[Range<usize>], spans: &mut [Option<(f64, f64)>], length: f64) {
    let letters = |word: &Range<usize>| text.get(word.clone()).map_or(1, |word| word.chars().count()) as f64;
    let mut from = 0;
    while let Some(gap) = spans
        .iter()
        .skip(from)
        .position(Option::is_none)
        .map(|at| from + at)
    {
        let end = spans
            .iter()
            .skip(gap)
            .position(Option::is_some)
            .map_or(spans.len(), |at| gap + at);
        let begins = gap
            .checked_sub(1)
            .and_then(|before| spans[before])
            .map_or(0.0, |(_, end)| end);
        let ends = spans
            .get(end)
            .copied()
            .flatten()
            .map_or(length, |(start, _)| start)
            .max(begins);
        let each = (ends - begins) / words[gap..end].iter().map(letters).sum::<f64>();
        let mut at = begins;
        for (span, word) in spans[gap..end].iter_mut().zip(&words[gap..end]) {
            let start = at;
            at += letters(word) * each;
            *span = Some((start, at));
        }
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn timed(words: &[(&str, f64, f64)]) -> Vec<TimedWord> {
        let timed = words.iter().map(|&(word, start, end)| TimedWord {
            word: word.into(),
            start,
            end,
        });
        timed.collect()
    }

    fn ms(marks: &[WordMark]) -> Vec<(Range<usize>, u128, u128)> {
        let times = |mark: &WordMark| (mark.text.clone(), mark.start.as_millis(), mark.end.as_millis());
        marks.iter().map(times).collect()
    }

    #[test]
    fn words_are_found_despite_punctuation_case_and_parts() {
        let spoken = timed(&[
            ("Don't", 0.0, 0.2),
            ("worry", 0.2, 0.5),
            ("mr", 0.6, 0.7),
            ("O", 0.7, 0.8),
            ("'Neil", 0.8, 1.0),
        ]);
        let found = marks("don’t worry, Mr. O'Neil!", &spoken, 0.0, 1.1);
        assert_eq!(
            ms(&found),
            [
                (0..7, 0, 200),
                (8..14, 200, 500),
                (15..18, 600, 700),
                (19..26, 700, 1_000)
            ]
        );
    }

    #[test]
    fn times_may_count_from_the_begin_of_the_context() {
        let spoken = timed(&[("two", 1.1, 1.4), ("three", 1.5, 1.9)]);
        let found = ms(&marks("two three", &spoken, 1.0, 1.0));
        assert_eq!(found, [(0..3, 100, 400), (4..9, 500, 900)]);
        let of_segment = timed(&[("two", 0.1, 0.4), ("three", 0.5, 0.9)]);
        assert_eq!(
            ms(&marks("two three", &of_segment, 1.0, 1.0)),
            [(0..3, 100, 400), (4..9, 500, 900)]
        );
    }

    #[test]
    fn words_without_times_are_spread_between_their_neighbours() {
        assert_eq!(
            ms(&marks("aa bb — cccc", &[], 0.0, 0.8)),
            [(0..2, 0, 200), (3..5, 200, 400), (10..14, 400, 800)]
        );
        let spoken = timed(&[("start", 0.0, 0.5), ("end", 0.9, 1.0)]);
        assert_eq!(
            ms(&marks("start 2,5 end", &spoken, 0.0, 1.0)),
            [(0..5, 0, 500), (6..9, 500, 900), (10..13, 900, 1_000)]
        );
        assert!(marks("…", &[], 0.0, 0.5).is_empty());
    }

    #[test]
    fn times_that_cannot_be_of_this_audio_are_not_used() {
        let spoken = timed(&[("aa", 7.0, 8.0)]);
        assert_eq!(
            ms(&marks("aa bb", &spoken, 2.0, 1.0)),
            [(0..2, 0, 500), (3..5, 500, 1_000)]
        );
    }

    proptest! {
        #[test]
        fn every_word_has_its_place_in_order(
            text in "[a-cé .,'—0-9]{0,40}",
            spoken in prop::collection::vec(("[a-cé0-9']{0,4}", -1.0..6.0_f64, -1.0..6.0_f64), 0..12),
            before in 0.0..3.0_f64,
            length in 0.0..4.0_f64,
        ) {
            let spoken: Vec<TimedWord> =
                spoken.into_iter().map(|(word, start, end)| TimedWord { word, start, end }).collect();
            let found = marks(&text, &spoken, before, length);
            prop_assert_eq!(found.len(), words(&text).len());
            let most = Duration::from_secs_f64(length) + Duration::from_micros(1);
            let mut latest = Duration::ZERO;
            for mark in found {
                prop_assert!(text.get(mark.text).is_some());
                prop_assert!(mark.start + Duration::from_micros(1) >= latest && mark.start <= mark.end && mark.end <= most);
                latest = mark.end;
            }
        }
    }
}
