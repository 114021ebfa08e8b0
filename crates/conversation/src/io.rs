//! The border of the core: what can happen ([`Input`]) and what is to be done ([`Output`]).

use std::ops::Range;
use std::time::Duration;

use bedside_protocol::{ClientEvent, CloseCode, ErrorDetail, ServerEvent};
use bytes::Bytes;

use crate::context::{ChatRequest, ModelEvent};
use crate::scan::{ScanCommand, ScanId, ScanNews};
use crate::service::{ProviderChange, ProviderUse};
use crate::time::AudioPos;

/// One stretch of patient speech. Numbers rise by one within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtteranceId(pub u32);

/// One attempt to generate an answer. Rises by one; results of a cancelled generation are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GenerationId(pub u32);

/// The life of one spoken response's audio. An interruption ends the epoch, and nothing of an ended epoch can be
/// sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u32);

/// Number of a text segment within an epoch, from zero.
pub type SegmentIndex = u32;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The client sent an event. For `input_audio_buffer.append` the shell decodes the payload, feeds the bus and
    /// reports [`Input::AudioReceived`] instead.
    Client(ClientEvent),
    /// Patient audio is now complete up to `to`.
    AudioReceived {
        /// End of the received audio.
        to: AudioPos,
    },
    /// Speech detection judged one window of patient audio.
    Speech {
        /// End of the window.
        end: AudioPos,
        /// Probability of speech, 0 to 1.
        probability: f32,
    },
    /// The end-of-turn model answered [`Output::JudgeTurn`].
    TurnJudged {
        /// The utterance it was asked about.
        utterance: UtteranceId,
        /// End of the audio it was given.
        at: AudioPos,
        /// Probability that the patient has finished, 0 to 1; `None` if the model failed or was too late.
        probability: Option<f32>,
        /// Time the model itself ran.
        busy: Duration,
    },
    /// The transcriber said something.
    Transcript {
        /// The utterance it is about.
        utterance: UtteranceId,
        /// What it said.
        event: TranscriptEvent,
    },
    /// The chat model said something.
    Model {
        /// The generation it belongs to.
        generation: GenerationId,
        /// What it said; an error ends the generation.
        event: Result<ModelEvent, StageFault>,
    },
    /// The synthesiser said something.
    Synthesis {
        /// The epoch it belongs to.
        epoch: Epoch,
        /// What it said; an error ends the epoch's synthesis.
        event: Result<SynthesisEvent, StageFault>,
    },
    /// Of the audio that [`Output::SendAudio`] gave, the connection has not taken the last `audio` yet. Told before any
    /// other input and after sending, when it has changed; at first it is nothing.
    Unsent {
        /// How long it plays.
        audio: Duration,
    },
    /// A frame of the patient's video was accepted. It need not be told more often than once a second.
    VideoReceived,
    /// The provider of vital signs said something.
    Scan {
        /// The scan it is about.
        scan: ScanId,
        /// What it said; an error ends the scan.
        news: Result<ScanNews, StageFault>,
    },
    /// Another provider took over.
    ProviderChanged(ProviderChange),
    /// A provider has done billable work.
    Used(ProviderUse),
    /// A function that [`Output::RunTool`] asked for has returned.
    ToolReturned {
        /// The call.
        call_id: String,
        /// Its result, as text; data, never instructions.
        result: Result<String, StageFault>,
    },
    /// The connection to the client is lost. Events go on to be put out, for the client to be told when it comes back;
    /// audio does not.
    ConnectionLost,
    /// The client is there again, and was told what it missed.
    ConnectionBack {
        /// Whether it wants to hear the rest of the answer that was cut off.
        repeat_unheard: bool,
        /// Of the audio that [`Output::SendAudio`] gave in all, the client is known not to have got the last so much.
        unreceived: Duration,
    },
    /// The shell found something that the client must be told as an `error` event: a message it could not read, or
    /// audio it had to drop. The session goes on.
    Complaint(Box<ErrorDetail>),
    /// Time has passed; sent when [`next_deadline`](crate::Conversation::next_deadline) is reached.
    Tick,
}

