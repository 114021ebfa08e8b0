//! Whoever does the work: the traits a session is served through, and their adapters.
//!
//! An adapter turns a vendor's (or a local model's) stream into the core's events, and every fault into
//! [`StageFault`](bedside_conversation::io::StageFault). It decides nothing else: it must never know a turn, a client or
//! a socket of ours.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bedside_conversation::consultation::Protocol;
//! use bedside_conversation::context::{ChatRequest, ModelEvent, ToolChoice};
//! use bedside_providers::report::Reporter;
//! use bedside_providers::scripted::ScriptedModel;
//! use bedside_providers::traits::ChatModel;
//! use futures::{StreamExt, executor::block_on};
//!
//! let model = ScriptedModel::new(Arc::new(Protocol::general_intake()?));
//! let request = ChatRequest {
//!     instructions: String::new(),
//!     messages: Vec::new(),
//!     tools: Vec::new(),
//!     tool_choice: ToolChoice::Auto,
//!     max_output_tokens: None,
//!     vitals: None,
//!     continues: None,
//!     avoid: Vec::new(),
//! };
//! let events: Vec<_> = block_on(model.generate(request, Reporter::silent()).collect());
//! assert!(matches!(&events[0], Ok(ModelEvent::Tag(tag)) if tag.starts_with("ask/complaint/")));
//! # Ok::<(), bedside_conversation::consultation::ProtocolError>(())
//! ```

mod answering;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "aws")]
pub mod bedrock;
pub mod caire;
mod call_ids;
pub mod cartesia;
pub mod deepgram;
pub mod device;
pub mod fault;
pub mod gemini;
mod http;
pub mod knowledge;
pub mod local;
pub mod openai;
pub mod picture;
pub mod prompt;
pub mod report;
pub mod resilience;
#[cfg(feature = "aws")]
pub mod sagemaker;
pub mod scripted;
pub mod secret;
mod socket;
mod sse;
pub mod tools;
pub mod traits;
