//! The wire of Bedside, as types: the OpenAI Realtime API in its GA shape, and what Bedside adds to it.
//!
//! Nothing here acts. This crate never reads a clock, makes up an identifier, knows a socket or decides what an
//! event means; it says what can be said, and what is wrong with what cannot.

mod audio;
mod client;
mod close;
mod error;
mod generation;
mod item;
mod patch;
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
pub use server::*;
pub use session::*;