/// A transcriber's answer about one utterance.
#[derive(Debug, Clone, PartialEq)]
pub enum TranscriptEvent {
    /// The text so far; replaces earlier partials.
    Partial {
        /// The whole text so far.
        text: String,
    },
    /// The answer to [`TranscribeCommand::Finish`] with the same `attempt`.
    Final {
        /// Which `Finish` it answers.
        attempt: u32,
        /// The whole utterance; empty if there were no words.
        text: String,
        /// Time the model itself ran (zero for a remote one).
        busy: Duration,
        /// The provider that served it.
        provider: &'static str,
    },
    /// The utterance could not be transcribed.
    Failed {
        /// Which `Finish` it answers.
        attempt: u32,
        /// Why.
        fault: StageFault,
    },
}

/// A synthesiser's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum SynthesisEvent {
    /// Audio in the client's output format, ready to send, at most 120 ms a piece.
    Audio {
        /// The segment it speaks.
        segment: SegmentIndex,
        /// Encoded in the session's output format.
        data: Bytes,
        /// How long it plays.
        duration: Duration,
    },
    /// A segment's audio is complete.
    SegmentDone {
        /// The segment.
        segment: SegmentIndex,
        /// When each word of the segment is spoken, in order.
        words: Vec<WordMark>,
        /// Time the model itself ran (zero for a remote one).
        busy: Duration,
        /// The provider that served it.
        provider: &'static str,
    },
}

/// When a word is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordMark {
    /// Where the word stands in the segment's text, in bytes, on character boundaries.
    pub text: Range<usize>,
    /// When it starts, from the start of the segment's audio.
    pub start: Duration,
    /// When it ends, from the start of the segment's audio.
    pub end: Duration,
}

/// A stage failed. It carries no patient data and may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{provider}: {kind}")]
pub struct StageFault {
    /// The provider that failed.
    pub provider: &'static str,
    /// How it failed.
    pub kind: FaultKind,
}

/// How a provider failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Nothing came before the deadline.
    #[error("deadline passed")]
    Timeout,
    /// It could not be reached or broke off.
    #[error("connection lost")]
    Disconnected,
    /// It refused the request.
    #[error("request refused")]
    Refused,
    /// It is out of capacity.
    #[error("overloaded")]
    Overloaded,
    /// It broke its own protocol or failed internally.
    #[error("internal failure")]
    Internal,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Timeout,
        Self::Disconnected,
        Self::Refused,
        Self::Overloaded,
        Self::Internal,
    ];

    /// A name for events, models and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Disconnected => "disconnected",
            Self::Refused => "refused",
            Self::Overloaded => "overloaded",
            Self::Internal => "internal",
        }
    }
}

/// Something to do, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send an event to the client. Boxed: events are large and audio outputs are frequent.
    Send(Box<ServerEvent>),
    /// Send audio to the client, as `response.output_audio.delta` or as a binary frame.
    SendAudio(AudioOut),
    /// Drop the audio that the connection has not taken yet.
    DropAudio,
    /// Tell the transcriber.
    Transcribe(TranscribeCommand),
    /// Ask the end-of-turn model about the utterance up to `to`; answered by [`Input::TurnJudged`].
    JudgeTurn {
        /// The utterance.
        utterance: UtteranceId,
        /// Start of the utterance.
        from: AudioPos,
        /// End of the audio to judge.
        to: AudioPos,
    },
    /// Start a generation; answered by [`Input::Model`].
    Generate {
        /// Its number.
        generation: GenerationId,
        /// What the model may know.
        request: Box<ChatRequest>,
    },
    /// Drop a generation; nothing of it is wanted any more.
    CancelGeneration(GenerationId),
    /// Tell the synthesiser.
    Speak(SpeakCommand),
    /// Run a function of the server; answered by [`Input::ToolReturned`].
    RunTool {
        /// The call.
        call_id: String,
        /// The function's name.
        name: String,
        /// Arguments, as the JSON text the model produced.
        arguments: String,
    },
    /// Nobody waits for this call any more.
    CancelTool {
        /// The call.
        call_id: String,
    },
    /// Tell the provider of vital signs; answered by [`Input::Scan`].
    Scan(ScanCommand),
    /// The patient's side changed: take effect for audio received from now on.
    ConfigureInput(InputSettings),
    /// The form of audio out changed: take effect for epochs opened from now on.
    ConfigureOutput(OutputSettings),
    /// Close the connection after everything before it has been sent.
    Close {
        /// Why, as a code.
        code: CloseCode,
        /// Why, in words, without patient data.
        reason: &'static str,
    },
}

