//! Written text to phonemes: [`normalise`] says it in words, [`phonemes`] says it in sounds.

mod ipa;
mod letters;
mod lexicon;
pub mod normalise;
mod number;
pub mod phonemes;
pub(crate) mod tables;
mod token;
