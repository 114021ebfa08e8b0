//! What a run asks of a server: how many patients, when they come, and what they do.

mod arrival;
mod objective;

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

pub use arrival::Arrival;
pub use objective::{Comparison, Measure, Objective, Statistic};

use crate::chance::Chance;
use crate::error::LoadError;

/// The scenarios that come with the program, by name.
const READY: [(&str, &str); 3] = [
    ("relay", include_str!("../scenarios/relay.toml")),
    ("consultation", include_str!("../scenarios/consultation.toml")),
    ("scan", include_str!("../scenarios/scan.toml")),
];

/// A scenario, checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// Seed of everything random.
    #[serde(default = "one")]
    pub seed: u64,
    /// How many sessions are due at most.
    pub sessions: u32,
    /// From the beginning until every session ends, seconds.
    pub duration_s: f64,
    /// What is due before this is not counted, seconds.
    #[serde(default)]
    pub warm_up_s: f64,
    /// Each session's length, seconds; until the run's end if absent.
    pub session_s: Option<f64>,
    /// When sessions are due.
    pub arrival: Arrival,
    /// What patients do, by weight.
    pub kinds: Kinds,
    /// How an echo is asked for.
    #[serde(default)]
    pub echo: Echo,
    /// How patients speak and listen.
    #[serde(default)]
    pub voice: Voice,
    /// How patients look into a camera.
    #[serde(default)]
    pub scan: Scan,
    /// The share of sessions that lose their connection once and come back, 0 to 1.
    #[serde(default)]
    pub reconnects: f64,
    /// The generator's own 99th percentile of lag beyond which a run is invalid, milliseconds.
    #[serde(default = "five")]
    pub own_lag_ms: f64,
    /// What must hold.
    #[serde(default)]
    pub objectives: Vec<Objective>,
}

/// What patients do, by weight: one with weight 2 is twice as frequent as one with weight 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kinds {
    /// Sends audio without rest, and expects every frame back.
    pub echo: f64,
    /// Speaks in turns and listens to the answers.
    pub voice: f64,
    /// Looks into a camera.
    pub scan: f64,
    /// Speaks and looks into a camera on one connection.
    pub both: f64,
}

/// What a patient does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Echo,
    Voice,
    Scan,
    Both,
}

/// How an echo is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Echo {
    /// The server's model that gives audio back.
    pub model: String,
    /// Whether the server is nothing but an echo of messages: no event is awaited or sent.
    pub bare: bool,
}

/// How audio is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Media {
    /// In events, base64, PCM16 at 24 kHz: every Realtime server takes it.
    Json,
    /// In binary messages, PCM16 at 16 kHz in and 24 kHz out: Bedside's extension.
    Binary,
}

/// How the server finds the ends of turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnDetection {
    /// By silence.
    ServerVad,
    /// By what is said.
    SemanticVad,
}

/// How patients speak and listen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Voice {
    /// The server's model; its default if absent.
    pub model: Option<String>,
    /// How audio is carried.
    pub media: Media,
    /// How the server finds the ends of turns.
    pub turn_detection: TurnDetection,
    /// The most a patient speaks of the time, above 0 to 1.
    pub talk_share: f64,
    /// The least a patient listens after an utterance, seconds.
    pub listen_s: f64,
    /// Mean of the gap between an answer's end and the patient's next words, milliseconds.
    pub gap_ms: f64,
    /// How many answers are interrupted, 0 to 1.
    pub interruptions: f64,
    /// How many turns begin only after a long pause, 0 to 1.
    pub pauses: f64,
    /// The longest pause, seconds.
    pub pause_s: f64,
}

/// How patients look into a camera.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scan {
    /// Pictures a second.
    pub fps: f64,
    /// The heart rate that pictures show, beats a minute.
    pub heart_bpm: f64,
}

impl Scenario {
    /// Reads the ready scenario of this name, or else the file. Gives the text as well.
    pub fn find(name: &str) -> Result<(Self, String), LoadError> {
        let ready = READY.iter().find(|(own, _)| *own == name);
        let text = match ready {
            Some((_, text)) => (*text).to_owned(),
            None => read(name)?,
        };
        Ok((Self::parse(&text)?, text))
    }

