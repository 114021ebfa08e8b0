//! Where a text is cut to be spoken piece by piece.

use std::ops::Range;

use crate::text::tables::takes_period;

/// A sentence longer than this, in characters, is cut at its commas too: what comes before the first audio grows with
/// the clause.
const LONG: usize = 80;

/// A clause shorter than this is joined to what follows it, as a clause of a word or two sounds cut off.
const SHORT: usize = 12;

/// A text without punctuation is cut between words here.
const LONGEST: usize = 200;

/// Cuts a text into clauses, in order and without gaps: at the ends of sentences, and within long sentences at commas,
/// semicolons, colons and dashes. Never after "Dr.", nor inside "98.6", "1,000" or "8:30".
pub fn clauses(text: &str) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for sentence_end in sentence_ends(text) {
        if text[start..sentence_end].trim().chars().count() < SHORT && sentence_end < text.len() {
            continue;
        }
        let sentence = start..sentence_end;
        if text[sentence.clone()].chars().count() > LONG {
            cut_sentence(text, sentence, &mut clauses);
        } else {
            clauses.push(sentence);
        }
        start = sentence_end;
    }
    clauses
}

/// The offsets after each sentence and the space that follows it; the last is the end of the text.
fn sentence_ends(text: &str) -> Vec<usize> {
    let ends = breaks(text).filter(|&(at, mark, _)| match mark {
        '!' | '?' | '\u{2026}' | '\n' => true,
        '.' => !takes_period(last_word(&text[..at])),
        _ => false,
    });
    let mut ends: Vec<usize> = ends.map(|(_, _, after)| after).collect();
    if ends.last() != Some(&text.len()) && !text.is_empty() {
        ends.push(text.len());
    }
    ends
}

/// Marks that white space follows: offset, mark, offset after the space.
fn breaks(text: &str) -> impl Iterator<Item = (usize, char, usize)> {
    text.char_indices().filter_map(move |(at, mark)| {
        let rest = text[at + mark.len_utf8()..].trim_start_matches(['"', '\'', ')', '\u{201d}', '\u{2019}']);
        let space = rest.len() - rest.trim_start().len();
        let line = mark == '\n';
        (line || space > 0 || rest.is_empty()).then(|| (at, mark, text.len() - rest.len() + space))
    })
}

/// The word before a period, with the periods inside it left out: `e.g` is `eg`.
fn last_word(before: &str) -> &str {
    before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default()
}

fn cut_sentence(text: &str, sentence: Range<usize>, clauses: &mut Vec<Range<usize>>) {
    let inner = &text[sentence.clone()];
    let mut start = sentence.start;
    let cuts: Vec<usize> = breaks(inner)
        .filter(|&(_, mark, _)| matches!(mark, ',' | ';' | ':' | '\u{2014}' | '\u{2013}'))
        .map(|(_, _, after)| sentence.start + after)
        .chain([sentence.end])
        .collect();
    for (index, &end) in cuts.iter().enumerate() {
        let remaining = text[end..sentence.end].trim().chars().count();
        let short = text[start..end].trim().chars().count() < SHORT || remaining < SHORT;
        if short && index + 1 < cuts.len() {
            continue;
        }
        cut_words(text, start..end, clauses);
        start = end;
    }
}

fn cut_words(text: &str, clause: Range<usize>, clauses: &mut Vec<Range<usize>>) {
    let mut start = clause.start;
    while let Some((limit, _)) = text[start..clause.end].char_indices().nth(LONGEST) {
        let head = &text[start..start + limit];
        let end = head.rfind(char::is_whitespace).map_or(start + limit, |space| {
            start + space + head[space..].chars().next().map_or(1, char::len_utf8)
        });
        clauses.push(start..end);
        start = end;
    }
    clauses.push(start..clause.end);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        clauses(text)
            .into_iter()
            .map(|clause| text[clause].trim())
            .collect()
    }

    #[test]
    fn sentences_are_cut_apart_and_short_ones_joined() {
        assert_eq!(
            cut("How are you feeling? Please tell me more."),
            ["How are you feeling?", "Please tell me more."]
        );
        assert_eq!(
            cut("I see. How long has it hurt?"),
            ["I see. How long has it hurt?"]
        );
        assert_eq!(cut(""), Vec::<&str>::new());
    }

    #[test]
    fn abbreviations_and_numbers_stay_whole() {
        for whole in [
            "Please ask Dr. Miller about it today",
            "Your temperature is 98.6 degrees",
            "Take e.g. 1,000 units at 8:30 today",
        ] {
            assert_eq!(cut(whole), [whole]);
        }
    }

    #[test]
    fn long_sentences_are_cut_at_their_commas() {
        let text = "If the pain gets worse or spreads to your arm, call 911 at once, and do not drive yourself to the hospital.";
        assert_eq!(
            cut(text),
            [
                "If the pain gets worse or spreads to your arm,",
                "call 911 at once,",
                "and do not drive yourself to the hospital."
            ]
        );
    }

    #[test]
    fn text_without_punctuation_is_cut_between_words() {
        let text = "word ".repeat(100);
        let pieces = cut(&text);
        assert!(
            pieces.len() > 2
                && pieces
                    .iter()
                    .all(|piece| piece.len() <= LONGEST && piece.ends_with("word"))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn clauses_are_the_text(text in "(\\PC{0,30}|[a-z ,.!?]{0,80}|Dr\\. |98\\.6 |\n){0,8}") {
            let joined: String = clauses(&text).into_iter().map(|clause| &text[clause]).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
