use bedside_conversation::consultation::Value;
use bedside_conversation::consultation::words::{Break, Word, find_phrase, words};

use super::{is_negated, text, yes_no};

/// Words before or between names that are not part of one.
#[rustfmt::skip]
const AROUND: &[&str] = &[
    "i", "am", "on", "take", "taking", "have", "been", "do", "yes", "yeah", "yep", "sure", "just", "only", "well", "um",
    "uh", "so", "and", "also", "plus", "some", "my", "a", "an", "the", "then", "currently", "right", "now", "okay", "it", "is",
    "that", "would", "be", "let", "me", "see", "using", "use", "with", "sometimes",
];

/// The medicines named in an answer, in the patient's words, or that there are none.
pub(super) fn answer(known: &[String], said: &str, heard: &[Word]) -> Option<Value> {
    if text::says_nothing(heard) {
        return Some(Value::Nothing);
    }
    if let Some(named) = named(known, said, heard) {
        let others = listed(said, heard)
            .into_iter()
            .filter(|item| heard.len() < 30 && !item.is_empty());
        let names: Vec<_> = others.collect();
        return Some(if names.is_empty() {
            named
        } else {
            Value::Medicines(names)
        });
    }
    let names = listed(said, heard);
    (yes_no(heard) != Some(false) && !names.is_empty()).then_some(Value::Medicines(names))
}

/// The known medicines mentioned and not negated.
pub(super) fn named(known: &[String], said: &str, heard: &[Word]) -> Option<Value> {
    let mut found: Vec<_> = known
        .iter()
        .filter_map(|name| find_phrase(heard, &words(name)))
        .collect();
    found.retain(|at| !is_negated(heard, at.start));
    found.sort_by_key(|at| at.start);
    let names: Vec<_> = found
        .into_iter()
        .filter_map(|at| slice(said, &heard[at]).map(str::to_owned))
        .collect();
    (!names.is_empty()).then_some(Value::Medicines(names))
}

/// The items of an enumeration, freed of the words around them.
fn listed(said: &str, heard: &[Word]) -> Vec<String> {
    let mut items = Vec::new();
    let mut item: Vec<Word> = Vec::new();
    for word in heard {
        let joint = matches!(word.text.as_str(), "and" | "plus" | "also");
        if !joint {
            item.push(word.clone());
        }
        if joint || word.after > Break::None {
            items.extend(trimmed(said, &item));
            item.clear();
        }
    }
    items.extend(trimmed(said, &item));
    items
}

fn trimmed(said: &str, item: &[Word]) -> Option<String> {
    let around = |word: &Word| AROUND.contains(&word.text.as_str());
    let start = item.iter().position(|word| !around(word))?;
    let end = item.iter().rposition(|word| !around(word))?;
    slice(said, &item[start..=end]).map(str::to_owned)
}

fn slice<'a>(said: &'a str, words: &[Word]) -> Option<&'a str> {
    said.get(words.first()?.span.start..words.last()?.span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        let known = ["lisinopril".to_owned(), "metformin".to_owned()];
        answer(&known, text, &words(text)).map(|value| value.to_string())
    }

    #[test]
    fn lists_what_is_taken() {
        let cases = [
            (
                "I take lisinopril and metformin.",
                Some("lisinopril and metformin"),
            ),
            (
                "Yes, Lisinopril 10 mg, a baby aspirin, and vitamin D",
                Some("Lisinopril 10 mg, baby aspirin and vitamin D"),
            ),
            ("just water tablets", Some("water tablets")),
            ("None.", Some("none")),
            ("No, I don't take anything", Some("none")),
            ("Yes, I do", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(said(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn unasked_only_known_names_count() {
        let known = ["metformin".to_owned()];
        let text = "I take metformin and feel dizzy";
        assert_eq!(
            named(&known, text, &words(text)),
            Some(Value::Medicines(vec!["metformin".into()]))
        );
        let text = "I'm not taking metformin";
        assert_eq!(named(&known, text, &words(text)), None);
    }
}
