//! Speech on this machine: hearing that someone speaks, whether they have finished and what they said, and speaking.
//!
//! It must never know of sessions, turns or sockets: it takes samples and text and gives probabilities, text and
//! samples. It takes 16 kHz mono PCM everywhere.

pub mod detection;
pub mod mel;
pub mod recogniser;
pub mod synthesis;
pub mod text;
pub mod turn;
