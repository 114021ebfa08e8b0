//! From text to client events, with every mistake named.
//!
//! Unknown fields are ignored, as a newer client may send them, except inside `session`, where OpenAI refuses them
//! too: a setting misspelt and silently ignored costs more than an error. `null` means absent wherever it does not
//! mean "off".

mod item;
mod response;
mod session;

use serde_json::Value;

use super::append::Append;
use super::reader::{Fields, json_type};
use super::video_append::VideoAppend;
use super::{ClientEvent, ClientEventKind};
use crate::error::{ClientError, ErrorCode, InvalidField};
use crate::session::SessionPatch;

/// Largest client event but audio and video, in bytes. A JSON tree takes up to sixteen times the text in memory.
pub const MAX_CONTROL_EVENT_BYTES: usize = 1 << 20;

/// Reads one client event.
///
/// JSON may nest 128 levels deep. Error messages name fields and types and never quote values.
pub fn parse_client_event(text: &str) -> Result<ClientEvent, ClientError> {
    if let Some(append) = Append::parse(text) {
        return Ok(append.into());
    }
    if let Some(append) = VideoAppend::parse(text) {
        return Ok(append.into());
    }
    if text.len() > MAX_CONTROL_EVENT_BYTES {
        return Err(plain(
            ErrorCode::EventTooLarge,
            format!("Events other than audio and video are limited to {MAX_CONTROL_EVENT_BYTES} bytes."),
        ));
    }
    let value = parse_json(text)?;
    let root = Fields::root(&value).map_err(|_| {
        plain(
            ErrorCode::InvalidJson,
            format!("Expected a JSON object, got {}.", json_type(&value)),
        )
    })?;
    let event_id = root.optional_string("event_id")?;
    match parse_kind(&root) {
        Ok(kind) => Ok(ClientEvent { kind, event_id }),
        Err(field) => Err(ClientError::from_field(field, event_id)),
    }
}

/// Reads the `session` object of an update from elsewhere, such as a request for a client secret. Paths in errors
/// begin with `session`.
pub fn parse_session_patch(session: &Value) -> Result<SessionPatch, InvalidField> {
    session::patch(&Fields::new(session, "session")?)
}

/// serde's own message may quote the text; the position says enough.
fn parse_json(text: &str) -> Result<Value, ClientError> {
    serde_json::from_str(text).map_err(|error| {
        plain(
            ErrorCode::InvalidJson,
            format!(
                "Not valid JSON at line {}, column {}.",
                error.line(),
                error.column()
            ),
        )
    })
}

fn plain(code: ErrorCode, message: String) -> ClientError {
    ClientError {
        code,
        message,
        param: None,
        event_id: None,
    }
}

impl From<InvalidField> for ClientError {
    fn from(field: InvalidField) -> Self {
        Self::from_field(field, None)
    }
}

fn parse_kind(root: &Fields<'_>) -> Result<ClientEventKind, InvalidField> {
    let name = root.required_string("type").map_err(|field| match field.code {
        ErrorCode::InvalidType => InvalidField {
            code: ErrorCode::InvalidEventType,
            ..field
        },
        _ => field,
    })?;
    Ok(match name.as_str() {
        "session.update" => ClientEventKind::SessionUpdate {
            session: Box::new(session::patch(&root.required_object("session")?)?),
        },
        "input_audio_buffer.append" => ClientEventKind::InputAudioBufferAppend {
            audio: root.required_string("audio")?,
        },
        "input_video_buffer.append" => ClientEventKind::InputVideoBufferAppend {
            image: root.required_string("image")?,
            capture_time_us: root.required_u64("capture_time_us")?,
        },
        "input_audio_buffer.commit" => ClientEventKind::InputAudioBufferCommit {},
        "input_audio_buffer.clear" => ClientEventKind::InputAudioBufferClear {},
        "conversation.item.create" => ClientEventKind::ConversationItemCreate {
            previous_item_id: root.optional_string("previous_item_id")?,
            item: item::new_item(&root.required_object("item")?)?,
        },
        "conversation.item.retrieve" => ClientEventKind::ConversationItemRetrieve {
            item_id: root.required_string("item_id")?,
        },
        "conversation.item.truncate" => ClientEventKind::ConversationItemTruncate {
            item_id: root.required_string("item_id")?,
            content_index: root.required_u32("content_index")?,
            audio_end_ms: root.required_u64("audio_end_ms")?,
        },
        "conversation.item.delete" => ClientEventKind::ConversationItemDelete {
            item_id: root.required_string("item_id")?,
        },
        "response.create" => {
            let response = match root.optional_object("response")? {
                Some(fields) => response::params(&fields)?,
                None => super::ResponseParams::default(),
            };
            ClientEventKind::ResponseCreate {
                response: Box::new(response),
            }
        }
        "response.cancel" => ClientEventKind::ResponseCancel {
            response_id: root.optional_string("response_id")?,
        },
        "output_audio_buffer.clear" => ClientEventKind::OutputAudioBufferClear {},
        _ => {
            return Err(InvalidField {
                param: "type".to_owned(),
                code: ErrorCode::UnknownEventType,
                message: "'type' names no event a client can send.".to_owned(),
            });
        }
    })
}