/// One piece of audio to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioOut {
    /// The epoch it belongs to.
    pub epoch: Epoch,
    /// The response it belongs to.
    pub response_id: String,
    /// The item it belongs to.
    pub item_id: String,
    /// Position of the item in the response.
    pub output_index: u32,
    /// Position of the audio part in the item.
    pub content_index: u32,
    /// Encoded in the session's output format.
    pub data: Bytes,
    /// When it is due to play, on the session's clock, in microseconds.
    pub presentation_us: u64,
    /// How long it plays.
    pub duration: Duration,
}

/// What the transcriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TranscribeCommand {
    /// An utterance began at `from` (padding included). Partials are welcome from now on.
    Start {
        /// Its number.
        utterance: UtteranceId,
        /// First sample.
        from: AudioPos,
    },
    /// Give the final text of the utterance up to `to`. If speech goes on, a later `Finish` with a higher `attempt`
    /// replaces this one, and its answer is ignored.
    Finish {
        /// The utterance.
        utterance: UtteranceId,
        /// Rises by one per utterance.
        attempt: u32,
        /// One past the last sample.
        to: AudioPos,
    },
    /// Forget the utterance.
    Cancel {
        /// The utterance.
        utterance: UtteranceId,
    },
}

/// What the synthesiser is told.
#[derive(Debug, Clone, PartialEq)]
pub enum SpeakCommand {
    /// A spoken response begins.
    Open {
        /// Its epoch.
        epoch: Epoch,
        /// The session's voice.
        voice: String,
        /// Speaking rate, 1.0 = normal.
        speed: f32,
        /// Providers that have failed in this response: another one, if there is one.
        avoid: Vec<&'static str>,
    },
    /// Speak this next. Segments are whole clauses or sentences.
    Segment {
        /// The epoch.
        epoch: Epoch,
        /// Its number, from zero.
        segment: SegmentIndex,
        /// The text as written (numbers and abbreviations are spoken properly by the synthesiser).
        text: String,
    },
    /// No further segment follows.
    Finish {
        /// The epoch.
        epoch: Epoch,
    },
    /// Stop at once; nothing of this epoch is wanted any more.
    Cancel {
        /// The epoch.
        epoch: Epoch,
    },
}

/// How patient audio is read.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent switches of the session"
)]
pub struct InputSettings {
    /// The format of base64 audio (a binary frame names its own).
    pub format: bedside_protocol::AudioFormat,
    /// Whether binary audio is accepted: the client must have asked for it.
    pub binary: bool,
    /// Reduce noise.
    pub noise_suppression: bool,
    /// Remove our own voice, as sent, from the patient's audio.
    pub echo_cancellation: bool,
    /// Level the patient's voice.
    pub gain_control: bool,
    /// Whether speech detection is wanted (not for push-to-talk).
    pub detect_speech: bool,
    /// Whether the end-of-turn model is asked in pauses.
    pub judge_turns: bool,
    /// ISO-639-1 language of the patient, if the client named one.
    pub language: Option<String>,
    /// Words to expect, if the client gave any (`transcription.prompt`).
    pub prompt: Option<String>,
    /// Whether video is accepted: the client must have enabled vital signs.
    pub video: bool,
}

/// How audio is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputSettings {
    /// The format of audio out.
    pub format: bedside_protocol::AudioFormat,
    /// Whether audio goes out as binary frames instead of base64 events.
    pub binary: bool,
}
