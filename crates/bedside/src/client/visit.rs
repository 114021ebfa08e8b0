//! A whole consultation: recordings in, answers out, turn by turn.

use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::pcm;
use bedside_protocol::{
    AudioFormat, ClientEventKind, Patch, ResponseParams, ResponseStatus, ServerEventKind, SessionPatch,
    TranscriptionPatch, TurnDetectionPatch, TurnDetectionType, decode_audio, encode_audio,
};
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::Connection;
use super::loudspeaker::Loudspeaker;
use super::microphone::Microphone;
use super::report::{Said, Turn};
use crate::failure::Failure;

/// The server must greet, and set up the session, within this.
const SET_UP: Duration = Duration::from_secs(10);
/// An answer must have ended this long after the recording, the longest answers included.
const ANSWER: Duration = Duration::from_secs(90);
/// How often a turn is looked at for its end while nothing arrives.
const LOOK: Duration = Duration::from_millis(50);

/// What is said to the server.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The patient's recordings, one a turn.
    pub(crate) clips: Vec<Vec<i16>>,
    /// The rate of the recordings and of the answers.
    pub(crate) rate: SampleRate,
    /// Whether the server speaks first.
    pub(crate) greet: bool,
}

/// Where a turn stands.
#[derive(Debug, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "four facts that change on their own"
)]
struct Standing {
    /// The patient is heard speaking.
    listening: bool,
    /// A turn of the patient has ended, and no response to it has begun.
    awaiting: bool,
    /// A response is being generated.
    responding: bool,
    /// A response has ended that was not interrupted.
    answered: bool,
}

/// Holds the visit over `connection`; `tell` is given every turn when it is over. Returns all that was played.
pub(crate) async fn converse(
    mut connection: Connection,
    visit: Visit,
    tell: impl Fn(&Turn),
) -> Result<Vec<i16>, Failure> {
    let mut call = Call {
        microphone: Microphone::new(visit.rate),
        loudspeaker: Loudspeaker::new(visit.rate),
        turn: Turn::default(),
        standing: Standing::default(),
    };
    set_up(&mut connection, visit.rate).await?;
    if visit.greet {
        let response = Box::<ResponseParams>::default();
        connection
            .send(ClientEventKind::ResponseCreate { response })
            .await?;
        tell(&call.until_answered(&mut connection).await?);
    }
    for clip in visit.clips {
        call.microphone.play(clip);
        tell(&call.until_answered(&mut connection).await?);
    }
    connection.close().await;
    Ok(call.loudspeaker.played().to_vec())
}

async fn set_up(connection: &mut Connection, rate: SampleRate) -> Result<(), Failure> {
    let mut session = SessionPatch::default();
    let format = AudioFormat::Pcm { rate: rate.hz() };
    session.audio.input.format = Some(format);
    session.audio.output.format = Some(format);
    session.audio.input.transcription = Patch::Set(TranscriptionPatch::default());
    session.audio.input.turn_detection = Patch::Set(TurnDetectionPatch::new(TurnDetectionType::SemanticVad));
    let session = Box::new(session);
    connection
        .send(ClientEventKind::SessionUpdate { session })
        .await?;
    let updated = async {
        loop {
            match connection.next().await? {
                ServerEventKind::SessionUpdated { .. } => return Ok(()),
                ServerEventKind::Error { error } => return Err(Failure::unavailable(error.message)),
                _ => {}
            }
        }
    };
    timeout(SET_UP, updated)
        .await
        .map_err(|_| Failure::unavailable("the server does not answer"))?
}

struct Call {
    microphone: Microphone,
    loudspeaker: Loudspeaker,
    turn: Turn,
    standing: Standing,
}

impl Call {
    /// Goes on until the recording is over, answered, and the answer played.
    async fn until_answered(&mut self, connection: &mut Connection) -> Result<Turn, Failure> {
        self.standing.answered = false;
        let mut deadline = Instant::now() + ANSWER;
        loop {
            if !self.microphone.is_silent() {
                deadline = Instant::now() + ANSWER;
            } else if self.is_over() {
                return Ok(std::mem::take(&mut self.turn));
            } else if Instant::now() > deadline {
                return Err(Failure::unavailable("the server does not answer"));
            }
            tokio::select! {
                frame = self.microphone.frame() => {
                    let audio = encode_audio(&frame);
                    connection.send(ClientEventKind::InputAudioBufferAppend { audio }).await?;
                }
                event = timeout_at(Instant::now() + LOOK, connection.next()) => {
                    if let Ok(event) = event {
                        self.note(event?)?;
                    }
                }
            }
        }
    }

    fn is_over(&self) -> bool {
        let Standing {
            listening,
            awaiting,
            responding,
            answered,
        } = self.standing;
        answered && !listening && !awaiting && !responding && self.loudspeaker.is_silent()
    }

    fn note(&mut self, event: ServerEventKind) -> Result<(), Failure> {
        use ServerEventKind as Event;
        let standing = &mut self.standing;
        match event {
            Event::Error { error } => return Err(Failure::unavailable(error.message)),
            Event::InputAudioBufferSpeechStarted { .. } => standing.listening = true,
            Event::InputAudioBufferSpeechStopped { .. } => standing.listening = false,
            Event::InputAudioBufferCommitted { .. } => standing.awaiting = true,
            Event::InputAudioTranscriptionCompleted { transcript, .. } => self.turn.heard.push(transcript),
            Event::ResponseCreated { .. } => {
                (standing.awaiting, standing.responding) = (false, true);
                self.turn.said.push(Said::default());
            }
            Event::ResponseOutputAudioDelta { delta, .. } => {
                let audio = decode_audio(&delta)
                    .ok()
                    .and_then(|audio| pcm::from_le(&audio).ok());
                let audio = audio.ok_or_else(|| Failure::unavailable("the server sent broken audio"))?;
                self.loudspeaker.play(&audio);
            }
            Event::ResponseOutputAudioTranscriptDelta { delta, .. } => {
                if let Some(said) = self.turn.said.last_mut() {
                    said.text.push_str(&delta);
                }
            }
            Event::OutputAudioBufferCleared { .. } => {
                self.loudspeaker.clear();
                if let Some(said) = self.turn.said.last_mut() {
                    said.interrupted = true;
                }
            }
            Event::ResponseDone { response } => {
                standing.responding = false;
                standing.answered = response.status != ResponseStatus::Cancelled;
            }
            Event::BedsideTurnMetrics(metrics) => self.turn.metrics = Some(metrics),
            Event::BedsideEscalation(escalation) => self.turn.escalation = Some(escalation),
            _ => {}
        }
        Ok(())
    }
}
