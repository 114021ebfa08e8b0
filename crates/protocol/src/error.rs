//! Errors as clients see them: an `error` event in a session, a JSON body over HTTP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The broad kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The client made a mistake.
    InvalidRequestError,
    /// No key, a bad key or an expired key.
    AuthenticationError,
    /// The key does not allow this.
    PermissionError,
    /// Too many requests.
    RateLimitError,
    /// The server failed or is at capacity.
    ServerError,
}

/// What exactly went wrong. The names are those of the OpenAI Realtime API where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A text message was not JSON, not an object, or nested too deeply.
    InvalidJson,
    /// A text message other than audio or video was too large to be looked at.
    EventTooLarge,
    /// `type` was not a string.
    InvalidEventType,
    /// `type` named no event a client may send.
    UnknownEventType,
    /// A required field was absent.
    MissingRequiredParameter,
    /// A field of `session` is not known.
    UnknownParameter,
    /// A field had the wrong JSON type.
    InvalidType,
    /// A field had the right type and a value that cannot be.
    InvalidValue,
    /// The request is valid and this server does not do it.
    UnsupportedParameter,
    /// A binary message broke the rules of media frames.
    InvalidMediaFrame,
    /// Video came while vital signs were not enabled.
    VideoNotEnabled,
    /// `input_audio_buffer.commit` with too little audio.
    InputAudioBufferCommitEmpty,
    /// The client sent audio faster than it can be taken; the oldest was dropped.
    InputAudioBufferOverflow,
    /// No item has this id.
    ItemNotFound,
    /// An item of this id exists already.
    ItemAlreadyExists,
    /// The item is not of a kind, or in a state, to be truncated.
    ItemNotTruncatable,
    /// A response is active already.
    ConversationAlreadyHasActiveResponse,
    /// `response.cancel` without an active response.
    ResponseCancelNotActive,
    /// The voice cannot change once audio was sent.
    CannotUpdateVoice,
    /// The session's type cannot change once the conversation began.
    CannotUpdateSessionType,
    /// The event makes no sense in a transcription session.
    InvalidSessionType,
    /// No model or consultation protocol of this name.
    ModelNotFound,
    /// No session waits for a client with this resume token.
    ResumeNotFound,
    /// Events that the client missed are no longer kept.
    ResumeExpired,
    /// The key is missing or wrong.
    InvalidApiKey,
    /// The key does not allow this.
    InsufficientPermissions,
    /// Too many requests in too short a time.
    RateLimitExceeded,
    /// The server is at capacity or draining.
    ServerOverloaded,
    /// The transcriber failed.
    TranscriptionFailed,
    /// A model or provider behind the server failed.
    ProviderFailed,
    /// The server failed.
    InternalError,
}

/// The body of an error. It never quotes what the client sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDetail {
    /// The broad kind.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// What exactly went wrong.
    pub code: Option<ErrorCode>,
    /// For a developer to read.
    pub message: String,
    /// Path of the offending field, as in `session.audio.input.turn_detection.threshold`.
    pub param: Option<String>,
    /// The `event_id` of the client event at fault.
    pub event_id: Option<String>,
}

/// A field that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidField {
    /// Path of the field from the root of the event.
    pub param: String,
    /// What is wrong with it.
    pub code: ErrorCode,
    /// For a developer to read; never quotes the value.
    pub message: String,
}

impl InvalidField {
    /// `param` has a value that cannot be; `expected` says what could.
    pub(crate) fn invalid_value(param: &str, expected: &str) -> Self {
        Self {
            param: param.to_owned(),
            code: ErrorCode::InvalidValue,
            message: format!("Invalid value for '{param}': expected {expected}."),
        }
    }
}

/// A client event that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ClientError {
    /// What is wrong.
    pub code: ErrorCode,
    /// For a developer to read; never quotes the value.
    pub message: String,
    /// Path of the offending field, if one is to blame.
    pub param: Option<String>,
    /// The event's own id, if it could be read.
    pub event_id: Option<String>,
}

impl ClientError {
    /// The mistake in one field of the event `event_id`.
    pub fn from_field(field: InvalidField, event_id: Option<String>) -> Self {
        Self {
            code: field.code,
            message: field.message,
            param: Some(field.param),
            event_id,
        }
    }
}

impl From<ClientError> for ErrorDetail {
    fn from(error: ClientError) -> Self {
        Self {
            kind: ErrorType::InvalidRequestError,
            code: Some(error.code),
            message: error.message,
            param: error.param,
            event_id: error.event_id,
        }
    }
}

/// The body of an HTTP refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpErrorBody {
    /// What went wrong.
    pub error: HttpErrorDetail,
}

/// What an HTTP refusal says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HttpErrorDetail {
    /// For a developer to read.
    pub message: String,
    /// The broad kind.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// What exactly went wrong.
    pub code: Option<ErrorCode>,
    /// The offending parameter, if one is to blame.
    pub param: Option<String>,
}

impl HttpErrorBody {
    /// A refusal that blames no parameter.
    pub fn new(kind: ErrorType, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            error: HttpErrorDetail {
                message: message.into(),
                kind,
                code: Some(code),
                param: None,
            },
        }
    }
}
