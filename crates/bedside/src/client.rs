//! A patient in the terminal: a Realtime client that plays files and keeps the answers.

mod connection;
mod loudspeaker;
mod microphone;
mod report;
mod visit;

pub(crate) use connection::{Connection, Target};
pub(crate) use visit::{Visit, converse};
