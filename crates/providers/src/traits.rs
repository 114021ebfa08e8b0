//! What a session needs done by others. Every stream is a pair of bounded channels or is polled; dropping it cancels the
//! work behind it.

use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{
    SegmentIndex, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId, WordMark,
};
use bedside_conversation::scan::{ScanNews, ScanParams};
use bedside_conversation::service::Stage;
use bedside_conversation::time::AudioPos;
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use crate::report::Reporter;

/// A piece of patient audio on the bus: PCM16 little-endian, mono, 16 kHz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusAudio {
    /// Position of the first sample.
    pub at: AudioPos,
    /// The samples; cloning shares them.
    pub pcm: Bytes,
}

/// Says how likely each window of audio is to be speech.
pub trait SpeechDetector: Send + Sync {
    /// The name shown to operators.
    fn name(&self) -> &'static str;

    /// Opens a detector for one session.
    fn open(&self) -> Box<dyn DetectorStream>;
}

/// One session's speech detection. It is asked within its session's task: a window every 32 ms is too little work to be
/// worth a task of its own.
pub trait DetectorStream: Send {
    /// Takes patient audio, gapless. Whether that fills a window, for which it has to be asked; nobody is woken for it.
    fn push(&mut self, audio: &BusAudio) -> bool;

    /// The next judgement: one per window, in order. An error is the last, and comes if a window takes too long.
    fn poll_window(&mut self, cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>>;

    /// Samples whose judgement has not been begun. Nothing limits them but who pushes.
    fn waiting(&self) -> u64;
}

/// One window's judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeechWindow {
    /// One past the window's last sample.
    pub end: AudioPos,
    /// Probability of speech, 0 to 1.
    pub probability: f32,
}

/// Says how likely it is that the patient has finished speaking.
pub trait TurnJudge: Send + Sync {
    /// The name shown to operators.
    fn name(&self) -> &'static str;

    /// Judges an utterance from its audio (PCM16 little-endian, mono, 16 kHz; the last 8 s matter).
    fn judge(&self, pcm: Vec<i16>) -> BoxFuture<'static, Result<TurnJudgement, StageFault>>;
}

/// A judgement on the end of a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurnJudgement {
    /// Probability that the patient has finished, 0 to 1.
    pub probability: f32,
    /// Time the model itself ran.
    pub busy: Duration,
}

/// Speech to text.
pub trait Transcriber: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// Opens a stream for one session, which hears of its work by `reporter`.
    fn open(
        &self,
        params: TranscriberParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>>;
}

/// What a transcriber may know of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TranscriberParams {
    /// ISO-639-1 language, if known.
    pub language: Option<String>,
    /// Words to expect, if any.
    pub prompt: Option<String>,
    /// Whether partial transcripts are wanted.
    pub partials: bool,
}

/// One session's transcription.
#[derive(Debug)]
pub struct TranscriberStream {
    /// Audio and commands, in order: a command refers only to audio sent before it.
    pub input: mpsc::Sender<TranscriberInput>,
    /// Answers. The stream ends when the transcriber is gone.
    pub output: mpsc::Receiver<TranscriberOutput>,
}

/// What a transcriber is fed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TranscriberInput {
    /// Patient audio, gapless, whether or not an utterance is open, in a buffer of its own: it may be kept.
    Audio(BusAudio),
    /// What to do with it.
    Command(TranscribeCommand),
}

/// What a transcriber answers.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriberOutput {
    /// The utterance it is about.
    pub utterance: UtteranceId,
    /// What it says.
    pub event: TranscriptEvent,
}

/// Leads the consultation: turns the conversation so far into what is said next.
pub trait ChatModel: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// Whether it can be shown [pictures](bedside_conversation::context::Message::Picture).
    fn sees(&self) -> bool {
        false
    }

    /// Generates one answer; dropping the stream cancels it. The stream ends after `Done` or an error; one that ends
    /// without either was cut off. The session hears of the work by `reporter`.
    fn generate(
        &self,
        request: ChatRequest,
        reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>>;
}

/// Text to speech.
pub trait Synthesizer: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// The names of its voices, the default first.
    fn voices(&self) -> Vec<String>;

    /// Opens a stream for one spoken response; dropping it cancels the work. The session hears of it by `reporter`.
    fn open(
        &self,
        params: SynthesisParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>>;
}

/// How a response is to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthesisParams {
    /// A voice of the synthesiser; an unknown one falls back to the default.
    pub voice: String,
    /// Speaking rate, 1.0 = normal, 0.25 to 1.5.
    pub speed: f32,
    /// Providers that have failed in this response: another one, if there is one.
    pub avoid: Vec<&'static str>,
}

/// One response's synthesis.
#[derive(Debug)]
pub struct SynthesisStream {
    /// Text, segment by segment; dropping the sender says that no more follows.
    pub input: mpsc::Sender<SynthesisInput>,
    /// Audio, segment by segment, in order. Closes when all is spoken.
    pub output: mpsc::Receiver<Result<SynthesisOutput, StageFault>>,
}

