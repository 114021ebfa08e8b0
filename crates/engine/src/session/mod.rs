//! One session: a client, the pure core, and those who work for it, in one task.

mod inputs;
mod limits;
mod operator;
mod outputs;
mod turn;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::{InputSettings, OutputSettings};
use bedside_conversation::time::AudioPos;
use bedside_conversation::{Conversation, SessionStart, Timing};
use bedside_protocol::{self as protocol, CloseCode, InvalidField, SessionConfig, SessionPatch};
use bedside_providers::traits::TranscriberParams;
use futures::{Sink, SinkExt, Stream, StreamExt};
use tokio::time::{Instant, Sleep};

use crate::backlog::Lead;
use crate::clock::{SessionClock, unix_millis};
use crate::egress::Egress;
use crate::format::media_format;
use crate::history::History;
use crate::ingress::Ingress;
use crate::limits::SessionLimits;
use crate::message::{ClientMessage, ServerMessage, SocketError};
use crate::metrics::{Counter, Metrics};
use crate::presence::Presence;
use crate::profile::Profile;
use crate::registry::Admission;
use crate::stages::detection::Detection;
use crate::stages::judge::Judging;
use crate::stages::model::Generations;
use crate::stages::synthesis::Synthesis;
use crate::stages::transcription::Transcription;
use crate::stages::vitals::Vitals;
use crate::view::SessionView;

/// What a session begins with.
#[derive(Debug)]
pub struct SessionSetup {
    /// A short random string of letters and digits that no other session has.
    pub id: String,
    /// Who does the work.
    pub profile: Arc<Profile>,
    /// What the client configured in advance (by an ephemeral key).
    pub patch: Option<SessionPatch>,
    /// The session's place on this node.
    pub admission: Admission,
    /// What it may take.
    pub limits: SessionLimits,
    /// When the session must end, seconds since the Unix epoch, as shown to the client.
    pub expires_at: Option<u64>,
    /// Where figures go.
    pub metrics: Arc<Metrics>,
}

/// A session over one connection. Dropping it cancels everything done for it.
pub struct Session<S> {
    socket: S,
    core: Conversation,
    clock: SessionClock,
    limits: SessionLimits,
    metrics: Arc<Metrics>,

    ingress: Ingress,
    egress: Egress,
    /// Audio that the client had not taken when the core was last told.
    unsent: Duration,
    history: History,
    lead: Lead,
    /// End of the audio that has been searched for speech.
    detected: AudioPos,
    detecting: bool,

    detection: Detection,
    transcription: Transcription,
    judging: Judging,
    generations: Generations,
    synthesis: Synthesis,
    vitals: Vitals,
    /// When the core was last told that video comes.
    video_told: Option<Instant>,

