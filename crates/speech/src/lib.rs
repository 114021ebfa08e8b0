//! Speech on this machine: hearing that someone speaks, whether they have finished and what they said, and speaking.
//!
//! It must never know of sessions, turns or sockets: it takes samples and text and gives probabilities, text and
//! samples. It takes 16 kHz mono PCM everywhere.
//!
//! ```no_run
//! use bedside_inference::model::LoadOptions;
//! use bedside_inference::store::{ModelStore, Size, Source};
//! use bedside_speech::recogniser::{Recogniser, TranscriptionOptions};
//!
//! fn heard(utterance: &[i16]) -> Result<String, Box<dyn std::error::Error>> {
//!     let files = ModelStore::new("models", Source::Pip).recogniser(Size::TinyEn)?;
//!     let recogniser = Recogniser::load(&files, LoadOptions::default())?;
//!     Ok(recogniser.transcribe(utterance, TranscriptionOptions::default())?.text)
//! }
//! ```

pub mod detection;
pub mod mel;
pub mod recogniser;
pub mod synthesis;
pub mod text;
pub mod turn;
