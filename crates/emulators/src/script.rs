//! What the chat models are told to say.

use serde::Deserialize;
use serde_json::Value;

/// The answers to choose from; the first that matches is given. Without any, a model asks a few short intake questions.
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
    /// A part of the user's last text; every text has the empty one.
    pub(crate) when: String,
    /// What is said.
    pub(crate) say: String,
    /// The function that is called after that.
    pub(crate) call: Option<Call>,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The function.
    pub(crate) name: String,
    /// Its arguments, an object.
    #[serde(default)]
    pub(crate) arguments: Value,
}
