//! The entries of a conversation: messages, function calls and their outputs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Still being generated.
    InProgress,
    /// Whole.
    Completed,
    /// Cut short.
    Incomplete,
}

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The application, to the model.
    System,
    /// The patient.
    User,
    /// The model.
    Assistant,
}

/// One entry of the conversation, as the server holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "object", rename = "realtime.item")]
pub struct Item {
    /// Unique within the session, `item_…` if the server named it.
    pub id: String,
    /// How far it is.
    pub status: ItemStatus,
    /// What it is.
    #[serde(flatten)]
    pub body: ItemBody,
}

/// An entry a client wants in the conversation or in the input of one response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewItem {
    /// The id to use; absent = the server names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub body: ItemBody,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemBody {
    /// Something said or written.
    Message {
        /// By whom.
        role: Role,
        /// In parts. The parts fit the role: input parts of users, `input_text` of the system, output parts of
        /// assistants.
        content: Vec<ContentPart>,
    },
    /// The model calls a function of the client.
    FunctionCall {
        /// Joins the call to its output.
        #[serde(default)]
        call_id: String,
        /// The function's name.
        name: String,
        /// JSON text.
        arguments: String,
    },
    /// What the client's function returned.
    FunctionCallOutput {
        /// The call it answers.
        call_id: String,
        /// Free text.
        output: String,
    },
}

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentPart {
    /// Text to the model.
    InputText {
        /// The text.
        text: String,
    },
    /// Speech of the patient.
    InputAudio {
        /// Base64 in the session's input format; left out of events but `conversation.item.retrieved`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audio: Option<String>,
        /// What was said; `null` until transcribed.
        transcript: Option<String>,
    },
    /// Text of the model.
    OutputText {
        /// The text.
        text: String,
    },
    /// Speech of the model.
    OutputAudio {
        /// Base64 in the session's output format; left out of events but `conversation.item.retrieved`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audio: Option<String>,
        /// What is said; `null` until known.
        transcript: Option<String>,
    },
}
