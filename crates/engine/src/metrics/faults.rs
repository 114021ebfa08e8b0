//! Which stage failed, when, and whether it still does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use tokio::time::Instant;

use super::Counter;
use super::steps::Steps;

/// How far back faults are called recent.
pub const RECENT: Duration = Duration::from_secs(60);

/// So many recent faults make a stage a failing one, whatever succeeded between them.
pub const FAILING_FROM: u64 = 3;

/// A part of a session's work that somebody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Speech detection.
    Detection,
    /// The end-of-turn model.
    TurnJudge,
    /// Speech to text.
    Transcription,
    /// The chat model.
    Model,
    /// Text to speech.
    Synthesis,
    /// Vital signs.
    Vitals,
    /// Passages of a knowledge base.
    Knowledge,
    /// Reading a device's display.
    Device,
    /// Other functions that the server runs for the model.
    Tools,
}

impl Stage {
    /// All stages, in the order a turn passes them.
    pub const ALL: [Self; 9] = [
        Self::Detection,
        Self::TurnJudge,
        Self::Transcription,
        Self::Model,
        Self::Synthesis,
        Self::Vitals,
        Self::Knowledge,
        Self::Device,
        Self::Tools,
    ];

    /// The stage that the wire calls so.
    pub const fn of(stage: bedside_protocol::Stage) -> Self {
        use bedside_protocol::Stage as Wire;
        match stage {
            Wire::Transcription => Self::Transcription,
            Wire::Model => Self::Model,
            Wire::Synthesis => Self::Synthesis,
            Wire::Vitals => Self::Vitals,
            Wire::Knowledge => Self::Knowledge,
            Wire::Device => Self::Device,
        }
    }

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::TurnJudge => "turn_judge",
            Self::Transcription => "transcription",
            Self::Model => "model",
            Self::Synthesis => "synthesis",
            Self::Vitals => "vitals",
            Self::Knowledge => "knowledge",
            Self::Device => "device",
            Self::Tools => "tools",
        }
    }

    /// Where its faults are counted.
    pub(super) const fn counter(self) -> Counter {
        match self {
            Self::Detection => Counter::DetectionFaults,
            Self::TurnJudge => Counter::JudgeFaults,
            Self::Transcription => Counter::TranscriptionFaults,
            Self::Model => Counter::ModelFaults,
            Self::Synthesis => Counter::SynthesisFaults,
            Self::Vitals => Counter::ScanFaults,
            Self::Knowledge => Counter::KnowledgeFaults,
            Self::Device => Counter::DeviceFaults,
            Self::Tools => Counter::ToolFaults,
        }
    }
}

/// How a stage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageHealth {
    /// Whether it failed [`FAILING_FROM`] times recently, or the last time it was used.
    pub failing: bool,
    /// Faults since the process began.
    pub total: u64,
    /// Faults of the last minute, to a second.
    pub recent: u64,
    /// The newest fault.
    pub last: Option<LastFault>,
}

/// A fault of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastFault {
    /// `timeout`, `disconnected`, `refused`, `overloaded` or `internal`.
    pub kind: &'static str,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// The faults of one stage.
#[derive(Debug)]
pub(super) struct Faults {
    began: Instant,
    /// Whether the last attempt of any session failed.
    failed: AtomicBool,
    kinds: [AtomicU64; FaultKind::ALL.len()],
    recent: Mutex<Recent>,
}

#[derive(Debug)]
struct Recent {
    seconds: Steps<u64>,
    last: Option<LastFault>,
}

impl Faults {
    pub(super) fn new(began: Instant) -> Self {
        Self {
            began,
            failed: AtomicBool::new(false),
            kinds: FaultKind::ALL.map(|_| AtomicU64::new(0)),
            recent: Mutex::new(Recent {
                seconds: Steps::new(RECENT.as_secs() as usize),
                last: None,
            }),
        }
    }

    pub(super) fn failed(&self, now: Instant, at_ms: u64, kind: FaultKind) {
        self.failed.store(true, Ordering::Relaxed);
        self.kinds[kind as usize].fetch_add(1, Ordering::Relaxed);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        *recent.seconds.at(self.second(now)) += 1;
        recent.last = Some(LastFault {
            kind: kind.name(),
            at_ms,
        });
    }

    /// Only a stage that had failed is written to: sessions would otherwise fight over the line of memory thirty times
    /// a second each.
    pub(super) fn worked(&self) {
        if self.failed.load(Ordering::Relaxed) {
            self.failed.store(false, Ordering::Relaxed);
        }
    }

    /// How the stage does, having failed `total` times.
    pub(super) fn health(&self, now: Instant, total: u64) -> StageHealth {
        let second = self.second(now);
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let first = second.saturating_sub(RECENT.as_secs());
        let count = recent.seconds.within(first, second).sum();
        StageHealth {
            failing: count >= FAILING_FROM || self.failed.load(Ordering::Relaxed),
            total,
            recent: count,
            last: recent.last,
        }
    }

    pub(super) fn by_kind(&self) -> [(FaultKind, u64); FaultKind::ALL.len()] {
        FaultKind::ALL.map(|kind| (kind, self.kinds[kind as usize].load(Ordering::Relaxed)))
    }

    fn second(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_fails_until_it_works_again() {
        let began = Instant::now();
        let faults = Faults::new(began);
        assert_eq!(faults.health(began, 1).last, None);
        faults.failed(began, 7, FaultKind::Overloaded);
        let health = faults.health(began + Duration::from_secs(3_600), 1);
        assert!(health.failing && health.recent == 0);
        let last = health.last.expect("it failed");
        assert_eq!((last.kind, last.at_ms), ("overloaded", 7));
        assert!(faults.by_kind().contains(&(FaultKind::Overloaded, 1)));
        faults.worked();
        assert!(!faults.health(began, 1).failing);
    }

    #[test]
    fn a_stage_that_fails_now_and_then_is_failing_for_a_minute() {
        let began = Instant::now();
        let faults = Faults::new(began);
        for second in 0..3 {
            let now = began + Duration::from_secs(second);
            assert!(!faults.health(now, 0).failing, "after {second}");
            faults.failed(now, 0, FaultKind::Timeout);
            faults.worked();
        }
        assert!(faults.health(began + Duration::from_secs(60), 3).failing);
        let later = faults.health(began + Duration::from_secs(61), 3);
        assert_eq!((later.failing, later.recent), (false, 2));
    }
}
