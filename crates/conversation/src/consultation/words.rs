//! The canonical form of spoken English: lower case, contractions spelled out, punctuation kept as breaks.
//!
//! Transcribers differ in apostrophes, case and punctuation ("dont", "don't", "do not"). Everything that reads a
//! transcript by rule reads this form: `do not`.

use std::ops::Range;

/// What stands between a word and the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Break {
    /// A space or nothing.
    None,
    /// A comma, dash, bracket or a trailing-off.
    Comma,
    /// The end of a sentence.
    Sentence,
    /// The end of a question.
    Question,
}

/// One word in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower case, without apostrophes. A slash or a hyphen between digits is a word of its own.
    pub text: String,
    /// Where it stands in the transcript, in bytes; the parts of one contraction share it.
    pub span: Range<usize>,
    /// What follows it.
    pub after: Break,
}

/// The words of a transcript, in order.
pub fn words(transcript: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut rest = 0;
    while let Some(c) = transcript[rest..].chars().next() {
        let len = c.len_utf8();
        if c.is_alphanumeric() {
            let end = word_end(transcript, rest);
            push(&mut out, &transcript[rest..end], rest..end);
            rest = end;
            continue;
        }
        let ellipsis = transcript[rest..].starts_with("..");
        let between_digits = is_digit_before(transcript, rest) && is_digit_after(transcript, rest + len);
        match c {
            '/' => out.push(Word {
                text: "/".into(),
                span: rest..rest + len,
                after: Break::None,
            }),
            '-' | '–' if between_digits => {
                out.push(Word {
                    text: "-".into(),
                    span: rest..rest + len,
                    after: Break::None,
                });
            }
            '.' if ellipsis => {
                let dots = transcript[rest..].bytes().take_while(|b| *b == b'.').count();
                note_break(&mut out, Break::Comma);
                rest += dots;
                continue;
            }
            '?' => note_break(&mut out, Break::Question),
            '.' | '!' | ';' | ':' | '\n' => note_break(&mut out, Break::Sentence),
            ',' | '—' | '–' | '…' | '(' | ')' => note_break(&mut out, Break::Comma),
            _ => {}
        }
        rest += len;
    }
    out
}

/// The ranges of word indices that form sentences.
pub fn sentences(words: &[Word]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (i, word) in words.iter().enumerate() {
        if word.after >= Break::Sentence || i + 1 == words.len() {
            out.push(start..i + 1);
            start = i + 1;
        }
    }
    out
}

/// Where `phrase` (canonical words) first occurs, as a range of word indices.
pub fn find_phrase(words: &[Word], phrase: &[Word]) -> Option<Range<usize>> {
    if phrase.is_empty() {
        return None;
    }
    words
        .windows(phrase.len())
        .position(|window| window.iter().zip(phrase).all(|(a, b)| a.text == b.text))
        .map(|at| at..at + phrase.len())
}

