//! What a consultation asks, records and watches for: a versioned TOML file, validated as a whole.
//!
//! [`Protocol::parse`] turns the text of such a file into types or names every fault in it. [`RedFlags`] finds what
//! must not wait in a transcript; it is plain matching, so it can be audited line by line and never depends on a model.
//! [`words`] is the canonical form of English speech both rest on.
//!
//! ```
//! use bedside_conversation::consultation::{Protocol, RedFlags};
//!
//! let protocol = Protocol::general_intake()?;
//! let red_flags = RedFlags::new(&protocol);
//! assert!(red_flags.find("No, I don't have any chest pain.").is_none());
//! let found = red_flags.find("there's this crushing pain in my chest").expect("a red flag");
//! assert_eq!(found.id, "chest-pain");
//! # Ok::<(), bedside_conversation::consultation::ProtocolError>(())
//! ```

mod answer;
mod condition;
mod error;
mod protocol;
mod question;
pub mod red_flags;
mod summary;
mod validate;
mod value;
pub mod words;

pub use answer::{AnswerKind, ChoiceOption};
pub use condition::Condition;
pub use error::{Fault, Problem, ProtocolError};
pub use protocol::{AfterEscalation, Closing, Escalation, Phrases, Protocol, RedFlag, Scope, Voice};
pub use question::Question;
pub use red_flags::{Pattern, RedFlagMatch, RedFlags};
pub use summary::SummaryLine;
pub use value::{Answers, Value};

/// Start of the tag a chat model puts on a message in which it escalates by itself; the rest is the reason.
///
/// A transcript that names a danger is caught by [`RedFlags`]. A bare "yes" to a question about danger can only be
/// understood by whoever asked, and is reported this way.
pub const ESCALATION_TAG: &str = "escalation/";
