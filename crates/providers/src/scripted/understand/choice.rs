use bedside_conversation::consultation::ChoiceOption;
use bedside_conversation::consultation::words::{Word, find_phrase, words};

use super::is_negated;

/// The option named by the longest phrase that is not negated.
pub(super) fn answer(options: &[ChoiceOption], heard: &[Word]) -> Option<String> {
    let mut best: Option<(usize, &ChoiceOption)> = None;
    for option in options {
        for said in std::iter::once(&option.value).chain(&option.synonyms) {
            let phrase = words(said);
            let Some(at) = find_phrase(heard, &phrase) else {
                continue;
            };
            if !is_negated(heard, at.start) && best.is_none_or(|(longest, _)| phrase.len() > longest) {
                best = Some((phrase.len(), option));
            }
        }
    }
    best.map(|(_, option)| option.value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_that_is_not_negated_decides() {
        let option = |value: &str, synonyms: &[&str]| ChoiceOption {
            value: value.into(),
            synonyms: synonyms.iter().map(|s| (*s).to_owned()).collect(),
        };
        let options = [
            option("every day", &["daily", "never missed"]),
            option("most days", &["almost every day", "missed a dose"]),
            option("not at all", &["never"]),
        ];
        let cases = [
            ("Every day", Some("every day")),
            ("almost every day", Some("most days")),
            ("I never missed a dose", Some("every day")),
            ("Not at all.", Some("not at all")),
            ("not every day", None),
            ("blue", None),
        ];
        for (said, expected) in cases {
            assert_eq!(answer(&options, &words(said)).as_deref(), expected, "{said}");
        }
    }
}