/// A piece of text to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthesisInput {
    /// Its number within the response.
    pub segment: SegmentIndex,
    /// A clause or sentence, as written.
    pub text: String,
}

/// A piece of speech.
#[derive(Debug, Clone, PartialEq)]
pub enum SynthesisOutput {
    /// Audio of a segment: PCM16 little-endian, mono.
    Audio {
        /// The segment.
        segment: SegmentIndex,
        /// The samples.
        pcm: Bytes,
        /// Samples per second.
        rate: u32,
    },
    /// A segment is complete.
    SegmentDone {
        /// The segment.
        segment: SegmentIndex,
        /// When each of its words is spoken.
        words: Vec<WordMark>,
        /// Time the model itself ran (zero for a remote one).
        busy: Duration,
        /// Who spoke it.
        provider: &'static str,
    },
}

/// Reads vital signs from video.
pub trait VitalsService: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// Opens a scan. The session hears of the work by `reporter`.
    fn open(
        &self,
        params: ScanParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>>;
}

/// One scan.
#[derive(Debug)]
pub struct VitalsStream {
    /// Frames, in the order of their capture. Little room: whoever sends decides which frames are worth waiting with.
    /// Dropping the sender asks for the summary.
    pub frames: mpsc::Sender<VideoFrame>,
    /// Answers. The stream ends after [`ScanNews::Finished`] or an error.
    pub output: mpsc::Receiver<Result<VitalsOutput, StageFault>>,
}

/// A picture of the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoFrame {
    /// When it was captured, microseconds of the client's monotonic clock.
    pub captured_us: u64,
    /// How it is encoded.
    pub format: PictureFormat,
    /// Pixels, at most 1920.
    pub width: u16,
    /// Pixels, at most 1080.
    pub height: u16,
    /// The picture; cloning shares it.
    pub data: Bytes,
}

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// Red, green, blue, row after row.
    Rgb24,
    /// Red, green, blue, and a byte that is not looked at.
    Rgba32,
    /// A plane of luma and two of chroma at half the resolution, in the limited range of video.
    I420,
    /// A JPEG file.
    Jpeg,
}

/// What a scan answers.
#[derive(Debug, Clone, PartialEq)]
pub enum VitalsOutput {
    /// How it goes and what it found.
    News(ScanNews),
    /// A picture could not be read and was left out.
    Unreadable,
}

/// Finds passages in a body of knowledge.
pub trait Knowledge: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// The passages that fit `query` best, best first, at most `most`. The session hears of the work by `reporter`.
    fn search(
        &self,
        query: String,
        most: usize,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<Vec<Passage>, StageFault>>;
}

/// A piece of a text. Data, never instructions.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The words.
    pub text: String,
    /// Where they are from: a file, an address.
    pub source: String,
    /// How well they fit; larger is better, comparable within one answer alone.
    pub score: f64,
}

/// Reads the display of a medical device in a picture.
pub trait DeviceReader: Send + Sync {
    /// The name shown in metrics and events.
    fn name(&self) -> &'static str;

    /// What the display shows. The session hears of the work by `reporter`.
    fn read(
        &self,
        picture: DevicePicture,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<DeviceReading, StageFault>>;
}

/// A picture of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePicture {
    /// A JPEG file.
    pub jpeg: Bytes,
    /// What kind of device it is, such as `blood_pressure_monitor`, if known.
    pub device_type: Option<String>,
}

/// What was found on a display; empty if nothing was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceReading {
    /// Every figure or text that was found.
    pub detections: Vec<Detection>,
    /// Which model found it, if it says.
    pub model_version: Option<String>,
}

/// A figure or text on a display.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// What it is, such as `systolic`.
    pub label: String,
    /// What it says, such as `128`.
    pub value: String,
    /// How sure the reader is, 0 to 1.
    pub confidence: f64,
}

/// A function that the server runs for the model.
pub trait Tool: Send + Sync {
    /// What the model is told of it.
    fn description(&self) -> bedside_conversation::context::Tool;

    /// Which stage it is the door to, if it is one: its faults are that stage's.
    fn stage(&self) -> Option<Stage> {
        None
    }

    /// Whether it looks at the camera's picture.
    fn looks(&self) -> bool {
        false
    }

    /// Runs it. The result is text for the model: data, never instructions.
    fn run(&self, call: ToolRun, reporter: Reporter) -> BoxFuture<'static, Result<String, StageFault>>;
}

/// One call of a server's function.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolRun {
    /// The call's id, the same when it is tried again.
    pub call_id: String,
    /// Arguments, as the JSON text the model produced.
    pub arguments: String,
    /// The newest picture of the patient's camera, if it is on and the function looks at it.
    pub picture: Option<VideoFrame>,
}
