//! Keeps uses from a provider that fails, and finds out with one use at a time whether it works again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bedside_conversation::io::FaultKind;
use serde::Deserialize;

/// Outcomes that are remembered at most, however many fit into the window.
const REMEMBERED: usize = 64;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerSettings {
    /// It opens when so many uses fail within the window: in a row, or at least every other one. A refusal opens it at
    /// once, since the next request would be refused as well: the configuration is wrong.
    pub failures: u32,
    /// Outcomes count for this long.
    pub window_ms: u64,
    /// How long it stays open at first. Doubles with every probe that fails.
    pub open_ms: u64,
    /// How long it stays open at most.
    pub open_max_ms: u64,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures: 3,
            window_ms: 60_000,
            open_ms: 5_000,
            open_max_ms: 60_000,
        }
    }
}

/// How a breaker stands, for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Uses pass.
    Closed,
    /// None passes.
    Open,
    /// One passes to find out whether the provider works again.
    HalfOpen,
}

impl BreakerState {
    /// A name for events and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// On what terms a use was let through; told again with its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// The breaker was closed.
    Regular,
    /// The use is the one that finds out.
    Probe(u64),
    /// There was no other link.
    Forced,
}

/// The state machine. Time is told to it and never goes back.
#[derive(Debug)]
pub(super) struct Breaker {
    settings: BreakerSettings,
    state: State,
    /// When uses ended, and whether they failed; of the closed state alone.
    outcomes: VecDeque<(Instant, bool)>,
    probes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Closed,
    Open { until: Instant, wait: Duration },
    HalfOpen { probe: Option<u64>, wait: Duration },
}

impl Breaker {
    pub(super) fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: State::Closed,
            outcomes: VecDeque::new(),
            probes: 0,
        }
    }

    /// Lets a use through, or not. Each that passes must end in exactly one of the three outcomes.
    pub(super) fn admit(&mut self, now: Instant) -> Option<Admission> {
        if let State::Open { until, wait } = self.state
            && now >= until
        {
            self.state = State::HalfOpen { probe: None, wait };
        }
        match &mut self.state {
            State::Closed => Some(Admission::Regular),
            State::HalfOpen {
                probe: free @ None, ..
            } => {
                self.probes += 1;
                *free = Some(self.probes);
                Some(Admission::Probe(self.probes))
            }
            State::Open { .. } | State::HalfOpen { .. } => None,
        }
    }

    pub(super) fn succeeded(&mut self, admission: Admission, now: Instant) {
        match (self.state, admission) {
            (State::Closed, _) => self.note(now, false),
            // It worked just now, when nobody expected it to.
            (_, Admission::Forced) => self.close(),
            (State::HalfOpen { probe, .. }, Admission::Probe(id)) if probe == Some(id) => self.close(),
            // What began before it opened says nothing of how the provider is now.
            _ => {}
        }
    }

    pub(super) fn failed(&mut self, admission: Admission, kind: FaultKind, now: Instant) {
        match (self.state, admission) {
            (State::Closed, _) => {
                self.note(now, true);
                if kind == FaultKind::Refused || self.fails_too_often() {
                    self.open(now, Duration::from_millis(self.settings.open_ms));
                }
            }
            (State::HalfOpen { probe, wait }, Admission::Probe(id)) if probe == Some(id) => {
                self.open(now, wait.saturating_mul(2));
            }
            _ => {}
        }
    }

    /// The use was given up by its consumer.
    pub(super) fn cancelled(&mut self, admission: Admission) {
        if let (State::HalfOpen { probe, .. }, Admission::Probe(id)) = (&mut self.state, admission)
            && *probe == Some(id)
        {
            *probe = None;
        }
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn note(&mut self, now: Instant, failed: bool) {
        let window = Duration::from_millis(self.settings.window_ms);
        self.outcomes
            .retain(|&(at, _)| now.saturating_duration_since(at) <= window);
        if self.outcomes.len() == REMEMBERED {
            self.outcomes.pop_front();
        }
        self.outcomes.push_back((now, failed));
    }

    fn fails_too_often(&self) -> bool {
        let limit = (self.settings.failures.max(1) as usize).min(REMEMBERED);
        let failures = self.outcomes.iter().filter(|(_, failed)| *failed).count();
        let in_a_row = self.outcomes.iter().rev().take_while(|(_, failed)| *failed);
        in_a_row.count() >= limit || (failures >= limit && failures * 2 >= self.outcomes.len())
    }

    fn open(&mut self, now: Instant, wait: Duration) {
        let wait = wait.min(Duration::from_millis(self.settings.open_max_ms));
        self.outcomes.clear();
        self.state = State::Open {
            until: now + wait,
            wait,
        };
    }

    fn close(&mut self) {
        self.outcomes.clear();
        self.state = State::Closed;
    }
}
