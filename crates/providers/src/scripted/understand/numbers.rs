use std::ops::Range;

use bedside_conversation::consultation::words::{Break, Word};

use super::joined;

/// A number and the words it was said in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) at: Range<usize>,
}

/// The numbers in an utterance, in digits or words: "6", "ninety eight point six", "one twenty" (120), "a hundred and ten".
pub(super) fn numbers(heard: &[Word]) -> Vec<Number> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < heard.len() {
        if let Some((value, end)) = number_at(heard, at) {
            out.push(Number { value, at: at..end });
            at = end;
        } else {
            at += 1;
        }
    }
    out
}

/// The figure answered, within the plausible range. Of "six or seven" the greater is taken.
pub(super) fn answer(heard: &[Word], min: f64, max: f64) -> Option<f64> {
    let all = numbers(heard);
    let figures: Vec<_> = all.iter().filter(|number| !is_scale(heard, number)).collect();
    let first = figures.first();
    let value = match (first, figures.get(1)) {
        (Some(first), Some(second)) if is_range(heard, first, second) => Some(first.value.max(second.value)),
        (Some(first), _) => Some(first.value),
        (None, _) => (min <= 0.0 && says_none(heard)).then_some(0.0),
    };
    value.filter(|value| (min..=max).contains(value))
}

/// The figure beside a cue: the last one before it, else the first one after it.
pub(super) fn beside(heard: &[Word], cue: &Range<usize>, min: f64, max: f64) -> Option<f64> {
    const REACH: usize = 3;
    let all = numbers(heard);
    let before = all
        .iter()
        .rev()
        .find(|n| n.at.end <= cue.start && cue.start - n.at.end <= REACH);
    let after = all
        .iter()
        .find(|n| n.at.start >= cue.end && n.at.start - cue.end <= REACH);
    before
        .or(after)
        .map(|number| number.value)
        .filter(|value| (min..=max).contains(value))
}

fn text(heard: &[Word], at: usize) -> &str {
    heard.get(at).map_or("", |word| word.text.as_str())
}

/// The ten of "six out of ten" or "6/10".
fn is_scale(heard: &[Word], number: &Number) -> bool {
    let before = |back: usize| number.at.start.checked_sub(back).map_or("", |at| text(heard, at));
    before(1) == "/" || (before(1) == "of" && matches!(before(2), "out" | "scale"))
}

fn is_range(heard: &[Word], first: &Number, second: &Number) -> bool {
    second.at.start == first.at.end + 1
        && matches!(text(heard, first.at.end), "or" | "to" | "-" | "and" | "maybe")
        || (second.at.start == first.at.end && heard[first.at.end - 1].after == Break::Comma)
}

fn says_none(heard: &[Word]) -> bool {
    let all = joined(heard);
    heard
        .first()
        .is_some_and(|word| matches!(word.text.as_str(), "no" | "none" | "never" | "nothing"))
        || all.contains("not at all")
        || all.contains("no pain")
}

fn number_at(heard: &[Word], at: usize) -> Option<(f64, usize)> {
    let (value, end) = whole_at(heard, at)?;
    let tenths = small(text(heard, end + 1)).filter(|tenths| *tenths < 10.0);
    if let ("point", Some(tenths)) = (text(heard, end), tenths) {
        return Some((value + tenths / 10.0, end + 2));
    }
    match (text(heard, end), text(heard, end + 1), text(heard, end + 2)) {
        ("and", "a", "half") => Some((value + 0.5, end + 3)),
        _ => Some((value, end)),
    }
}

fn whole_at(heard: &[Word], at: usize) -> Option<(f64, usize)> {
    let first = text(heard, at);
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        return first.parse().ok().map(|value| (value, at + 1));
    }
    let hundreds = if first == "a" {
        Some(1.0)
    } else {
        small(first).filter(|n| (1.0..10.0).contains(n))
    };
    if let Some(hundreds) = hundreds {
        if text(heard, at + 1) == "hundred" {
            let rest = at + 2 + usize::from(text(heard, at + 2) == "and");
            let value = hundreds * 100.0;
            return Some(
                below_hundred(heard, rest).map_or((value, at + 2), |(more, end)| (value + more, end)),
            );
        }
        if first != "a" && heard[at].after == Break::None {
            // As blood pressures are spoken: "one twenty", "one oh five".
            if let Some((more, end)) = below_hundred(heard, at + 1).filter(|(more, _)| *more >= 10.0) {
                return Some((hundreds * 100.0 + more, end));
            }
            let units = small(text(heard, at + 2)).filter(|n| (1.0..10.0).contains(n));
            if let ("oh" | "o", Some(units)) = (text(heard, at + 1), units) {
                return Some((hundreds * 100.0 + units, at + 3));
            }
        }
    }
    below_hundred(heard, at)
}

fn below_hundred(heard: &[Word], at: usize) -> Option<(f64, usize)> {
    let word = text(heard, at);
    if let Some(value) = small(word) {
        return Some((value, at + 1));
    }
    let tens = tens(word)?;
    let units = small(text(heard, at + 1)).filter(|n| (1.0..10.0).contains(n));
    Some(units.map_or((tens, at + 1), |units| (tens + units, at + 2)))
}

fn small(word: &str) -> Option<f64> {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    SMALL
        .iter()
        .position(|small| *small == word)
        .map(|value| value as f64)
}

fn tens(word: &str) -> Option<f64> {
    const TENS: [&str; 8] = [
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    TENS.iter()
        .position(|tens| *tens == word)
        .map(|index| (index as f64 + 2.0) * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bedside_conversation::consultation::words::words;

    #[test]
    fn reads_numbers_as_they_are_spoken() {
        let cases: &[(&str, &[f64])] = &[
            ("one twenty over eighty", &[120.0, 80.0]),
            ("a hundred and forty five over ninety two", &[145.0, 92.0]),
            ("one oh five", &[105.0]),
            ("98.6 or ninety eight point six", &[98.6, 98.6]),
            ("seven and a half", &[7.5]),
            ("two, ten and 1,200", &[2.0, 10.0, 1200.0]),
            ("none", &[]),
        ];
        for (said, expected) in cases {
            let found: Vec<_> = numbers(&words(said)).into_iter().map(|n| n.value).collect();
            assert_eq!(&found, expected, "{said}");
        }
    }

    #[test]
    fn takes_the_figure_and_not_the_scale() {
        let cases = [
            ("Six out of ten.", Some(6.0)),
            ("I'd say a 7/10", Some(7.0)),
            ("six or seven", Some(7.0)),
            ("on a scale of ten, four", Some(4.0)),
            ("no pain at all", Some(0.0)),
            ("eleven", None),
            ("pretty bad", None),
        ];
        for (said, expected) in cases {
            assert_eq!(answer(&words(said), 0.0, 10.0), expected, "{said}");
        }
    }
}
