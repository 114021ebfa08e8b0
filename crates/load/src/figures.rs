//! What a run came to: the numbers that are shown while it runs, kept as JSON, and drawn in the report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A run and everything measured in it. This is the JSON that is written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario as it was read, TOML.
    pub scenario_text: String,
    /// Seed of everything random.
    pub seed: u64,
    /// The server's address, without keys.
    pub target: String,
    /// When the run began, milliseconds since the Unix epoch.
    pub began_at_ms: u64,
    /// Seconds from the first session's start to the last one's end.
    pub seconds: f64,
    /// What became of the sessions.
    pub sessions: Sessions,
    /// Distributions over the whole run after warming up.
    pub figures: BTreeMap<FigureName, Figure>,
    /// How many of what were lost, by cause.
    pub drops: BTreeMap<String, u64>,
    /// Errors by what a client sees: an error code, a close code, an HTTP status.
    pub errors: BTreeMap<String, u64>,
    /// The run, second by second.
    pub timeline: Vec<Second>,
    /// What the server took, if it could be asked.
    pub server: Option<ServerUse>,
    /// Whether the generator kept up.
    pub generator: Generator,
    /// What providers cost, if the server says.
    pub cost: Option<Cost>,
    /// Objectives and whether they were kept.
    pub objectives: Vec<Verdict>,
}

/// What became of the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sessions {
    /// Due within the run.
    pub due: u64,
    /// Of these, let in.
    pub started: u64,
    /// Of these, turned away with 503 or 429.
    pub refused: u64,
    /// Of these, not connected for any other reason.
    pub unconnected: u64,
    /// Let in, and ended as their scenario wanted.
    pub completed: u64,
    /// Let in, and ended by the server or a fault.
    pub failed: u64,
    /// Connections taken up again on purpose.
    pub resumed: u64,
    /// Most that were live at a time.
    pub most_at_once: u64,
}

/// What is measured as a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureName {
    /// From when a session was due to its `session.created`.
    Connect,
    /// From when a frame of audio was due to be sent to its echo.
    RoundTrip,
    /// From the end of an utterance to its final transcript.
    Transcript,
    /// From the end of an utterance to the first audible sample of the answer.
    VoiceToVoice,
    /// How long an answer's audio had run out at the client before more came.
    AudioGap,
    /// How much later or earlier a piece of audio came than its neighbours' pace asks.
    Jitter,
    /// From the start of an interrupting utterance to the last audio of the answer it interrupts.
    InterruptionToSilence,
    /// From the start of a scan to its first heart rate.
    HeartRateFirst,
    /// How far a heart rate was from that of the material.
    HeartRateError,
    /// How late the generator itself was with what it had to send.
    OwnLag,
}

impl FigureName {
    /// Every figure.
    pub const ALL: [Self; 10] = [
        Self::Connect,
        Self::RoundTrip,
        Self::Transcript,
        Self::VoiceToVoice,
        Self::AudioGap,
        Self::Jitter,
        Self::InterruptionToSilence,
        Self::HeartRateFirst,
        Self::HeartRateError,
        Self::OwnLag,
    ];

    /// What it is measured in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::HeartRateError => "/min",
            _ => "ms",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::RoundTrip => "Frame round trip",
            Self::Transcript => "End of speech to transcript",
            Self::VoiceToVoice => "Voice to voice",
            Self::AudioGap => "Gap in an answer",
            Self::Jitter => "Jitter of audio",
            Self::InterruptionToSilence => "Interruption to silence",
            Self::HeartRateFirst => "Scan to first heart rate",
            Self::HeartRateError => "Error of heart rate",
            Self::OwnLag => "Lag of the generator",
        }
    }
}

/// A distribution, in its [unit](FigureName::unit).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Figure {
    /// How many values.
    pub count: u64,
    /// The least of them.
    pub min: f64,
    /// Their mean.
    pub mean: f64,
    /// Half are at most this.
    pub p50: f64,
    /// Nine in ten are at most this.
    pub p90: f64,
    /// 99 in 100 are at most this.
    pub p99: f64,
    /// 999 in 1,000 are at most this.
    pub p999: f64,
    /// The greatest.
    pub max: f64,
    /// The curve: shares from 0 to 1 in rising order, and what that share does not exceed.
    pub curve: Vec<(f64, f64)>,
}

impl Figure {
    /// Whether nothing was measured.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// One second of a run. Figures are `None` where nothing was measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Second {
    /// Seconds since the run began, at the end of this one.
    pub at: f64,
    /// Live sessions.
    pub live: u64,
    /// Sessions refused in it.
    pub refused: u64,
    /// Errors in it.
    pub errors: u64,
    /// The 99th percentile of each figure measured in it.
    pub p99: BTreeMap<FigureName, f64>,
    /// The server's processor time, in cores.
    pub server_cores: Option<f64>,
    /// The server's resident memory, bytes.
    pub server_rss: Option<u64>,
}

/// What the server took while all sessions were live, and of how much.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ServerUse {
    /// Processor time of one session for one second, milliseconds.
    pub cpu_ms_per_session_second: f64,
    /// Resident memory before the first session, bytes.
    pub rss_base: u64,
    /// Resident memory each session added, bytes.
    pub rss_per_session: f64,
    /// Processors it may use, if it says.
    pub cores: Option<f64>,
    /// Memory it may use, bytes, if it says.
    pub memory: Option<u64>,
    /// How late its models began their work, by class of work: the 99th percentile, milliseconds.
    pub lateness_ms: BTreeMap<String, f64>,
}

/// Whether the generator kept up with its own schedule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Generator {
    /// Share of the processors it was given that it used.
    pub cpu_share: f64,
    /// Why the run says nothing about the server; empty if it does.
    pub invalid: Vec<String>,
}

/// What providers cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// As ISO 4217 names it.
    pub currency: String,
    /// In the whole run.
    pub total: f64,
    /// For a minute of one session.
    pub per_session_minute: f64,
}

/// An objective and what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// What must hold, in words: `voice to voice p99 < 2000 ms`.
    pub objective: String,
    /// The figure it limits; `None` if it limits something else, as errors.
    pub figure: Option<FigureName>,
    /// The most that is allowed, in the figure's unit.
    pub limit: f64,
    /// What was measured; `None` if nothing was.
    pub measured: Option<f64>,
    /// Whether it holds.
    pub kept: bool,
}
