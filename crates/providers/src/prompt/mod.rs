//! A request as any language model reads it: a system text, and turns that alternate between the patient and us.
//!
//! Vendors differ in how they take roles, calls and results; the strictest of them is served here, so that an adapter
//! only writes down what stands in a [`Prompt`]: the first and the last turn are the user's, roles alternate, every call
//! is answered in the turn after it, results come first in a turn, and identifiers of calls are the same nine letters
//! and digits for everybody, whichever vendor they came from.
//!
//! What was measured, found or returned is [fenced](fence): data, never instructions.

mod fence;
mod rules;
mod turns;

use bedside_conversation::context::ChatRequest;
use bytes::Bytes;
use serde_json::{Map, Value};

/// What a language model is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// Instructions. The same for all requests of a session, so that a vendor's cache keeps them, except where an
    /// answer that broke off is gone on with.
    pub system: String,
    /// The conversation: roles alternate, and the first and the last turn are the user's.
    pub turns: Vec<Turn>,
}

/// One side's part until the other side's.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// What comes from outside: the patient, functions, the program. Never empty.
    User(Vec<UserPart>),
    /// What the model said and called. Never empty.
    Assistant(Vec<AssistantPart>),
}

/// A piece of the user's turn. Results come before all else.
#[derive(Debug, Clone, PartialEq)]
pub enum UserPart {
    /// The result of a call in the turn before.
    Result {
        /// The call.
        call_id: String,
        /// The function's name.
        name: String,
        /// What it returned, fenced.
        output: String,
    },
    /// Words, notes of the program, or fenced data; parts are paragraphs.
    Text(String),
    /// A JPEG file.
    Picture(Bytes),
}

/// A piece of the model's turn. Text comes before calls.
#[derive(Debug, Clone, PartialEq)]
pub enum AssistantPart {
    /// What the patient heard.
    Text(String),
    /// A function call.
    Call {
        /// Nine letters and digits, unique in the prompt.
        call_id: String,
        /// The function's name.
        name: String,
        /// Its arguments; empty if the model had produced no JSON object.
        arguments: Map<String, Value>,
    },
}

impl Prompt {
    /// What `request` asks of a language model.
    pub fn of(request: &ChatRequest) -> Self {
        Self {
            system: rules::system(request),
            turns: turns::of(request),
        }
    }
}

impl Turn {
    /// Its text parts, joined as paragraphs (the user's) or sentences (the model's).
    pub fn text(&self) -> String {
        match self {
            Self::User(parts) => {
                let texts = parts.iter().filter_map(|part| match part {
                    UserPart::Text(text) => Some(text.as_str()),
                    UserPart::Result { .. } | UserPart::Picture(_) => None,
                });
                texts.collect::<Vec<_>>().join("\n\n")
            }
            Self::Assistant(parts) => {
                let texts = parts.iter().filter_map(|part| match part {
                    AssistantPart::Text(text) => Some(text.trim()),
                    AssistantPart::Call { .. } => None,
                });
                texts.collect::<Vec<_>>().join(" ")
            }
        }
    }
}
