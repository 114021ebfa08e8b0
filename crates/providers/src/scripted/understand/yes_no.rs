use bedside_conversation::consultation::words::Word;

use super::joined;

const HESITATION: &[&str] = &[
    "um", "uh", "er", "erm", "hmm", "well", "oh", "so", "okay", "like", "ah", "actually",
];
#[rustfmt::skip]
const YES: &[&str] = &[
    "yes", "yeah", "yep", "yup", "ya", "yea", "sure", "correct", "right", "definitely", "absolutely", "certainly",
    "sometimes", "of course", "i do", "i have", "i am", "i did", "it does", "it is", "there is", "mm hmm", "mhm",
    "uh huh", "i think so", "i guess so", "a little", "a bit", "kind of", "sort of", "quite", "very", "exactly",
    "that is right", "i believe so", "unfortunately yes",
];
#[rustfmt::skip]
const NO: &[&str] = &[
    "no", "nope", "nah", "never", "none", "negative", "not", "i do not", "i have not", "i am not",
    "i did not", "it does not", "it is not", "there is not", "do not", "have not", "i never", "i have no",
    "there is no", "nothing", "i do not think so", "uh uh", "hardly", "i can not say that i do",
];

/// Whether an utterance says yes or no, by how it begins ("I do", "not really"); hesitation aside.
pub(in super::super) fn yes_no(heard: &[Word]) -> Option<bool> {
    let start = heard
        .iter()
        .position(|word| !HESITATION.contains(&word.text.as_str()))
        .unwrap_or(heard.len());
    // "uh huh" and "uh uh" begin with what is hesitation elsewhere.
    let begins = |phrases: &[&str]| {
        let (all, rest) = (joined(heard), joined(&heard[start..]));
        phrases
            .iter()
            .filter(|phrase| starts_with_phrase(&rest, phrase) || starts_with_phrase(&all, phrase))
            .map(|phrase| phrase.len())
            .max()
    };
    match (begins(YES), begins(NO)) {
        (Some(yes), Some(no)) => Some(yes > no),
        (Some(_), None) => Some(true),
        (None, Some(_)) => Some(false),
        (None, None) => None,
    }
}

fn starts_with_phrase(all: &str, phrase: &str) -> bool {
    all.strip_prefix(phrase)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bedside_conversation::consultation::words::words;

    #[test]
    fn hears_yes_and_no_in_their_many_forms() {
        for said in [
            "Yes.",
            "yeah I do",
            "Um, yes",
            "uh-huh",
            "I do",
            "Sure, a little",
            "mm-hmm",
            "I think so",
            "Sometimes",
        ] {
            assert_eq!(yes_no(&words(said)), Some(true), "{said}");
        }
        for said in [
            "No.",
            "nope",
            "Well, no",
            "not really",
            "I don't",
            "I don't think so",
            "Uh-uh",
            "Never",
            "I haven't",
            "I have no pain",
        ] {
            assert_eq!(yes_no(&words(said)), Some(false), "{said}");
        }
        for said in ["", "maybe", "What?", "Tuesday"] {
            assert_eq!(yes_no(&words(said)), None, "{said}");
        }
    }
}
