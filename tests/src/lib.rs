//! What end-to-end tests share: the real program as a process, a client that sees every event, and a patient's voice and
//! face.
//!
//! The program is the one `E2E_PROGRAM` names, else the one built beside the tests. Its models must be ready
//! (`make models`). It must never know anything of the program but its command line and its wire.
//!
//! ```no_run
//! # async fn run() {
//! use bedside_e2e::{Client, Server};
//!
//! let server = Server::start(&[]);
//! let mut client = Client::connect(&server).await;
//! let created = client.expect("session.created").await;
//! assert!(created["session"]["id"].is_string());
//! # }
//! ```

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "what tests share fails by panicking, as tests do"
)]

mod client;
mod emulators;
mod http;
mod load;
mod loudspeaker;
mod process;
mod program;
mod speech;
mod video;

pub use client::{Client, Ending, Refused};
pub use emulators::Emulators;
pub use http::{Answer, EventStream};
pub use load::load;
pub use loudspeaker::{Loudspeaker, is_audible, pcm};
pub use process::Holdings;
pub use program::{Server, program, run};
pub use speech::{RATE, frames, say, voiced};
pub use video::{Film, Pictures, patient};
