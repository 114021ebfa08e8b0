//! All clips at once, as sessions beside each other, and each alone.

use std::fmt;
use std::time::Duration;

use bedside_speech::detection::{DetectionError, SpeechModel, Stream, WINDOW};
use rustix::time::{ClockId, clock_gettime};

use crate::Fault;
use crate::published::Published;
use crate::segments::{Agreement, stretches};

/// What came of one session, or of several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) stretches: Agreement,
    pub(crate) windows: Agreement,
    /// Furthest that two probabilities of one window lie apart.
    pub(crate) apart: f32,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Self) {
        self.stretches.add(other.stretches);
        self.windows.add(other.windows);
        self.apart = self.apart.max(other.apart);
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "F1 of stretches {:.4}, of windows {:.4}; probabilities at most {:.4} apart",
            self.stretches.f1(),
            self.windows.f1(),
            self.apart
        )
    }
}

/// What came of all sessions, and the processor time it took.
#[derive(Debug)]
pub(crate) struct Outcomes {
    pub(crate) clips: Vec<Outcome>,
    together: Duration,
    alone: Duration,
    seconds: f64,
}

impl Outcomes {
    /// Processor time for each second of a session, ms.
    pub(crate) fn cost_ms(&self) -> f64 {
        self.together.as_secs_f64() * 1_000.0 / self.seconds
    }

    /// The same with the published graph.
    pub(crate) fn alone_ms(&self) -> f64 {
        self.alone.as_secs_f64() * 1_000.0 / self.seconds
    }
}

pub(crate) fn together(
    model: &SpeechModel,
    published: &Published,
    sessions: &[Vec<i16>],
) -> Result<Outcomes, Fault> {
    let sessions: Vec<&[[i16; WINDOW]]> = sessions.iter().map(|session| session.as_chunks().0).collect();
    let began = processor_time();
    let found = batched(model, &sessions)?;
    let batched_at = processor_time();
    let alone: Vec<Vec<f32>> = sessions
        .iter()
        .map(|windows| published.judge(windows))
        .collect::<Result<_, _>>()?;
    let alone_at = processor_time();
    let clips = found.iter().zip(&alone).map(|(found, alone)| {
        let (ours, theirs) = (stretches(found), stretches(alone));
        Outcome {
            stretches: Agreement::of_stretches(&ours, &theirs),
            windows: Agreement::of_windows(&ours, &theirs, alone.len()),
            apart: found
                .iter()
                .zip(alone)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max),
        }
    });
    let windows: usize = sessions.iter().map(|windows| windows.len()).sum();
    Ok(Outcomes {
        clips: clips.collect(),
        together: batched_at.saturating_sub(began),
        alone: alone_at.saturating_sub(batched_at),
        seconds: (windows * WINDOW) as f64 / 16_000.0,
    })
}

/// Probabilities of each session's windows. In each step every session has one, until its last.
fn batched(model: &SpeechModel, sessions: &[&[[i16; WINDOW]]]) -> Result<Vec<Vec<f32>>, DetectionError> {
    let mut streams = vec![Stream::new(); sessions.len()];
    let mut found = vec![Vec::new(); sessions.len()];
    let steps = sessions.iter().map(|windows| windows.len()).max().unwrap_or(0);
    for step in 0..steps {
        for (stream, windows) in streams.iter_mut().zip(sessions) {
            stream.bring(windows.get(step..=step).unwrap_or_default());
        }
        model.judge(&mut streams)?;
        for (found, stream) in found.iter_mut().zip(&streams) {
            found.extend_from_slice(stream.judged());
        }
    }
    Ok(found)
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
