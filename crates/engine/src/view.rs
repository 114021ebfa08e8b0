//! What an operator may see of a session without listening in: nothing said, nothing measured.

mod activity;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use activity::Activity;
pub(crate) use activity::Talk;

use crate::clock::unix_millis;
use crate::metrics::TurnTimes;
use crate::orders::Orders;
use crate::profile::Profile;

/// A session as others see it.
#[derive(Debug)]
pub struct SessionView {
    id: String,
    model: String,
    protocol: String,
    started_at_ms: u64,
    state: Mutex<SessionState>,
    pub(crate) traffic: Traffic,
    pub(crate) orders: Orders,
}

/// Payload, in bytes, as [`SessionState`] shows it. It changes with every frame, so it is told without a lock.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) sent: AtomicU64,
    pub(crate) received: AtomicU64,
    pub(crate) waiting: AtomicU64,
}

/// How a session is doing at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SessionState {
    /// Whether its client is there.
    pub connection: Attachment,
    /// What goes on.
    pub activity: Activity,
    /// What each stage does for it.
    pub stages: Stages,
    /// Answers to its patient so far.
    pub turns: u64,
    /// The times of the last answer that was heard.
    pub last_turn: Option<TurnTimes>,
    /// Its newest scan.
    pub scan: ScanState,
    /// Payload handed to its connection.
    pub sent_bytes: u64,
    /// Payload received.
    pub received_bytes: u64,
    /// Payload that waits for the client, not counting what the carrier holds.
    pub waiting_bytes: u64,
    /// What waits for those who work for it.
    pub backlog: Backlog,
}

/// What waits for a session's consumers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Audio that waits for speech detection.
    pub detection: Duration,
    /// Audio that waits for the transcriber.
    pub transcription: Duration,
    /// Pictures that wait for scans.
    pub frames: u64,
}

/// Whether a session's client is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Attachment {
    /// It is.
    #[default]
    Connected,
    /// The connection was lost, and the session is kept for it to come back.
    Detached,
}

impl Attachment {
    /// A name for operators.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Detached => "detached",
        }
    }
}

/// How the newest scan of vital signs went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScanState {
    /// There was none.
    #[default]
    None,
    /// It runs.
    Scanning,
    /// It gave vital signs.
    Completed,
    /// It gave none.
    Failed,
}

impl ScanState {
    /// A name for operators.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Scanning => "scanning",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What a stage does for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StageState {
    /// It has nothing to do.
    #[default]
    Idle,
    /// It works, or waits for more to work on.
    Busy,
    /// It failed when it was last used.
    Failed,
    /// The session does not use it.
    Off,
}

impl StageState {
    /// A name for operators.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Off => "off",
        }
    }
}

/// What each stage does for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stages {
    /// Speech detection.
    pub detection: StageState,
    /// Speech to text.
    pub transcription: StageState,
    /// The chat model.
    pub model: StageState,
    /// Text to speech.
    pub synthesis: StageState,
    /// Vital signs.
    pub vitals: StageState,
}

impl SessionView {
    /// A session that begins now.
    pub(crate) fn of(id: &str, profile: &Profile) -> Self {
        Self {
            id: format!("sess_{id}"),
            model: profile.name.clone(),
            protocol: profile.protocol.clone(),
            started_at_ms: unix_millis().unwrap_or_default(),
            state: Mutex::default(),
            traffic: Traffic::default(),
            orders: Orders::default(),
        }
    }

    /// The id its client knows it by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The model name its client asked for.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Name of its consultation protocol.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// When it began, milliseconds since the Unix epoch.
    pub fn started_at_ms(&self) -> u64 {
        self.started_at_ms
    }

    /// How it is doing now.
    pub fn state(&self) -> SessionState {
        let read = |bytes: &AtomicU64| bytes.load(Ordering::Relaxed);
        SessionState {
            sent_bytes: read(&self.traffic.sent),
            received_bytes: read(&self.traffic.received),
            waiting_bytes: read(&self.traffic.waiting),
            ..*self.state.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Only its own session calls this, when something has changed; readers hold the lock for the time of a copy.
    pub(crate) fn publish(&self, state: SessionState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
