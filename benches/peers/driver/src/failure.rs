//! Why there are no figures.

use std::io;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("session {session} could not be opened: {reason}")]
    Connect { session: u32, reason: String },
    #[error("the server refused what session {session} said: {event}")]
    Refused { session: u32, event: String },
    #[error("session {session} was not ready for audio after {waited:?}")]
    NotReady { session: u32, waited: Duration },
    #[error("session {session} ended in the middle of the run: {reason}")]
    Ended { session: u32, reason: String },
    #[error("the server's process cannot be read: {0}")]
    Process(io::Error),
    #[error("waiting for the sockets failed: {0}")]
    Wait(#[from] rustix::io::Errno),
}
