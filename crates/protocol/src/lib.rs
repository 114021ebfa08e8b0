//! The wire of Bedside, as types: the OpenAI Realtime API in its GA shape, and what Bedside adds to it.
//!
//! Nothing here acts. This crate never reads a clock, makes up an identifier, knows a socket or decides what an
//! event means; it says what can be said, and what is wrong with what cannot.
//!
//! ```
//! use bedside_protocol::{ClientEventKind, ErrorCode, SessionConfig, parse_client_event};
//!
//! let text = r#"{"type": "session.update", "session": {"type": "realtime", "audio": {"input": {
//!     "turn_detection": {"type": "server_vad", "threshold": 1.5}}}}}"#;
//! let event = parse_client_event(text)?;
//! let ClientEventKind::SessionUpdate { session: patch } = event.kind else { unreachable!() };
//! let mut session = SessionConfig::new("general-intake", "joe");
//! let invalid = session.apply(&patch).unwrap_err();
//! assert_eq!(invalid.code, ErrorCode::InvalidValue);
//! assert_eq!(invalid.param, "session.audio.input.turn_detection.threshold");
//! # Ok::<(), bedside_protocol::ClientError>(())
//! ```

mod audio;
pub mod binary;
mod client;
mod close;
mod error;
pub mod fhir;
mod generation;
mod item;
mod patch;
mod schema;
mod server;
mod session;

pub use audio::{AudioFormat, DEFAULT_PCM_RATE, InvalidBase64, PCM_RATES, decode_audio, encode_audio};
pub use client::*;
pub use close::CloseCode;
pub use error::{
    ClientError, ErrorCode, ErrorDetail, ErrorType, HttpErrorBody, HttpErrorDetail, InvalidField,
};
pub use generation::{
    FunctionTool, MAX_OUTPUT_TOKENS, MAX_TOOLS, MaxOutputTokens, Metadata, OutputModality, ToolChoice,
};
pub use item::{ContentPart, Item, ItemBody, ItemStatus, NewItem, Role};
pub use patch::Patch;
pub use schema::{client_schema, server_schema};
pub use server::*;
pub use session::*;
