//! What clients say.

mod append;
mod parse;
mod reader;
mod response;
mod video_append;

use schemars::JsonSchema;
use serde::Serialize;

pub use append::Append;
pub use parse::{MAX_CONTROL_EVENT_BYTES, parse_client_event, parse_session_patch};
pub use response::{
    InputItem, ItemReference, ResponseAudioOutput, ResponseAudioParams, ResponseConversation, ResponseParams,
};
pub use video_append::VideoAppend;

use crate::item::NewItem;
use crate::session::SessionPatch;

/// An event from a client.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClientEvent {
    /// What it asks.
    #[serde(flatten)]
    pub kind: ClientEventKind,
    /// The client's own name for it, given back with an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
}

/// What a client event asks.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type")]
pub enum ClientEventKind {
    /// Change the session.
    #[serde(rename = "session.update")]
    SessionUpdate {
        /// What changes.
        session: Box<SessionPatch>,
    },
    /// More patient audio.
    #[serde(rename = "input_audio_buffer.append")]
    InputAudioBufferAppend {
        /// Base64 in the session's input format, see [`decode_audio`](crate::decode_audio).
        audio: String,
    },
    /// A picture of the patient, for vital signs. An extension.
    #[serde(rename = "input_video_buffer.append")]
    InputVideoBufferAppend {
        /// Base64 of a JPEG file of at most 2 MiB and 1920×1080 pixels.
        image: String,
        /// When it was captured, microseconds of the client's monotonic clock.
        capture_time_us: u64,
    },
    /// Make an item of the audio received.
    #[serde(rename = "input_audio_buffer.commit")]
    InputAudioBufferCommit {},
    /// Drop the audio received.
    #[serde(rename = "input_audio_buffer.clear")]
    InputAudioBufferClear {},
    /// Put an item into the conversation.
    #[serde(rename = "conversation.item.create")]
    ConversationItemCreate {
        /// The item to put it after; `root` = before all; absent = after all.
        #[serde(skip_serializing_if = "Option::is_none")]
        previous_item_id: Option<String>,
        /// The item.
        item: NewItem,
    },
    /// Show an item.
    #[serde(rename = "conversation.item.retrieve")]
    ConversationItemRetrieve {
        /// Which.
        item_id: String,
    },
    /// Cut an assistant's item to what was heard.
    #[serde(rename = "conversation.item.truncate")]
    ConversationItemTruncate {
        /// Which.
        item_id: String,
        /// Which part of it.
        content_index: u32,
        /// How much of its audio was heard, ms.
        audio_end_ms: u64,
    },
    /// Take an item out of the conversation.
    #[serde(rename = "conversation.item.delete")]
    ConversationItemDelete {
        /// Which.
        item_id: String,
    },
    /// Generate a response.
    #[serde(rename = "response.create")]
    ResponseCreate {
        /// How it differs from the session; all absent = not at all.
        #[schemars(with = "Option<ResponseParams>")]
        response: Box<ResponseParams>,
    },
    /// Stop generating.
    #[serde(rename = "response.cancel")]
    ResponseCancel {
        /// Which response; absent = the one of the conversation.
        #[serde(skip_serializing_if = "Option::is_none")]
        response_id: Option<String>,
    },
    /// Drop audio not yet sent.
    #[serde(rename = "output_audio_buffer.clear")]
    OutputAudioBufferClear {},
}

impl ClientEvent {
    /// An event without an id.
    pub const fn new(kind: ClientEventKind) -> Self {
        Self { kind, event_id: None }
    }
}

impl ClientEventKind {
    /// The event's `type`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SessionUpdate { .. } => "session.update",
            Self::InputAudioBufferAppend { .. } => "input_audio_buffer.append",
            Self::InputVideoBufferAppend { .. } => "input_video_buffer.append",
            Self::InputAudioBufferCommit {} => "input_audio_buffer.commit",
            Self::InputAudioBufferClear {} => "input_audio_buffer.clear",
            Self::ConversationItemCreate { .. } => "conversation.item.create",
            Self::ConversationItemRetrieve { .. } => "conversation.item.retrieve",
            Self::ConversationItemTruncate { .. } => "conversation.item.truncate",
            Self::ConversationItemDelete { .. } => "conversation.item.delete",
            Self::ResponseCreate { .. } => "response.create",
            Self::ResponseCancel { .. } => "response.cancel",
            Self::OutputAudioBufferClear {} => "output_audio_buffer.clear",
        }
    }
}
