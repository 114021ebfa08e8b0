use std::fmt;

use bedside_conversation::consultation::ESCALATION_TAG;

/// What a message of ours was for, as it travels with the message: `ask/onset/7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tag {
    /// It asks a question.
    Ask {
        /// Why it is asked.
        mode: Mode,
        /// The question's identifier.
        question: String,
        /// Words before the question begins: if no more than these were heard, it was not asked.
        lead: usize,
    },
    /// It closes the consultation.
    Close,
    /// It says the emergency sentence, because of the answer to a question.
    Escalation {
        /// The question's identifier.
        question: String,
    },
}

/// Why a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is its turn.
    First,
    /// The patient did not hear or understand it.
    Again,
    /// The answer was unclear; after the next unclear one the dialogue moves on.
    Rephrased,
}

impl Tag {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "close" {
            return Some(Self::Close);
        }
        if let Some(question) = text.strip_prefix(ESCALATION_TAG) {
            return Some(Self::Escalation {
                question: question.into(),
            });
        }
        let mut parts = text.split('/');
        let mode = match parts.next()? {
            "ask" => Mode::First,
            "again" => Mode::Again,
            "rephrase" => Mode::Rephrased,
            _ => return None,
        };
        let question = parts.next()?.to_owned();
        let lead = parts.next()?.parse().ok()?;
        Some(Self::Ask { mode, question, lead })
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Escalation { question } => write!(f, "{ESCALATION_TAG}{question}"),
            Self::Ask { mode, question, lead } => {
                let mode = match mode {
                    Mode::First => "ask",
                    Mode::Again => "again",
                    Mode::Rephrased => "rephrase",
                };
                write!(f, "{mode}/{question}/{lead}")
            }
        }
    }
}
