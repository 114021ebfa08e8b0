//! Bodies of knowledge that can be searched for passages.

#[cfg(feature = "aws")]
pub mod bedrock;
mod index;
mod local;
mod split;

pub use local::LocalKnowledge;
