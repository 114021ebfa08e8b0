//! Why a run could not be made.

use std::path::PathBuf;

use thiserror::Error;

/// A run could not be made, or not to its end.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A scenario is not TOML of the known shape; the text names the field.
    #[error("scenario: {0}")]
    Scenario(String),
    /// A scenario's field has a value that makes no sense.
    #[error("scenario: {field}: {reason}")]
    Field {
        /// Its path.
        field: &'static str,
        /// What is asked of it.
        reason: &'static str,
    },
    /// An objective is not understood.
    #[error("scenario: objectives: {objective:?}: {reason}")]
    Objective {
        /// As it was written.
        objective: String,
        /// What is asked of one.
        reason: &'static str,
    },
    /// There is neither a file nor a ready scenario of this name.
    #[error("{0:?} is neither a file nor one of the ready scenarios: {list}", list = crate::scenario::names())]
    NoScenario(String),
    /// A file could not be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The scenario has patients who speak, and nothing for them to say.
    #[error("the scenario's patients speak: it needs a folder of WAV files")]
    NothingToSay,
    /// The server's address is not a WebSocket's.
    #[error("{0:?} is not an address such as ws://127.0.0.1:8080")]
    Address(String),
    /// The key cannot be sent in a header.
    #[error("the key has characters that no header may have")]
    Key,
    /// The system refused a thread, a timer or a runtime.
    #[error("the generator cannot run: {0}")]
    System(#[from] std::io::Error),
    /// A part of the generator ended early.
    #[error("a thread of the generator ended before its sessions")]
    Worker,
}
