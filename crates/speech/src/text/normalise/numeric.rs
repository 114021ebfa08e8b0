//! Telephone numbers, ranges, ordinals and bare numbers.

use super::super::{number, tables};
use super::reader::{Reader, Spoken};

/// `(555) 123-4567`, `1-800-555-0199`, `555-1234`: digit by digit.
pub(super) fn telephone(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    if reader.number(at.wrapping_sub(1)).is_some() || reader.glued(at) {
        return None;
    }
    let mut next = at;
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let plus = reader.is(next, '+') && reader.glued(next + 1);
    next += usize::from(plus);
    loop {
        let bracketed = reader.is(next, '(') && reader.is(next + 2, ')');
        let digits = next + usize::from(bracketed);
        let Some((_, length)) = reader.whole(digits) else {
            break;
        };
        groups.push((digits, length));
        next = digits + 1 + usize::from(bracketed);
        let separated =
            matches!(reader.symbol(next), Some('-' | '.')) && reader.glued(next) && reader.glued(next + 1);
        if separated {
            next += 1;
        } else if !(bracketed || plus && groups.len() < 6) {
            break;
        }
    }
    let lengths: Vec<usize> = groups.iter().map(|&(_, length)| length).collect();
    let recognised = matches!(lengths[..], [3, 4] | [3, 3, 4] | [1, 3, 3, 4])
        || plus && lengths.iter().sum::<usize>() >= 8;
    if !recognised {
        return None;
    }
    for (position, &(digits, _)) in groups.iter().enumerate() {
        let text = reader.number(digits)?;
        spoken.say(&number::digits(text), reader.span(digits..digits + 1));
        if position + 1 < groups.len() {
            spoken.pause(super::Break::Comma);
        }
    }
    let last = groups.last()?.0 + 1;
    Some(last - at)
}

/// Numbers that are dialled for help.
pub(super) fn emergency(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let text = reader.number(at)?;
    let dialled = reader
        .word_before(at)
        .is_some_and(|word| ["call", "dial", "ring", "text"].contains(&word.to_lowercase().as_str()));
    let measured = reader
        .word(at + 1)
        .is_some_and(|word| tables::unit(word).is_some());
    let helpline = ["911", "988"].contains(&text) && !measured;
    if reader.glued(at) && reader.symbol(at.wrapping_sub(1)) != Some('\n')
        || !(helpline || dialled && text.len() == 3)
    {
        return None;
    }
    spoken.say(&number::digits(text), reader.span(at..at + 1));
    Some(1)
}

/// `2-3`, `5–10`: the first number and "to"; the second is read on its own, with its unit.
pub(super) fn range(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let from = reader.number(at)?;
    let dash = matches!(reader.symbol(at + 1), Some('-' | '\u{2013}' | '\u{2212}'));
    let even = reader.glued(at + 1) == reader.glued(at + 2);
    let chained = reader.glued(at) && matches!(reader.symbol(at.wrapping_sub(1)), Some('-' | '\u{2013}'));
    if !dash || !even || chained || reader.number(at + 2).is_none() {
        return None;
    }
    let years = [at, at + 2].map(|side| {
        reader
            .whole(side)
            .filter(|&(value, digits)| digits == 4 && (1900..2100).contains(&value))
    });
    if let [Some((first, _)), Some((second, _))] = years {
        spoken.say(&number::year(first), reader.span(at..at + 1));
        spoken.say("to", reader.span(at + 1..at + 2));
        spoken.say(&number::year(second), reader.span(at + 2..at + 3));
        return Some(3);
    }
    spoken.say(&number::written(from), reader.span(at..at + 1));
    spoken.say("to", reader.span(at + 1..at + 2));
    Some(2)
}

/// `1st`, `22nd`.
pub(super) fn ordinal(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let (value, _) = reader.whole(at)?;
    if !is_ordinal(reader, at) {
        return None;
    }
    spoken.say(&number::ordinal(value), reader.span(at..at + 2));
    Some(2)
}

/// Whether a number carries an ordinal ending.
pub(super) fn is_ordinal(reader: &Reader<'_>, at: usize) -> bool {
    let ending = reader.word(at + 1).map(str::to_lowercase);
    reader.glued(at + 1) && matches!(ending.as_deref(), Some("st" | "nd" | "rd" | "th"))
}

/// `2x`: times; `x3 days`: for.
pub(super) fn multiple(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let is_x = |at: usize| reader.word(at).is_some_and(|word| word.eq_ignore_ascii_case("x"));
    let said = if is_x(at + 1) {
        format!("{} times", number::written(reader.number(at)?))
    } else if is_x(at) {
        let duration = reader
            .word(at + 2)
            .is_some_and(|word| !reader.glued(at + 2) && is_span_of_time(word));
        let introduced = reader.word_before(at).is_some_and(|word| word == "for");
        let amount = number::written(reader.number(at + 1)?);
        match (duration, introduced) {
            (true, true) => amount,
            (true, false) => format!("for {amount}"),
            (false, _) => format!("{amount} times"),
        }
    } else {
        return None;
    };
    reader
        .glued(at + 1)
        .then(|| spoken.say(&said, reader.span(at..at + 2)))?;
    Some(2)
}

fn is_span_of_time(word: &str) -> bool {
    ["hour", "day", "night", "week", "month", "year"].contains(&word.trim_end_matches('s'))
}

/// `-5` and `#3`, not the hyphen of `A-5`.
pub(super) fn signed(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    let sign = match reader.symbol(at)? {
        '-' | '\u{2212}' if !reader.glued(at) => "minus",
        '#' => "number",
        _ => return None,
    };
    if !reader.glued(at + 1) || reader.number(at + 1).is_none() {
        return None;
    }
    spoken.say(sign, reader.span(at..at + 1));
    Some(1)
}

/// Any other number.
pub(super) fn plain(reader: &Reader<'_>, at: usize, spoken: &mut Spoken) -> Option<usize> {
    spoken.say(&number::written(reader.number(at)?), reader.span(at..at + 1));
    Some(1)
}
