use bedside_conversation::consultation::words::{Word, words};

use super::joined;

/// What a patient wants of the dialogue itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Intent {
    /// Hear that again.
    Repeat,
    /// Have it explained.
    Explain,
    /// Be asked no more for now.
    Stop,
    /// Go on after stopping.
    Resume,
    /// End the consultation.
    Goodbye,
    /// Thank.
    Thanks,
    /// Say that they do not know or would rather not say.
    NotKnown,
}

/// An utterance of more words says more than what it wants of the dialogue; people ask again at greater length.
const LONGEST: usize = 6;
const LONGEST_REQUEST: usize = 10;

#[rustfmt::skip]
const REPEAT: &[&str] = &[
    "repeat that",
    "repeat it",
    "repeat the question",
    "you repeat",
    "please repeat",
    "repeat please",
    "say that again",
    "say it again",
    "say again",
    "come again",
    "one more time",
    "did not hear",
    "could not hear",
    "can not hear you",
    "did not catch",
    "what did you say",
    "what was that",
    "what was the question",
    "pardon",
];
const EXPLAIN: &[&str] = &[
    "what do you mean",
    "what does that mean",
    "what is that supposed to mean",
    "do not understand",
    "did not understand",
    "do not get it",
    "do not follow",
    "can you explain",
    "could you explain",
    "explain that",
];
#[rustfmt::skip]
const STOP: &[&str] = &[
    "please stop",
    "stop please",
    "stop asking",
    "stop talking",
    "stop the questions",
    "stop it",
    "stop now",
    "stop here",
    "want to stop",
    "need to stop",
    "like to stop",
    "no more questions",
];
const RESUME: &[&str] = &[
    "continue",
    "go on",
    "resume",
    "carry on",
    "keep going",
    "go ahead",
    "i am back",
    "i am ready",
];
const GOODBYE: &[&str] = &[
    "goodbye",
    "good bye",
    "bye",
    "end the call",
    "end this call",
    "hang up now",
    "see you",
];
const NOT_KNOWN: &[&str] = &[
    "do not know",
    "no idea",
    "not sure",
    "can not remember",
    "do not remember",
    "can not recall",
    "do not recall",
    "can not say",
    "could not say",
    "hard to say",
    "no clue",
    "dunno",
    "skip",
    "next question",
    "rather not",
    "prefer not",
];

impl Intent {
    /// The intent of an utterance, if it has one and says little else.
    pub(in super::super) fn of(said: &str) -> Option<Self> {
        let heard = words(said);
        if heard.is_empty() || heard.len() > LONGEST_REQUEST {
            return None;
        }
        let all = joined(&heard);
        if matches!(
            all.as_str(),
            "what" | "sorry" | "huh" | "again" | "repeat" | "excuse me" | "sorry what" | "i am sorry"
        ) {
            return Some(Self::Repeat);
        }
        if heard
            .iter()
            .all(|word| matches!(word.text.as_str(), "stop" | "okay" | "wait"))
            && all.contains("stop")
        {
            return Some(Self::Stop);
        }
        [
            (REPEAT, Self::Repeat),
            (EXPLAIN, Self::Explain),
            (GOODBYE, Self::Goodbye),
            (STOP, Self::Stop),
            (RESUME, Self::Resume),
            (NOT_KNOWN, Self::NotKnown),
            (&["thank you", "thanks"], Self::Thanks),
        ]
        .into_iter()
        .find_map(|(phrases, intent)| has_any(&all, phrases).then_some(intent))
        .filter(|intent| matches!(intent, Self::Repeat | Self::Explain) || heard.len() <= LONGEST)
    }
}

/// Whether the patient says somewhere that they do not know.
pub(super) fn is_not_known(heard: &[Word]) -> bool {
    has_any(&joined(heard), NOT_KNOWN)
}

fn has_any(all: &str, phrases: &[&str]) -> bool {
    let padded = format!(" {all} ");
    phrases
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_patient_wants_of_the_dialogue() {
        let cases = [
            ("Sorry, can you repeat that?", Some(Intent::Repeat)),
            ("What?", Some(Intent::Repeat)),
            ("What do you mean?", Some(Intent::Explain)),
            ("stop, stop", Some(Intent::Stop)),
            ("I don't know", Some(Intent::NotKnown)),
            ("I'd rather not say.", Some(Intent::NotKnown)),
            ("OK, bye!", Some(Intent::Goodbye)),
            ("Let's continue", Some(Intent::Resume)),
            ("the pain does not stop", None),
            (
                "I was told not to stop taking it, but it made me so dizzy that I could not drive",
                None,
            ),
            ("I am fine, thank you, it was 130 over 80. Bye", None),
            ("", None),
        ];
        for (said, intent) in cases {
            assert_eq!(Intent::of(said), intent, "{said}");
        }
    }
}
