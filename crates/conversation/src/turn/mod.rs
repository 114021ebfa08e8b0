//! The patient's side of turn-taking: speech, silence, and what they mean.

pub(crate) mod backchannel;
pub(crate) mod endpoint;
pub(crate) mod gate;
pub(crate) mod patient;
pub(crate) mod stable;
