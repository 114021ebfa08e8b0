use serde::Deserialize;

use super::answer::AnswerKind;
use super::condition::Condition;
use super::value::Value;

/// One thing to ask.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in the protocol: lower-case letters, digits and hyphens.
    pub id: String,
    /// How it is asked.
    pub ask: String,
    /// How it is asked again after an unclear answer, or when the patient asks what is meant.
    pub rephrase: String,
    /// The slot its answer fills.
    pub slot: String,
    /// The kind of answer it expects.
    pub answer: AnswerKind,
    /// It is asked only if all of these hold.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// Phrases by which unasked speech is recognised as answering this question; without any it is always asked.
    #[serde(default)]
    pub cues: Vec<String>,
    /// Answers (`yes`, `no` or a choice) that escalate at once, as if a red flag had been heard.
    #[serde(default)]
    pub escalate_on: Vec<String>,
    /// A function called as the question is asked, if the client declared it.
    pub call: Option<String>,
}

impl Question {
    /// Whether this answer to it escalates.
    pub fn escalates(&self, value: &Value) -> bool {
        value
            .word(None)
            .is_some_and(|word| self.escalate_on.iter().any(|on| on == word))
    }
}
