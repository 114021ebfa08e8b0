//! Text to speech by a Piper (VITS) voice.
//!
//! The voice's graph is run in three parts: the encoder and the flow over a whole clause, then the vocoder over a few
//! frames at a time. The sound is that of the whole graph, bit for bit, but the first of it is there after a third of the
//! time, and the time of every word is known before any of it. The graph's random sources are fed from a fixed seed, so
//! that the same text sounds the same.

mod clauses;
mod config;
mod level;
mod noise;
mod sequence;
mod synthesiser;
mod voice;

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use bedside_inference::model::ModelError;

pub use self::clauses::clauses;
pub use self::config::Scales;
pub use self::synthesiser::{Synthesiser, Utterance};
pub use self::voice::Voice;

/// Why a voice could not be loaded or failed. Carries no words and no audio.
#[derive(Debug, thiserror::Error)]
pub enum SynthesisError {
    /// The voice's configuration is missing or unreadable.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The voice's configuration is not Piper's.
    #[error("cannot understand {path}: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The voice lacks a symbol that no utterance can do without.
    #[error("the voice has no symbol {0:?}")]
    MissingSymbol(char),
    /// The network did not load or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// A spoken clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// PCM16 mono, with the pause that follows the clause.
    pub pcm: Vec<i16>,
    /// Samples per second.
    pub rate: u32,
    /// When each written word is spoken, in order.
    pub words: Vec<WordTime>,
}

/// When a written word is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordTime {
    /// Where it stands in the written clause, in bytes, on character boundaries, its punctuation included.
    pub text: Range<usize>,
    /// When it starts, from the start of the clause's audio.
    pub start: Duration,
    /// When it ends.
    pub end: Duration,
}
