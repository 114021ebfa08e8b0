use std::fmt;

/// Why a consultation protocol was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// It is not TOML, or not of the expected form; the message names line and field.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// It is well-formed but makes no sense; every fault found.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Content(Vec<Problem>),
}

/// One fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a path: `question[onset].when[0].slot`.
    pub place: String,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

/// What can be wrong with a well-formed protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A text is missing or blank.
    #[error("must not be empty")]
    Empty,
    /// An identifier or slot name is used twice.
    #[error("`{0}` is used twice")]
    Duplicate(String),
    /// An identifier has characters other than lower-case letters, digits, hyphens and underscores.
    #[error("`{0}` may hold only lower-case letters, digits, `-` and `_`")]
    BadName(String),
    /// The version is not three numbers.
    #[error("`{0}` is not a version such as 1.0.0")]
    BadVersion(String),
    /// The speech rules know English only.
    #[error("`{0}` is not an English locale such as en-US; answers are understood in English only")]
    UnsupportedLocale(String),
    /// The locale has no emergency sentence.
    #[error("no emergency sentence for `{0}`")]
    NoEmergencySentence(String),
    /// A slot is named that no question fills.
    #[error("no question fills the slot `{0}`")]
    UnknownSlot(String),
    /// A condition can never hold.
    #[error("can never hold: {0}")]
    Unreachable(String),
    /// A condition tests nothing, or tests a figure of something that has none.
    #[error("{0}")]
    BadCondition(String),
    /// The field means nothing for a question that a camera answers.
    #[error("has no effect where the answer is measured")]
    NoEffect,
    /// A range is empty or not finite.
    #[error("not a range: {0}")]
    BadRange(String),
    /// A pattern is not a regular expression over canonical words.
    #[error("not a pattern: {0}")]
    BadPattern(String),
    /// A template has an unclosed or stray brace.
    #[error("unbalanced braces")]
    BadTemplate,
}
