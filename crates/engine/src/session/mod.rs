//! One session: a client, the pure core, and those who work for it, in one task.

mod connection;
mod inputs;
mod limits;
mod operator;
mod outputs;
mod setup;
mod turn;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::Conversation;
use bedside_conversation::time::AudioPos;
use bedside_protocol::CloseCode;
use bedside_providers::report::Reports;
use tokio::time::{Instant, Sleep};
use tracing::Instrument;

use self::connection::Line;
pub use self::setup::SessionSetup;
use crate::backlog::Lead;
use crate::bell::{Bell, Ringers};
use crate::camera::Camera;
use crate::clock::SessionClock;
use crate::echo::Echo;
use crate::egress::Egress;
use crate::history::History;
use crate::ingress::Ingress;
use crate::limits::SessionLimits;
use crate::metrics::{Counter, Metrics};
use crate::presence::Presence;
use crate::registry::Admission;
use crate::resume::Door;
use crate::stages::detection::Detection;
use crate::stages::judge::Judging;
use crate::stages::model::Generations;
use crate::stages::synthesis::Synthesis;
use crate::stages::tools::Tools;
use crate::stages::transcription::Transcription;
use crate::stages::vitals::Vitals;

/// A session over as many connections as it takes, one at a time. Dropping it cancels everything done for it.
pub struct Session {
    line: Line,
    door: Option<Door>,
    core: Conversation,
    clock: SessionClock,
    limits: SessionLimits,
    metrics: Arc<Metrics>,

    ingress: Ingress,
    egress: Egress,
    /// Gives the patient's audio back, in an echo test.
    echo: Option<Box<Echo>>,
    /// Audio that the client had not taken when the core was last told.
    unsent: Duration,
    history: History,
    lead: Lead,
    /// End of the audio that has been searched for speech.
    detected: AudioPos,
    detecting: bool,
    /// Pauses are judged, for which audio is kept.
    judging_turns: bool,

    detection: Detection,
    transcription: Transcription,
    judging: Judging,
    generations: Generations,
    synthesis: Synthesis,
    vitals: Vitals,
    tools: Tools,
    camera: Camera,
    /// When the core was last told that video comes.
    video_told: Option<Instant>,
    /// What providers do beside their answers.
    reports: Reports,

    began: Instant,
    /// The time, as of this wake or of the last thing the core was told in it.
    now: Instant,
    last_message: Instant,
    presence: Presence,
    admission: Admission,
    drain: Pin<Box<dyn Future<Output = Instant> + Send>>,
    drain_deadline: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
    alarm_at: Instant,
    bell: Bell,
    stirred: Stirred,
}

/// What must be looked at again, since something other than a frame of an echo has come.
#[derive(Debug, Clone, Copy)]
struct Stirred {
    /// Who may have something, or needs to be asked to get on.
    ask: Ringers,
    /// Something may have expired, or expire earlier than the alarm.
    deadlines: bool,
    /// Operators may see something new.
    view: bool,
}

impl Stirred {
    const ALL: Self = Self {
        ask: Ringers::ALL,
        deadlines: true,
        view: true,
    };
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

impl Session {
    /// Runs the session to its end, and returns the close code if it was we who ended it.
    pub async fn run(self: Box<Self>) -> Option<CloseCode> {
        let mut session = self;
        let metrics = Arc::clone(&session.metrics);
        metrics.add(Counter::SessionsOpened, 1);
        session
            .presence
            .scope()
            .in_scope(|| tracing::info!("a session began"));
        let end = loop {
            let end = poll_fn(|cx| session.poll_turn(cx)).await;
            if let Err(end) = session.outlive(end) {
                break end;
            }
        };
        session.presence.end(end.code());
        session.shut_door(end);
        let scope = session.presence.scope();
        scope.in_scope(|| tracing::info!(code = end.code(), "a session ended"));
        let code = session.part(end).instrument(scope).await;
        drop(session);
        metrics.add(Counter::SessionsClosed, 1);
        code
    }
}
