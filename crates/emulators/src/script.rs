//! What the chat models are told to say.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The answers to choose from. Without any, a model asks a few short intake questions.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// The answers, in order of preference.
    pub(crate) answers: Vec<Answer>,
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answer {
    /// A part of the user's last text in any case. Answers without one take turns: the n-th is given to the n-th text
    /// of the user that no other answer fits.
    pub(crate) when: String,
    /// What is said.
    pub(crate) say: String,
    /// The function that is called after that.
    pub(crate) call: Option<Call>,
    /// What the model thinks before, and nobody should hear.
    pub(crate) reasoning: String,
    /// Whether the vendor's guardrail or filter steps in; what is said is then its message.
    pub(crate) blocked: bool,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The function.
    pub(crate) name: String,
    /// Its arguments.
    #[serde(default)]
    pub(crate) arguments: Map<String, Value>,
}
