//! Understands answers in spoken English, by rule.

mod choice;
mod intent;
mod medicines;
mod numbers;
mod pressure;
mod text;
mod time;
mod yes_no;

use bedside_conversation::consultation::words::{Break, Word, find_phrase, sentences, words};
use bedside_conversation::consultation::{AnswerKind, Question, Value};

pub(super) use intent::Intent;
pub(super) use text::is_statement;
pub(super) use yes_no::yes_no;

/// What `said` answers to `question`, which was just asked; `None` if that is unclear.
pub(super) fn answer(question: &Question, said: &str) -> Option<Value> {
    let heard = words(said);
    match &question.answer {
        AnswerKind::Text => text::answer(said, &heard),
        AnswerKind::YesNo if intent::is_not_known(&heard) => None,
        AnswerKind::YesNo => {
            let yes = yes_no(&heard).or_else(|| cued_yes_no(question, &heard))?;
            // "No, just a little" is no clear "no" to a question about danger.
            let hedged = !yes && !question.escalate_on.is_empty() && is_hedged(&heard);
            (!hedged).then_some(Value::YesNo(yes))
        }
        AnswerKind::Number { min, max, .. } => numbers::answer(&heard, *min, *max).map(Value::Number),
        AnswerKind::Choice { options } => choice::answer(options, &heard).map(Value::Choice),
        AnswerKind::Time => time::phrase(said, &heard).map(Value::Time),
        AnswerKind::BloodPressure => pressure::answer(&heard),
        AnswerKind::Medicines { known } => medicines::answer(known, said, &heard),
        AnswerKind::Scan => None,
    }
}

/// What `said` answers to `question` without having been asked: only what one of its cues points at.
pub(super) fn volunteered(question: &Question, said: &str) -> Option<Value> {
    let heard = words(said);
    sentences(&heard).into_iter().find_map(|sentence| {
        let heard = &heard[sentence];
        let cue = question
            .cues
            .iter()
            .find_map(|cue| find_phrase(heard, &words(cue)))?;
        match &question.answer {
            AnswerKind::Text | AnswerKind::Scan => None,
            AnswerKind::YesNo => cued_yes_no(question, heard).map(Value::YesNo),
            AnswerKind::Number { min, max, .. } => {
                numbers::beside(heard, &cue, *min, *max).map(Value::Number)
            }
            AnswerKind::Choice { options } => choice::answer(options, heard).map(Value::Choice),
            AnswerKind::Time => time::phrase(said, heard).map(Value::Time),
            AnswerKind::BloodPressure => pressure::stated(heard),
            AnswerKind::Medicines { known } => medicines::named(known, said, heard),
        }
    })
}

/// "It hurts" is a yes to "are you in pain?", "no headache" a no.
fn cued_yes_no(question: &Question, heard: &[Word]) -> Option<bool> {
    let cue = question
        .cues
        .iter()
        .find_map(|cue| find_phrase(heard, &words(cue)))?;
    Some(!is_negated(heard, cue.start))
}

fn is_hedged(heard: &[Word]) -> bool {
    const HEDGES: &[&str] = &[
        "but", "except", "though", "although", "only", "just", "little", "bit", "slight", "some", "maybe",
    ];
    heard.iter().any(|word| HEDGES.contains(&word.text.as_str()))
}

/// Words that may stand between a negation and what it negates.
const BETWEEN: &[&str] = &[
    "a", "any", "the", "in", "have", "had", "really", "much", "feel", "been", "taking", "it",
];

/// Whether the word at `at` is negated ("not every day", "I don't have any pain").
fn is_negated(heard: &[Word], at: usize) -> bool {
    for word in heard[..at].iter().rev() {
        match word.text.as_str() {
            "no" | "not" | "never" | "without" | "nor" => return word.after < Break::Comma,
            between if BETWEEN.contains(&between) => {}
            _ => return false,
        }
    }
    false
}

/// The words as one string, for comparison with whole phrases.
fn joined(heard: &[Word]) -> String {
    heard
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
