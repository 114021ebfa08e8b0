//! What a chat model is given and what it gives back, independent of any vendor.

use std::time::Duration;

use bedside_protocol::FunctionTool;
pub use bedside_protocol::ToolChoice;
use bytes::Bytes;
use serde_json::Value;

/// One request to a chat model: everything it may know.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The session's or the response's instructions (a system prompt); may be empty.
    pub instructions: String,
    /// The conversation so far, oldest first. Assistant messages hold only what the patient heard.
    pub messages: Vec<Message>,
    /// Functions the model may call. The client, the server or the session runs them.
    pub tools: Vec<Tool>,
    /// Whether and which function to call.
    pub tool_choice: ToolChoice,
    /// At most this many tokens, if limited.
    pub max_output_tokens: Option<u32>,
    /// What the patient's video told last, if vital signs were read.
    pub vitals: Option<VitalsSnapshot>,
    /// What was already said of this answer by a model that failed; the answer goes on from there, and may be empty.
    pub continues: Option<String>,
    /// Models that have failed in this response: another one, if there is one.
    pub avoid: Vec<&'static str>,
}

/// The latest vital signs that rest on a whole window and passed their gates. Data about the patient, not their words.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VitalsSnapshot {
    /// Beats per minute.
    pub heart_rate: Option<KnownVital>,
    /// Breaths per minute.
    pub respiratory_rate: Option<KnownVital>,
    /// Root mean square of the differences of successive beat intervals, ms.
    pub hrv_rmssd: Option<KnownVital>,
    /// Standard deviation of the beat intervals, ms.
    pub hrv_sdnn: Option<KnownVital>,
}

/// One vital sign as it was last measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownVital {
    /// The figure.
    pub value: f64,
    /// Quality, 0 to 1.
    pub quality: f64,
    /// How long ago.
    pub age: Duration,
}

/// One entry of the conversation as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Instructions inserted in the course of the conversation by the client.
    System {
        /// The text.
        text: String,
    },
    /// What the patient said or typed.
    User {
        /// The transcript or typed text.
        text: String,
    },
    /// What was said to the patient.
    Assistant {
        /// The part the patient heard, cut at a word; may be empty if nothing was heard.
        heard: String,
        /// Whether the message was heard to its end.
        complete: bool,
        /// What the model attached to this message by [`ModelEvent::Tag`], given back unchanged.
        tag: Option<String>,
    },
    /// A function the model called.
    ToolCall {
        /// Joins the call to its result.
        call_id: String,
        /// The function's name.
        name: String,
        /// Arguments, as the JSON text the model produced.
        arguments: String,
    },
    /// A picture for the model to look at. Only models that see are asked about one.
    Picture {
        /// A JPEG file.
        jpeg: Bytes,
    },
    /// What a function returned.
    ToolResult {
        /// The call it answers.
        call_id: String,
        /// The result, as text.
        output: String,
    },
}

/// A function on offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// The function's name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

impl From<FunctionTool> for Tool {
    fn from(tool: FunctionTool) -> Self {
        Self {
            name: tool.name,
            description: tool.description.unwrap_or_default(),
            parameters: tool.parameters.unwrap_or_default(),
        }
    }
}

/// One step of a model's answer, in order. Text and calls may alternate; `Done` or an error ends it.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// Who answers, where it is not the only model there is: before anything else.
    ServedBy(&'static str),
    /// The next piece of the spoken (or written) answer; pieces are concatenated verbatim.
    TextDelta(String),
    /// A function call begins.
    ToolCallStart {
        /// Joins the call to its result.
        call_id: String,
        /// The function's name.
        name: String,
    },
    /// The next piece of a call's JSON arguments.
    ToolCallArguments {
        /// The call.
        call_id: String,
        /// Concatenated verbatim.
        delta: String,
    },
    /// An opaque note the model wants back with this message in later requests (which question it asked, say).
    Tag(String),
    /// The answer is complete.
    Done {
        /// Tokens read and written.
        usage: ModelUsage,
        /// Why it ended.
        finish: Finish,
    },
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// It was done.
    Stop,
    /// The token limit was reached.
    MaxTokens,
    /// A content filter stopped it.
    ContentFilter,
}

/// Tokens a model read and wrote; zero where a model does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ModelUsage {
    /// Tokens read.
    pub input_tokens: u32,
    /// Of these, read from a cache.
    pub cached_tokens: u32,
    /// Of these, written to a cache.
    pub cache_write_tokens: u32,
    /// Tokens written.
    pub output_tokens: u32,
}
