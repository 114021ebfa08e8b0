use bedside_conversation::consultation::words::{Break, Word};

use super::numbers::numbers;

const UNITS: &[&str] = &[
    "second", "minute", "hour", "day", "week", "weekend", "month", "year", "decade",
];
#[rustfmt::skip]
const POINTS: &[&str] = &[
    "yesterday", "today", "tonight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "april", "june", "july", "august", "september", "october", "november", "december",
    "christmas", "childhood", "birth", "easter", "thanksgiving", "forever",
];
const QUANTITIES: &[&str] = &[
    "a", "an", "few", "couple", "several", "many", "half", "last", "past", "this", "of", "some",
];
const PARTS_OF_DAY: &[&str] = &[
    "morning",
    "afternoon",
    "evening",
    "night",
    "noon",
    "lunch",
    "breakfast",
    "midnight",
];
#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "about", "around", "almost", "nearly", "over", "roughly", "approximately", "more", "less", "than", "at", "least",
    "for", "since", "the", "on", "in", "from", "early", "late", "before", "just", "only", "every", "within", "like",
];
const AFTER: &[&str] = &["ago", "now", "or", "so", "back", "at", "before"];

/// Words after "since" that still belong to it ("since I fell down the stairs").
const LONGEST_SINCE: usize = 7;

/// The first duration or point in time in an utterance, in the patient's words.
pub(super) fn phrase(said: &str, heard: &[Word]) -> Option<String> {
    let core = cores(heard);
    let first = core.iter().position(|marked| *marked)?;
    let mut start = first;
    while start > 0 && heard[start - 1].after == Break::None && is_one_of(&heard[start - 1], BEFORE) {
        start -= 1;
    }
    let mut end = first + 1;
    while end < heard.len() && heard[end - 1].after == Break::None {
        let joins = core[end] || is_one_of(&heard[end], AFTER) || is_one_of(&heard[end], PARTS_OF_DAY);
        if !joins {
            break;
        }
        end += 1;
    }
    while end > first + 1 && matches!(heard[end - 1].text.as_str(), "or" | "at") {
        end -= 1;
    }
    Some(
        said.get(heard[start].span.start..heard[end - 1].span.end)?
            .to_owned(),
    )
}

/// The words that carry a time: units with their quantity, days and months, clock times, "since …".
fn cores(heard: &[Word]) -> Vec<bool> {
    let mut core = vec![false; heard.len()];
    let numbers = numbers(heard);
    let number_ending = |at: usize| numbers.iter().find(|number| number.at.end == at);
    for (at, word) in heard.iter().enumerate() {
        let word = word.text.as_str();
        let unit = UNITS
            .iter()
            .any(|unit| word == *unit || word.strip_suffix('s') == Some(unit));
        if unit {
            let mut start = number_ending(at).map_or(at, |number| number.at.start);
            while start > 0 && is_one_of(&heard[start - 1], QUANTITIES) {
                start -= 1;
            }
            // "my days" is no time; "days" alone is one only with "ago" or "for" around it.
            let framed = heard.get(at + 1).is_some_and(|next| next.text == "ago")
                || (at > 0 && heard[at - 1].text == "for");
            if start < at || framed {
                core[start..=at].fill(true);
            }
        } else if POINTS.contains(&word) {
            let start = at - usize::from(at > 0 && matches!(heard[at - 1].text.as_str(), "last" | "this"));
            core[start..=at].fill(true);
        } else if PARTS_OF_DAY.contains(&word)
            && at > 0
            && matches!(heard[at - 1].text.as_str(), "this" | "last" | "at")
        {
            core[at - 1..=at].fill(true);
        } else if matches!(word, "am" | "pm" | "oclock") && number_ending(at).is_some() {
            let start = number_ending(at).map_or(at, |number| number.at.start);
            core[start..=at].fill(true);
        } else if word.len() == 4 && (word.starts_with("19") || word.starts_with("20")) && at > 0 {
            core[at] = matches!(heard[at - 1].text.as_str(), "in" | "since");
        } else if word == "since" && heard[at].after == Break::None {
            let end = (at + 1..heard.len().min(at + 1 + LONGEST_SINCE))
                .find(|i| heard[*i].after > Break::None)
                .map_or(heard.len().min(at + 1 + LONGEST_SINCE), |i| i + 1);
            core[at..end].fill(end > at + 1);
        }
    }
    core
}

fn is_one_of(word: &Word, list: &[&str]) -> bool {
    list.contains(&word.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bedside_conversation::consultation::words::words;

    #[test]
    fn keeps_times_in_the_patients_words() {
        let cases = [
            ("About a week.", Some("About a week")),
            ("It started three days ago, I think", Some("three days ago")),
            ("I've had it for two or three weeks now", Some("three weeks now")),
            ("Since Monday", Some("Since Monday")),
            (
                "since I fell down the stairs",
                Some("since I fell down the stairs"),
            ),
            ("yesterday morning", Some("yesterday morning")),
            ("this morning", Some("this morning")),
            ("It was a couple of months back", Some("a couple of months back")),
            ("for over a year", Some("for over a year")),
            ("in 2019", Some("in 2019")),
            ("last night", Some("last night")),
            ("At eight am today", Some("At eight am today")),
            ("I have bad days", None),
            ("a headache", None),
        ];
        for (said, expected) in cases {
            assert_eq!(phrase(said, &words(said)).as_deref(), expected, "{said}");
        }
    }
}
