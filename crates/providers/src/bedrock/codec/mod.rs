//! Between our types and Bedrock's.

mod answer;
mod question;

pub(super) use answer::Answer;
pub(super) use question::Question;
