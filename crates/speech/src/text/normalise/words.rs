//! Words, abbreviations, capitals and symbols.

use deunicode::deunicode_with_tofu;

use super::super::token::is_apostrophe;
use super::super::{number, tables};
use super::reader::{Reader, Spoken};
use super::{Break, Kind};

/// `w/o`, `and/or`, `he/she`, `N/A`.
pub(super) fn slash_form(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let word = reader.word(at)?;
    if !reader.is(at + 1, '/') || !reader.glued(at + 1) {
        return None;
    }
    let after = reader.word(at + 2).filter(|_| reader.glued(at + 2));
    let (said, taken) = match (
        word.to_lowercase().as_str(),
        after.map(str::to_lowercase).as_deref(),
    ) {
        ("w", Some("o")) => ("without", 3),
        ("w", _) => ("with", 2),
        ("n", Some("a")) => ("not applicable", 3),
        ("and", Some("or")) => ("and or", 3),
        _ => {
            after?;
            plain(reader, at, spoken)?;
            spoken.say("or", reader.span(at + 1..at + 2));
            return Some(2);
        }
    };
    spoken.say(said, reader.span(at..at + taken));
    Some(taken)
}

/// `Dr.`, `b.i.d.`, `BP`.
pub(super) fn abbreviation(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let word = reader.word(at)?;
    let period = reader.is(at + 1, '.') && reader.glued(at + 1);
    if reader.shouted() && !word.contains('.') {
        return None;
    }
    let coded = format!(
        "{word}{}",
        reader
            .number(at + 1)
            .filter(|_| reader.glued(at + 1))
            .unwrap_or_default()
    );
    let taken = if coded.len() > word.len() { 2 } else { 1 };
    let said = tables::abbreviation(&coded, period)?;
    let ends = period && (reader.ends_sentence(at + 1) && !tables::takes_period(word));
    let taken = taken + usize::from(period && !ends);
    spoken.say(said, reader.span(at..at + taken));
    if word.ends_with('.') && reader.ends_sentence(at) && !said.contains("example") {
        spoken.pause(Break::Stop);
    }
    Some(taken)
}

/// Letters and digits in one: `B12`, `A1C`, `COVID-19`.
pub(super) fn code(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let first = reader.word(at)?;
    let hyphen = usize::from(reader.joined_by(at + 1, '-') && is_capitals(first));
    if !reader.glued(at + 1) || reader.number(at + 1 + hyphen).is_none() {
        return None;
    }
    say_capitals(reader, at, spoken);
    let mut next = at + 1 + hyphen;
    while reader.glued(next) {
        if let Some(digits) = reader.number(next) {
            spoken.say(&number::written(digits), reader.span(next..next + 1));
        } else if reader.word(next).is_some() {
            say_capitals(reader, next, spoken);
        } else {
            break;
        }
        next += 1;
    }
    Some(next - at)
}

/// `ECG`, `MRIs`, `U.S.`: letter by letter, unless they make a word.
pub(super) fn capitals(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let word = reader.word(at)?;
    let lettered = reader.word_before(at).is_some_and(tables::is_lettered);
    let single = word.len() == 1 && is_upper(word) && word != "I" && (word != "A" || lettered);
    let dotted = word.contains('.');
    if reader.shouted() && !dotted || !single && !dotted && !is_capitals(word.trim_end_matches(['s', 'S'])) {
        return None;
    }
    say_capitals(reader, at, spoken);
    if dotted && word.ends_with('.') && reader.ends_sentence(at) {
        spoken.pause(Break::Stop);
    }
    Some(1)
}

fn is_capitals(word: &str) -> bool {
    word.len() > 1 && is_upper(word)
}

fn is_upper(word: &str) -> bool {
    word.bytes().all(|letter| letter.is_ascii_uppercase())
}

fn say_capitals(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) {
    let Some(word) = reader.word(at) else { return };
    let source = reader.span(at..at + 1);
    let stem = word.strip_suffix('s').filter(|stem| is_capitals(stem));
    if tables::said_as_word(&word.to_uppercase()) {
        spoken.say(&ascii(&word.to_lowercase()), source);
    } else if let Some(stem) = stem {
        let letters: Vec<String> = stem.chars().map(String::from).collect();
        spoken.say(&format!("{}'s", letters.join(" ")), source);
    } else if word.len() == 1 || is_capitals(word) || word.contains('.') {
        let letters: Vec<String> = word
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|c| c.to_uppercase().collect())
            .collect();
        spoken.say(&letters.join(" "), source);
    } else {
        spoken.say(&ascii(word), source);
    }
}

/// Any other word.
pub(super) fn plain(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let word = reader.word(at)?;
    let folded = if word == "A" || reader.shouted() && word != "I" {
        word.to_lowercase()
    } else {
        word.to_owned()
    };
    spoken.say(&ascii(&folded), reader.span(at..at + 1));
    Some(1)
}

/// `&`, `%`, `+`.
pub(super) fn symbol(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let Some(Kind::Symbol(symbol)) = reader.kind(at) else {
        return None;
    };
    spoken.say(tables::symbol(symbol)?, reader.span(at..at + 1));
    Some(1)
}

/// A word in any script, in ASCII letters and apostrophes; never empty.
pub(super) fn ascii(word: &str) -> String {
    let latin = deunicode_with_tofu(word, "");
    let kept: String = latin
        .chars()
        .map(|c| if is_apostrophe(c) { '\'' } else { c })
        .filter(|&c| c.is_ascii_alphabetic() || c == '\'' || c == ' ')
        .collect();
    let kept = kept.trim_matches(['\'', ' ']);
    if kept.is_empty() {
        "unknown".to_owned()
    } else {
        kept.to_owned()
    }
}