    /// Reads a scenario's TOML. What is unknown or makes no sense is refused by its name.
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        let scenario: Self = toml::from_str(text).map_err(|error| LoadError::Scenario(error.to_string()))?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Whether every value makes sense; also after a change.
    pub fn check(&self) -> Result<(), LoadError> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let length = |value: f64| value > 0.0 && value <= MOST_SECONDS;
        let kinds = [
            self.kinds.echo,
            self.kinds.voice,
            self.kinds.scan,
            self.kinds.both,
        ];
        let rules = [
            (
                "sessions",
                (1..=MOST_SESSIONS).contains(&self.sessions),
                "from 1 to 100000",
            ),
            ("duration_s", length(self.duration_s), "above 0, at most a day"),
            (
                "warm_up_s",
                (0.0..self.duration_s).contains(&self.warm_up_s),
                "at least 0, below duration_s",
            ),
            (
                "session_s",
                self.session_s.is_none_or(length),
                "above 0, at most a day",
            ),
            ("arrival", self.arrival.is_possible(), "rates and times above 0"),
            (
                "kinds",
                kinds.iter().all(|weight| (0.0..=1e6).contains(weight)) && kinds.iter().sum::<f64>() > 0.0,
                "weights of at least 0, one of them above",
            ),
            (
                "voice.talk_share",
                self.voice.talk_share > 0.0 && share(self.voice.talk_share),
                "above 0, at most 1",
            ),
            (
                "voice.listen_s",
                (0.0..=600.0).contains(&self.voice.listen_s),
                "from 0 to 600",
            ),
            (
                "voice.gap_ms",
                (0.0..=60_000.0).contains(&self.voice.gap_ms),
                "from 0 to 60000",
            ),
            (
                "voice.interruptions",
                share(self.voice.interruptions),
                "from 0 to 1",
            ),
            ("voice.pauses", share(self.voice.pauses), "from 0 to 1"),
            (
                "voice.pause_s",
                (0.0..=600.0).contains(&self.voice.pause_s),
                "from 0 to 600",
            ),
            (
                "scan.fps",
                (1.0..=120.0).contains(&self.scan.fps),
                "from 1 to 120",
            ),
            (
                "scan.heart_bpm",
                (30.0..=220.0).contains(&self.scan.heart_bpm),
                "from 30 to 220",
            ),
            ("reconnects", share(self.reconnects), "from 0 to 1"),
            ("own_lag_ms", self.own_lag_ms > 0.0, "above 0"),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((field, _, reason)) => Err(LoadError::Field { field, reason }),
            None => Ok(()),
        }
    }

    /// The same with so many sessions. Those that come at a rate come at one that rises with them.
    #[must_use]
    pub fn with_sessions(&self, sessions: u32) -> Self {
        let arrival = match self.arrival {
            Arrival::Poisson { per_second } => Arrival::Poisson {
                per_second: per_second * f64::from(sessions) / f64::from(self.sessions),
            },
            other => other,
        };
        Self {
            sessions,
            arrival,
            ..self.clone()
        }
    }

    /// Whether anybody speaks.
    pub fn has_voice(&self) -> bool {
        self.kinds.voice > 0.0 || self.kinds.both > 0.0
    }

    /// Whether anybody looks into a camera.
    pub(crate) fn has_camera(&self) -> bool {
        self.kinds.scan > 0.0 || self.kinds.both > 0.0
    }

    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.duration_s)
    }

    pub(crate) fn warm_up(&self) -> Duration {
        Duration::from_secs_f64(self.warm_up_s)
    }

    /// When each session is due, in order, after the run's beginning.
    pub(crate) fn arrivals(&self) -> Vec<Duration> {
        let mut chance = Chance::new(self.seed, 0);
        self.arrival.times(self.sessions, self.duration(), &mut chance)
    }

    /// Draws what a patient does.
    pub(crate) fn draw_kind(&self, chance: &mut Chance) -> Kind {
        let weights = [
            (Kind::Echo, self.kinds.echo),
            (Kind::Voice, self.kinds.voice),
            (Kind::Scan, self.kinds.scan),
            (Kind::Both, self.kinds.both),
        ];
        let mut left = chance.share() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
        let mut drawn = Kind::Echo;
        for (kind, weight) in weights.into_iter().filter(|(_, weight)| *weight > 0.0) {
            drawn = kind;
            if left < weight {
                break;
            }
            left -= weight;
        }
        drawn
    }
}

