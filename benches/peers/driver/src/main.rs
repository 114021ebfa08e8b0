//! Sends frames of audio to a server that echoes them, at the pace of speech, and prints one JSON object of what
//! that cost the server and how long the frames took.
//!
//! Frames leave when they are due, never when an answer arrives, and a round trip is counted from the moment its frame
//! was due: a server that stands still is charged for every frame it held up.

mod failure;
mod figures;
mod frames;
mod process;
mod run;
mod session;
mod wire;

use std::num::NonZeroU64;
use std::process::ExitCode;

use clap::Parser;

use crate::run::{Plan, run};
use crate::wire::Wire;

const FRAMES_A_SECOND: u32 = 50;

#[derive(Parser)]
struct Options {
    /// Port of the server on this machine.
    #[arg(long)]
    port: u16,
    /// Path and query to connect to.
    #[arg(long, default_value = "/")]
    path: String,
    /// Process of the server.
    #[arg(long)]
    pid: u32,
    #[arg(long)]
    wire: Wire,
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    sessions: u32,
    /// How long to send before measuring.
    #[arg(long, default_value_t = 1)]
    warm_up_seconds: u32,
    /// How long to measure.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let plan = Plan {
        url: format!("ws://127.0.0.1:{}{}", options.port, options.path),
        server: ([127, 0, 0, 1], options.port).into(),
        pid: options.pid,
        wire: options.wire,
        sessions: options.sessions,
        warm_up: options.warm_up_seconds * FRAMES_A_SECOND,
        frames: options.seconds * FRAMES_A_SECOND,
    };
    // The kernel may otherwise wake an ordinary process 50 µs late.
    if let Err(error) = rustix::thread::set_current_timer_slack(NonZeroU64::new(1_000)) {
        eprintln!("timers stay coarse: {error}");
    }
    match run(&plan) {
        Ok(figures) => {
            println!("{}", serde_json::json!(figures.report()));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
