//! The events of a session, in the server's voice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::extension::{Escalation, ProviderChanged, TurnMetrics};
use super::part::{PartAddress, ResponsePart};
use super::rate_limit::RateLimit;
use super::response::Response;
use super::transcription::{TranscriptionFault, TranscriptionUsage};
use super::vitals::{ScanCompleted, ScanProgress, VitalsUpdated};
use crate::error::ErrorDetail;
use crate::item::Item;
use crate::session::Session;

/// An event to a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerEvent {
    /// What it says.
    #[serde(flatten)]
    pub kind: ServerEventKind,
    /// `event_…`, unique within the session.
    pub event_id: String,
}

/// What a server event says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum ServerEventKind {
    /// Something went wrong; the session lives on.
    #[serde(rename = "error")]
    Error {
        /// What.
        error: ErrorDetail,
    },
    /// The first event of a session.
    #[serde(rename = "session.created")]
    SessionCreated {
        /// The session.
        session: Box<Session>,
    },
    /// The answer to `session.update`.
    #[serde(rename = "session.updated")]
    SessionUpdated {
        /// The session.
        session: Box<Session>,
    },
    /// An item entered the conversation.
    #[serde(rename = "conversation.item.added")]
    ConversationItemAdded {
        /// The item before it, if any.
        previous_item_id: Option<String>,
        /// The item.
        item: Item,
    },
    /// An item is final.
    #[serde(rename = "conversation.item.done")]
    ConversationItemDone {
        /// The item before it, if any.
        previous_item_id: Option<String>,
        /// The item.
        item: Item,
    },
    /// The answer to `conversation.item.retrieve`.
    #[serde(rename = "conversation.item.retrieved")]
    ConversationItemRetrieved {
        /// The item.
        item: Item,
    },
    /// An assistant's item was cut to what was heard.
    #[serde(rename = "conversation.item.truncated")]
    ConversationItemTruncated {
        /// Which.
        item_id: String,
        /// Which part of it.
        content_index: u32,
        /// How much of its audio was heard, ms.
        audio_end_ms: u64,
    },
    /// An item left the conversation.
    #[serde(rename = "conversation.item.deleted")]
    ConversationItemDeleted {
        /// Which.
        item_id: String,
    },
    /// More of what the patient says.
    #[serde(rename = "conversation.item.input_audio_transcription.delta")]
    InputAudioTranscriptionDelta {
        /// The patient's item.
        item_id: String,
        /// Which part of it.
        content_index: u32,
        /// To be appended.
        delta: String,
    },
    /// What the patient said.
    #[serde(rename = "conversation.item.input_audio_transcription.completed")]
    InputAudioTranscriptionCompleted {
        /// The patient's item.
        item_id: String,
        /// Which part of it.
        content_index: u32,
        /// The whole of it.
        transcript: String,
        /// What it took.
        usage: TranscriptionUsage,
    },
    /// What the patient said stays unknown.
    #[serde(rename = "conversation.item.input_audio_transcription.failed")]
    InputAudioTranscriptionFailed {
        /// The patient's item.
        item_id: String,
        /// Which part of it.
        content_index: u32,
        /// Why.
        error: TranscriptionFault,
    },
    /// The audio received became an item.
    #[serde(rename = "input_audio_buffer.committed")]
    InputAudioBufferCommitted {
        /// The item before it, if any.
        previous_item_id: Option<String>,
        /// The item.
        item_id: String,
    },
    /// The audio received was dropped.
    #[serde(rename = "input_audio_buffer.cleared")]
    InputAudioBufferCleared {},
    /// The patient began to speak.
    #[serde(rename = "input_audio_buffer.speech_started")]
    InputAudioBufferSpeechStarted {
        /// Start of the item's audio, ms of the session's audio.
        audio_start_ms: u64,
        /// The item to come.
        item_id: String,
    },
    /// The patient stopped speaking.
    #[serde(rename = "input_audio_buffer.speech_stopped")]
    InputAudioBufferSpeechStopped {
        /// End of the item's audio, ms of the session's audio.
        audio_end_ms: u64,
        /// The item to come.
        item_id: String,
    },
    /// The patient stayed silent for the idle timeout.
    #[serde(rename = "input_audio_buffer.timeout_triggered")]
    InputAudioBufferTimeoutTriggered {
        /// Start of the silence, ms of the session's audio.
        audio_start_ms: u64,
        /// End of the silence, ms of the session's audio.
        audio_end_ms: u64,
        /// The item to come.
        item_id: String,
    },
    /// A telephone key was pressed.
    #[serde(rename = "input_audio_buffer.dtmf_event_received")]
    InputAudioBufferDtmfEventReceived {
        /// The key: `0`–`9`, `*`, `#`, `A`–`D`.
        event: String,
        /// When, seconds since the Unix epoch.
        received_at: u64,
    },
    /// Audio of a response begins to play.
    #[serde(rename = "output_audio_buffer.started")]
    OutputAudioBufferStarted {
        /// The response.
        response_id: String,
    },
    /// All audio of a response has played.
    #[serde(rename = "output_audio_buffer.stopped")]
    OutputAudioBufferStopped {
        /// The response.
        response_id: String,
    },
    /// Audio of a response that was not played yet was dropped.
    #[serde(rename = "output_audio_buffer.cleared")]
    OutputAudioBufferCleared {
        /// The response.
        response_id: String,
    },
    /// A response begins.
    #[serde(rename = "response.created")]
    ResponseCreated {
        /// The response.
        response: Box<Response>,
    },
    /// A response ended, one way or another.
    #[serde(rename = "response.done")]
    ResponseDone {
        /// The response.
        response: Box<Response>,
    },
    /// An item of a response begins.
    #[serde(rename = "response.output_item.added")]
    ResponseOutputItemAdded {
        /// The response.
        response_id: String,
        /// Position of the item in the response.
        output_index: u32,
        /// The item.
        item: Item,
    },
    /// An item of a response is final.
    #[serde(rename = "response.output_item.done")]
    ResponseOutputItemDone {
        /// The response.
        response_id: String,
        /// Position of the item in the response.
        output_index: u32,
        /// The item.
        item: Item,
    },
    /// A part of an item begins.
    #[serde(rename = "response.content_part.added")]
    ResponseContentPartAdded {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// The part.
        part: ResponsePart,
    },
    /// A part of an item is final.
    #[serde(rename = "response.content_part.done")]
    ResponseContentPartDone {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// The part.
        part: ResponsePart,
    },
    /// More text of a text part.
    #[serde(rename = "response.output_text.delta")]
    ResponseOutputTextDelta {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// To be appended.
        delta: String,
    },
    /// A text part is final.
    #[serde(rename = "response.output_text.done")]
    ResponseOutputTextDone {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// The whole of it.
        text: String,
    },
    /// More audio of an audio part.
    #[serde(rename = "response.output_audio.delta")]
    ResponseOutputAudioDelta {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// Base64 in the output format. [`encode_audio_delta`](crate::encode_audio_delta) writes it faster.
        delta: String,
    },
    /// All audio of an audio part was sent.
    #[serde(rename = "response.output_audio.done")]
    ResponseOutputAudioDone {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
    },
    /// More of the words of an audio part.
    #[serde(rename = "response.output_audio_transcript.delta")]
    ResponseOutputAudioTranscriptDelta {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// To be appended.
        delta: String,
    },
    /// The words of an audio part are final.
    #[serde(rename = "response.output_audio_transcript.done")]
    ResponseOutputAudioTranscriptDone {
        /// Which.
        #[serde(flatten)]
        at: PartAddress,
        /// The whole of them.
        transcript: String,
    },
    /// More arguments of a function call.
    #[serde(rename = "response.function_call_arguments.delta")]
    ResponseFunctionCallArgumentsDelta {
        /// The response.
        response_id: String,
        /// The function call.
        item_id: String,
        /// Position of the item in the response.
        output_index: u32,
        /// Joins the call to its output.
        call_id: String,
        /// To be appended; JSON text.
        delta: String,
    },
    /// The arguments of a function call are final.
    #[serde(rename = "response.function_call_arguments.done")]
    ResponseFunctionCallArgumentsDone {
        /// The response.
        response_id: String,
        /// The function call.
        item_id: String,
        /// Position of the item in the response.
        output_index: u32,
        /// Joins the call to its output.
        call_id: String,
        /// The function's name.
        name: String,
        /// The whole of them; JSON text.
        arguments: String,
    },
    /// How much the client may still ask.
    #[serde(rename = "rate_limits.updated")]
    RateLimitsUpdated {
        /// One entry a limit.
        rate_limits: Vec<RateLimit>,
    },
    /// Extension: how long each stage of an answer took.
    #[serde(rename = "bedside.turn.metrics")]
    BedsideTurnMetrics(TurnMetrics),
    /// Extension: another provider took over.
    #[serde(rename = "bedside.provider.changed")]
    BedsideProviderChanged(ProviderChanged),
    /// Extension: the patient said something that cannot wait.
    #[serde(rename = "bedside.escalation")]
    BedsideEscalation(Escalation),
    /// Extension: vital signs are being read from the patient's video.
    #[serde(rename = "vitals.scan.started")]
    VitalsScanStarted {
        /// The scan; every one has its own.
        scan_id: String,
    },
    /// Extension: how a scan goes.
    #[serde(rename = "vitals.scan.progress")]
    VitalsScanProgress(ScanProgress),
    /// Extension: the pulse wave since the last such event.
    #[serde(rename = "vitals.waveform")]
    VitalsWaveform {
        /// The scan.
        scan_id: String,
        /// Capture time of the first sample, µs.
        capture_time_us: u64,
        /// Samples per second.
        sample_rate: f32,
        /// The wave, normalised.
        samples: Vec<f32>,
    },
    /// Extension: new vital signs; a figure that is absent now is withdrawn.
    #[serde(rename = "vitals.updated")]
    VitalsUpdated(Box<VitalsUpdated>),
    /// Extension: a scan is over and gave vital signs.
    #[serde(rename = "vitals.scan.completed")]
    VitalsScanCompleted(Box<ScanCompleted>),
    /// Extension: a scan is over and gave none.
    #[serde(rename = "vitals.scan.failed")]
    VitalsScanFailed {
        /// The scan.
        scan_id: String,
        /// Capture time of the newest frame it told of, µs; absent if it told of none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capture_time_us: Option<u64>,
        /// Why: `no_video`, `provider_failed`, or the commonest reason for absent figures.
        reason: String,
    },
}