impl Default for Echo {
    fn default() -> Self {
        Self {
            model: "echo".to_owned(),
            bare: false,
        }
    }
}

impl Default for Voice {
    /// A patient has about 40 % of the talk in a consultation: clinicians say 1.2 to 1.6 times as much (medians of
    /// three clinics, J Med Internet Res 2018;20(4):e150, table 3). The gap between turns is about 200 ms in ten
    /// languages (Stivers et al., PNAS 2009;106(26):10587).
    fn default() -> Self {
        Self {
            model: None,
            media: Media::Json,
            turn_detection: TurnDetection::ServerVad,
            talk_share: 0.4,
            listen_s: 4.0,
            gap_ms: 200.0,
            interruptions: 0.0,
            pauses: 0.0,
            pause_s: 5.0,
        }
    }
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            fps: 30.0,
            heart_bpm: 72.0,
        }
    }
}

/// A day.
const MOST_SECONDS: f64 = 86_400.0;
const MOST_SESSIONS: u32 = 100_000;

/// The names of the ready scenarios.
pub(crate) fn names() -> String {
    READY.map(|(name, _)| name).join(", ")
}

fn read(name: &str) -> Result<String, LoadError> {
    let path = Path::new(name);
    if !path.exists() {
        return Err(LoadError::NoScenario(name.to_owned()));
    }
    std::fs::read_to_string(path).map_err(|error| LoadError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

const fn one() -> u64 {
    1
}

const fn five() -> f64 {
    5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = r#"
        name = "least"
        sessions = 2
        duration_s = 10
        [arrival]
        kind = "burst"
        [kinds]
        voice = 1
    "#;

    #[test]
    fn the_ready_scenarios_are_read_under_their_names() {
        for (name, _) in READY {
            let (scenario, _) = Scenario::find(name).unwrap();
            assert_eq!(scenario.name, name);
        }
        let missing = Scenario::find("relais").unwrap_err().to_string();
        assert!(missing.contains("relay, consultation, scan"), "{missing}");
    }

    #[test]
    fn what_is_left_out_is_usual() {
        let scenario = Scenario::parse(LEAST).unwrap();
        assert_eq!(scenario.voice, Voice::default());
        assert_eq!(scenario.seed, 1);
    }

    #[test]
    fn an_unknown_field_is_refused_by_name() {
        let error = Scenario::parse(&LEAST.replace("sessions", "sesions")).unwrap_err();
        assert!(error.to_string().contains("sesions"), "{error}");
        let nested = format!("{LEAST}\n[voice]\ntalkshare = 0.3\n");
        let error = Scenario::parse(&nested).unwrap_err();
        assert!(error.to_string().contains("talkshare"), "{error}");
    }

    #[test]
    fn a_value_without_sense_is_refused_by_its_path() {
        let wrong = format!("{LEAST}\n[voice]\ntalk_share = 1.5\n");
        let error = Scenario::parse(&wrong).unwrap_err();
        assert_eq!(
            error.to_string(),
            "scenario: voice.talk_share: above 0, at most 1"
        );
        let nobody = LEAST.replace("voice = 1", "");
        assert!(
            Scenario::parse(&nobody)
                .unwrap_err()
                .to_string()
                .contains("kinds")
        );
    }

    #[test]
    fn kinds_come_as_often_as_their_weights() {
        let mixed = format!("{LEAST}scan = 3\n");
        let scenario = Scenario::parse(&mixed).unwrap();
        let mut chance = Chance::new(3, 1);
        let drawn: Vec<Kind> = (0..1_000).map(|_| scenario.draw_kind(&mut chance)).collect();
        let scans = drawn.iter().filter(|kind| **kind == Kind::Scan).count();
        assert!((700..800).contains(&scans), "{scans}");
        assert!(!drawn.contains(&Kind::Echo) && !drawn.contains(&Kind::Both));
    }
}
