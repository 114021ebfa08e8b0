use bedside_conversation::consultation::Value;
use bedside_conversation::consultation::words::Word;

use super::joined;

const REFUSALS: &[&str] = &["no", "nope", "nah", "none", "nothing", "not", "never"];

/// Words a plain "no, nothing that I know of" is made of.
#[rustfmt::skip]
const AROUND_REFUSALS: &[&str] = &[
    "a", "add", "all", "allergic", "allergies", "am", "any", "anything", "at", "aware", "believe", "can", "comes",
    "conditions", "do", "effects", "else", "everything", "far", "have", "i", "in", "is", "it", "just", "know",
    "medications", "medicines", "mind", "more", "noticed", "of", "okay", "other", "particular", "please", "problems",
    "really", "say", "side", "so", "symptoms", "take", "thank", "thanks", "that", "there", "think", "to", "uh", "um",
    "well", "you",
];
#[rustfmt::skip]
const ASSENT_OR_HESITATION: &[&str] = &[
    "yes", "yeah", "yep", "yup", "sure", "um", "uh", "er", "erm", "hmm", "well", "so", "oh", "okay", "like", "and", "i",
    "do", "have", "the", "a", "it", "is", "right", "mhm", "mm",
];
#[rustfmt::skip]
const SALUTATIONS: &[&str] =
    &["hello", "hi", "hey", "good", "morning", "afternoon", "evening", "there", "doctor", "can", "you", "hear", "me"];

/// Fewer words than this do not tell what brings a patient.
const SHORTEST_STATEMENT: usize = 3;

/// A free answer in the patient's words, without the hesitation before it.
pub(super) fn answer(said: &str, heard: &[Word]) -> Option<Value> {
    if says_nothing(heard) {
        return Some(Value::Nothing);
    }
    heard.iter().find(|word| !is_one_of(word, ASSENT_OR_HESITATION))?;
    let start = heard.iter().find(|word| {
        !matches!(
            word.text.as_str(),
            "yes" | "yeah" | "yep" | "um" | "uh" | "well" | "so" | "oh"
        )
    })?;
    let text = said
        .get(start.span.start..)?
        .trim_end()
        .trim_end_matches(['.', '!', '?', ',', ';', ':']);
    (!text.is_empty()).then(|| Value::Text(text.to_owned()))
}

/// Whether the patient says that there is nothing to name.
pub(super) fn says_nothing(heard: &[Word]) -> bool {
    let refusal = heard.iter().any(|word| is_one_of(word, REFUSALS));
    let bare = heard
        .iter()
        .all(|word| is_one_of(word, REFUSALS) || is_one_of(word, AROUND_REFUSALS));
    (refusal && bare)
        || matches!(
            joined(heard).as_str(),
            "that is all" | "that is it" | "that would be all"
        )
}

/// Whether an utterance tells something, beyond a salutation.
pub(in super::super) fn is_statement(said: &str) -> bool {
    let heard = bedside_conversation::consultation::words::words(said);
    heard.iter().filter(|word| !is_one_of(word, SALUTATIONS)).count() >= SHORTEST_STATEMENT
}

fn is_one_of(word: &Word, list: &[&str]) -> bool {
    list.contains(&word.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bedside_conversation::consultation::words::words;

    #[test]
    fn tells_an_answer_from_nothing_and_from_no_answer() {
        let cases = [
            ("Um, yes, penicillin.", Some("penicillin")),
            ("I've had no appetite", Some("I've had no appetite")),
            ("No, but I have a rash", Some("No, but I have a rash")),
            ("No, nothing else, thank you.", Some("none")),
            ("Not that I know of", Some("none")),
            ("That's all.", Some("none")),
            ("Yes.", None),
            ("um", None),
            ("", None),
        ];
        for (said, expected) in cases {
            let found = answer(said, &words(said)).map(|value| value.to_string());
            assert_eq!(found.as_deref(), expected, "{said}");
        }
    }
}