fn note_break(out: &mut [Word], kind: Break) {
    if let Some(last) = out.last_mut() {
        last.after = last.after.max(kind);
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`')
}

fn is_digit_before(text: &str, at: usize) -> bool {
    text[..at].ends_with(|c: char| c.is_ascii_digit())
}

fn is_digit_after(text: &str, at: usize) -> bool {
    text[at..].starts_with(|c: char| c.is_ascii_digit())
}

/// Letters and digits; apostrophes inside letters ("don't") and points or commas inside digits ("98.6") belong to it.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    for (at, c) in text[start..].char_indices().map(|(i, c)| (start + i, c)) {
        let next = at + c.len_utf8();
        let inside = c.is_alphanumeric()
            || (is_apostrophe(c) && text[next..].starts_with(char::is_alphanumeric))
            || (matches!(c, '.' | ',') && is_digit_before(text, at) && is_digit_after(text, next));
        if !inside {
            break;
        }
        end = next;
    }
    end
}

fn push(out: &mut Vec<Word>, raw: &str, span: Range<usize>) {
    let lower = raw.to_lowercase();
    let bare: String = lower.chars().filter(|c| !is_apostrophe(*c)).collect();
    let bare = if bare.starts_with(|c: char| c.is_ascii_digit()) {
        bare.replace(',', "")
    } else {
        bare
    };
    let mut add = |text: &str| {
        out.push(Word {
            text: text.into(),
            span: span.clone(),
            after: Break::None,
        });
    };
    if let Some(parts) = contraction(&bare) {
        for part in parts {
            add(part);
        }
        return;
    }
    match lower.rsplit_once(is_apostrophe) {
        Some((head, tail)) => match suffix(head, tail) {
            Some((head, Some(verb))) => {
                add(head);
                add(verb);
            }
            Some((head, None)) => add(head),
            None => add(&bare),
        },
        None => add(&bare),
    }
}

/// Contractions that mean one thing with or without their apostrophe.
fn contraction(bare: &str) -> Option<&'static [&'static str]> {
    Some(match bare {
        "aint" | "isnt" => &["is", "not"],
        "arent" => &["are", "not"],
        "cannot" | "cant" => &["can", "not"],
        "couldnt" => &["could", "not"],
        "didnt" => &["did", "not"],
        "doesnt" => &["does", "not"],
        "dont" => &["do", "not"],
        "hadnt" => &["had", "not"],
        "hasnt" => &["has", "not"],
        "havent" => &["have", "not"],
        "mustnt" => &["must", "not"],
        "shouldnt" => &["should", "not"],
        "wasnt" => &["was", "not"],
        "werent" => &["were", "not"],
        "wont" => &["will", "not"],
        "wouldnt" => &["would", "not"],
        "im" => &["i", "am"],
        "ive" => &["i", "have"],
        "hes" => &["he", "is"],
        "shes" => &["she", "is"],
        "thats" => &["that", "is"],
        "theres" => &["there", "is"],
        "theyre" => &["they", "are"],
        "theyve" => &["they", "have"],
        "youre" => &["you", "are"],
        "weve" => &["we", "have"],
        "wanna" => &["want", "to"],
        "gonna" => &["going", "to"],
        "gotta" => &["got", "to"],
        "kinda" => &["kind", "of"],
        "ok" => &["okay"],
        _ => return None,
    })
}

/// Contractions that need their apostrophe to be told from another word ("I'll", "ill").
fn suffix<'a>(head: &'a str, tail: &str) -> Option<(&'a str, Option<&'static str>)> {
    Some(match tail {
        "m" => (head, Some("am")),
        "ve" => (head, Some("have")),
        "ll" => (head, Some("will")),
        "re" => (head, Some("are")),
        "d" => (head, Some("would")),
        "s" => match head {
            "it" | "that" | "there" | "he" | "she" | "what" | "here" | "who" | "everything" => {
                (head, Some("is"))
            }
            _ => (head, None),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(transcript: &str) -> String {
        words(transcript)
            .into_iter()
            .map(|w| w.text)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn spells_out_contractions_with_and_without_apostrophes() {
        for text in [
            "I don't, can't and won't.",
            "i dont cant and wont",
            "I don’t … cannot and WON'T!",
        ] {
            assert_eq!(canonical(text), "i do not can not and will not", "{text}");
        }
        assert_eq!(
            canonical("I'm ill; I'll say it's mum's"),
            "i am ill i will say it is mum"
        );
    }

    #[test]
    fn keeps_numbers_and_their_signs() {
        assert_eq!(
            canonical("98.6, 1,200 and 120/80 or 6-7."),
            "98.6 1200 and 120 / 80 or 6 - 7"
        );
    }

    #[test]
    fn spans_point_into_the_transcript() {
        let text = "Well, I’m dizzy.";
        let all = words(text);
        assert_eq!(&text[all[1].span.clone()], "I’m");
        assert_eq!(all[1].span, all[2].span);
        assert_eq!(all[0].after, Break::Comma);
        assert_eq!(sentences(&words("One two. Three? four")), vec![0..2, 2..3, 3..4]);
    }
}