    began: Instant,
    last_message: Instant,
    presence: Presence,
    admission: Admission,
    drain: Pin<Box<dyn Future<Output = Instant> + Send>>,
    drain_deadline: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// We close it.
    Close(CloseCode, &'static str),
    /// The client closed it.
    Left,
    /// The connection broke.
    Lost,
}

impl<S> Session<S>
where
    S: Stream<Item = Result<ClientMessage, SocketError>> + Sink<ServerMessage, Error = SocketError> + Unpin,
{
    /// A session on `socket`; fails if the client's advance configuration is not valid.
    pub fn new(socket: S, setup: SessionSetup) -> Result<Self, InvalidField> {
        let SessionSetup {
            id,
            profile,
            patch,
            admission,
            limits,
            expires_at,
            metrics,
        } = setup;
        let voice = profile
            .synthesizer
            .voices()
            .into_iter()
            .next()
            .unwrap_or_default();
        let mut config = SessionConfig::new(profile.name.clone(), voice);
        config.bedside.protocol.clone_from(&profile.protocol);
        config.input.turn_detection = Some(profile.turn_detection);
        // Every utterance is transcribed anyway; the client sees the words unless it says otherwise.
        config.input.transcription = Some(protocol::Transcription::default());
        if let Some(patch) = &patch {
            config.apply(patch)?;
        }
        // A client secret may have been made for another model, or before vital signs were switched off.
        config.bedside.vitals.enabled &= profile.vitals.is_some();
        let output = OutputSettings {
            format: config.output.format,
            binary: false,
        };
        let input = listening(&config);
        let synthesis_format =
            media_format(output.format).unwrap_or(bedside_media::audio::format::AudioFormat::BUS);
        let params = transcriber_params(&input);
        let core = Conversation::new(SessionStart {
            id: id.clone(),
            config,
            expires_at,
            started_at: unix_millis(),
            vitals: profile.vitals.is_some(),
            model_name: profile.chat.name(),
            safety: Arc::clone(&profile.safety),
            timing: Timing::default(),
        });
        let view = SessionView::of(&id, &profile);
        let presence = Presence::enter(admission.roll(), view, Arc::clone(&metrics));
        let now = Instant::now();
        Ok(Self {
            socket,
            core,
            clock: SessionClock::start(),
            egress: Egress::new(&id, output),
            unsent: Duration::ZERO,
            ingress: Ingress::new(input),
            history: History::default(),
            lead: Lead::new(),
            detected: AudioPos::START,
            detecting: true,
            detection: Detection::new(Arc::clone(&profile.detector)),
            transcription: Transcription::new(Arc::clone(&profile.transcriber), params, limits.open),
            judging: Judging::new(Arc::clone(&profile.judge), limits.judge),
            generations: Generations::new(Arc::clone(&profile.chat)),
            synthesis: Synthesis::new(Arc::clone(&profile.synthesizer), limits.open, synthesis_format),
            vitals: Vitals::new(profile.vitals.clone(), limits.open),
            video_told: None,
            limits,
            metrics,
            began: now,
            last_message: now,
            drain: Box::pin(admission.draining(None)),
            presence,
            admission,
            drain_deadline: None,
            alarm: Box::pin(tokio::time::sleep_until(now)),
        })
    }

    /// Runs the session to its end, and returns the close code if it was we who ended it.
    pub async fn run(self) -> Option<CloseCode> {
        // Some kilobytes, which a future would carry once per step.
        let mut session = Box::new(self);
        let metrics = Arc::clone(&session.metrics);
        metrics.add(Counter::SessionsOpened, 1);
        let end = poll_fn(|cx| session.poll_turn(cx)).await;
        session.presence.end(end.code());
        let code = session.part(end).await;
        drop(session);
        metrics.add(Counter::SessionsClosed, 1);
        code
    }

    /// Says goodbye, as far as the client still listens.
    async fn part(&mut self, end: End) -> Option<CloseCode> {
        let code = match end {
            End::Lost => return None,
            End::Left => None,
            End::Close(code, reason) => {
                self.egress.close(code, reason);
                Some(code)
            }
        };
        let farewell = self.limits.farewell;
        let Self { egress, socket, .. } = self;
        // Whether the client takes the last message is its own affair.
        let _ = tokio::time::timeout(farewell, async {
            if code.is_some() {
                poll_fn(|cx| egress.poll_send(cx, socket)).await?;
            }
            socket.close().await?;
            // A connection dropped with something unread is reset, and the last message lost with it.
            while let Some(Ok(_)) = socket.next().await {}
            Ok::<(), SocketError>(())
        })
        .await;
        code
    }
}

/// How audio is read until the core says otherwise.
fn listening(config: &SessionConfig) -> InputSettings {
    InputSettings {
        format: config.input.format,
        binary: config.bedside.media.binary_in(),
        noise_suppression: false,
        echo_cancellation: false,
        gain_control: false,
        detect_speech: true,
        language: None,
        prompt: None,
        video: config.bedside.vitals.enabled,
    }
}

fn transcriber_params(input: &InputSettings) -> TranscriberParams {
    TranscriberParams {
        language: input.language.clone(),
        prompt: input.prompt.clone(),
        partials: true,
    }
}
