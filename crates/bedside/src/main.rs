//! Bedside: a real-time voice engine for medical consultations, as one program.
//!
//! The one place where parts are wired: configuration is read and checked, models are loaded, profiles are put together,
//! and a command runs. It must never know how any of the parts works.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the commands of a program speak to the person who typed them"
)]

mod assembly;
mod cli;
mod client;
mod commands;
mod config;
mod failure;
mod logging;
mod progress;
mod scan;
mod traces;

use std::process::ExitCode;

fn main() -> ExitCode {
    let ended = cli::parse().and_then(commands::run);
    ended.unwrap_or_else(|failure| {
        eprintln!("bedside: {failure}");
        failure.exit_code()
    })
}
