//! Sounds of listening ("mm-hm", "okay") that do not mean to take the turn.

/// Words that, alone or together, only say "I am listening". "Yes" and "no" are answers and are not among them.
const LISTENING: &[&str] = &[
    "ah", "aah", "oh", "ooh", "er", "okay", "ok", "right", "i", "see", "ahem", "cough", "coughs", "coughing",
    "sniff", "sigh", "sighs",
];

/// Words that have a meaning only in company ("I see").
const INCOMPLETE: &[&[&str]] = &[&["i"], &["see"]];

/// Whether a transcript is no more than a sound of listening; true for one without words.
pub(crate) fn is_backchannel(transcript: &str) -> bool {
    let lower = transcript.to_lowercase().replace(['-', '\''], "");
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    words.len() <= 4
        && words.iter().all(|w| LISTENING.contains(w) || is_hum(w))
        && !INCOMPLETE.contains(&words.as_slice())
}

/// "mm", "mhm", "uh huh", "hmm", "um", however they are spelt.
fn is_hum(word: &str) -> bool {
    word.chars().all(|c| matches!(c, 'm' | 'h' | 'u'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_of_listening_are_told_from_answers() {
        for yes in [
            "",
            " ",
            "Mm-hm.",
            "Mmhmm.",
            "Uh-huh.",
            "Okay.",
            "Oh, okay.",
            "I see.",
            "Hmm…",
            "[coughs]",
        ] {
            assert!(is_backchannel(yes), "{yes:?}");
        }
        for no in [
            "No.",
            "Yes.",
            "Stop!",
            "I",
            "Okay stop.",
            "It hurts.",
            "okay okay okay okay okay",
        ] {
            assert!(!is_backchannel(no), "{no:?}");
        }
    }
}
