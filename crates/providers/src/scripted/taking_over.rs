//! Going on with a consultation that another model has led: which of our questions its words ask.

use std::collections::BTreeSet;

use bedside_conversation::consultation::words::{Break, Word, sentences, words};
use bedside_conversation::consultation::{AnswerKind, Question};

/// Share of a question's telling words that must be those of one of ours. A question that is more than ours, or another
/// one, would have its answer written in the wrong place.
const ENOUGH: f64 = 0.75;

/// What another model's message asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked<'p> {
    /// Nothing, or to say something again.
    Nothing,
    /// One of our questions.
    Ours(&'p Question),
    /// Something whose answer has no sure place.
    Other,
}

/// What `heard` asks, of the questions that are `due`; `opening` is the one that a consultation begins with.
pub(super) fn asked<'p>(
    heard: &str,
    opening: Option<&Question>,
    due: impl Iterator<Item = &'p Question>,
) -> Asked<'p> {
    let heard = words(heard);
    let mut questions = sentences(&heard)
        .into_iter()
        .filter(|sentence| heard[sentence.end - 1].after == Break::Question);
    let Some(question) = questions.next() else {
        return Asked::Nothing;
    };
    if questions.next().is_some() {
        return Asked::Other;
    }
    let telling = telling(&heard[question]);
    if telling.contains("again") || telling.contains("repeat") {
        return Asked::Nothing;
    }
    let mut fitting = due.filter(|question| {
        let opens = opening.is_some_and(|opening| opening.id == question.id);
        fits(&telling, question, opens)
    });
    match (fitting.next(), fitting.next()) {
        (Some(question), None) => Asked::Ours(question),
        _ => Asked::Other,
    }
}

/// Whether `said` ends by asking something.
pub(super) fn ends_with_question(said: &str) -> bool {
    words(said)
        .last()
        .is_some_and(|word| word.after == Break::Question)
}

/// Whether all words of `text` stand in `said`, together.
pub(super) fn contains(said: &str, text: &str) -> bool {
    let (said, text) = (words(said), words(text));
    let same = |window: &[Word]| window.iter().zip(&text).all(|(a, b)| a.text == b.text);
    !text.is_empty() && said.windows(text.len()).any(same)
}

/// Whether the telling words of a question are those of ours. "No" to a part of our question is not "no" to all of it:
/// but where an answer shows by its form what it answers, the other way round must be true as well.
fn fits(heard: &BTreeSet<String>, question: &Question, opens: bool) -> bool {
    let forms = [&question.ask, &question.rephrase].map(|form| telling(&words(form)));
    let mut ours: BTreeSet<&str> = forms.iter().flatten().map(String::as_str).collect();
    if opens && question.answer == AnswerKind::Text {
        ours.extend(OPENING);
    }
    let shared = heard.iter().filter(|word| ours.contains(word.as_str())).count();
    let has_form = matches!(
        question.answer,
        AnswerKind::Number { .. } | AnswerKind::Choice { .. } | AnswerKind::Time | AnswerKind::BloodPressure
    );
    let whole = || {
        forms
            .iter()
            .any(|form| share(form.intersection(heard).count(), form.len()) >= ENOUGH)
    };
    share(shared, heard.len()) >= ENOUGH && (opens || has_form || whole())
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// How people are asked what brings them, in any other words.
const OPENING: &[&str] = &[
    "help", "bring", "brings", "today", "wrong", "matter", "problem", "going", "reason", "visit", "call",
];

/// Words that do not tell one question from another.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    "a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "it", "is", "are", "was", "were", "be", "been", "do", "does",
    "did", "you", "your", "i", "me", "my", "we", "us", "this", "that", "any", "some", "have", "has", "had", "how", "what",
    "which", "can", "could", "would", "will", "please", "so", "okay", "with", "for", "there", "about", "right", "now",
    "currently", "also", "anything", "if", "tell", "say", "may", "ask", "feel", "feeling", "name",
    "give", "number", "describe",
];

fn telling(words: &[Word]) -> BTreeSet<String> {
    words
        .iter()
        .map(|word| &word.text)
        .filter(|word| !COMMON.contains(&word.as_str()))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use bedside_conversation::consultation::Protocol;

    use super::*;

    fn id(heard: &str) -> String {
        let protocol = Protocol::general_intake().unwrap();
        match asked(heard, protocol.questions.first(), protocol.questions.iter()) {
            Asked::Ours(question) => question.id.clone(),
            Asked::Other => "?".into(),
            Asked::Nothing => "-".into(),
        }
    }

    #[test]
    fn another_models_question_is_ours_only_beyond_doubt() {
        let cases = [
            ("Hello! How can I help you today?", "complaint"),
            ("I see. When did this start?", "onset"),
            ("When did it start? Take your time.", "onset"),
            ("How long ago did it begin?", "onset"),
            ("And is it getting worse?", "course"),
            ("Are you allergic to anything?", "allergies"),
            ("What is your name?", "?"),
            ("How bad is your cough?", "?"),
            ("Have you got a fever?", "?"),
            // Part of a question about danger, and two questions at once.
            ("Do you have any chest pain?", "?"),
            ("When did this start? And is it getting worse?", "?"),
            (
                "Right now, do you have any chest pain, trouble breathing, or weakness on one side of your body?",
                "danger-signs",
            ),
            ("I see, thank you.", "-"),
            (
                "I'm sorry, I didn't catch that. Could you say it again, please?",
                "-",
            ),
            ("", "-"),
        ];
        for (heard, expected) in cases {
            assert_eq!(id(heard), expected, "{heard}");
        }
    }

    #[test]
    fn what_was_said_is_found_whatever_its_punctuation() {
        assert!(contains("Well - WHEN did this start", "When did this start?"));
        assert!(!contains("When did this", "When did this start?") && !contains("Hi", ""));
        assert!(ends_with_question("Hm. When?") && !ends_with_question("When? Now."));
    }
}
