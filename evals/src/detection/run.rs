//! All clips at once, as sessions beside each other, and each alone.

use std::fmt;
use std::time::Duration;

use bedside_speech::detection::{Hearing, Listener, SpeechModel, WINDOW};
use rustix::time::{ClockId, clock_gettime};

use crate::Fault;
use crate::published::Published;
use crate::segments::{Agreement, stretches};

/// What came of one session, or of several.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) stretches: Agreement,
    pub(crate) windows: Agreement,
    judged: usize,
    of: usize,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Self) {
        self.stretches.add(other.stretches);
        self.windows.add(other.windows);
        self.judged += other.judged;
        self.of += other.of;
    }

    /// Share of the windows that the model judged.
    pub(crate) fn judged(&self) -> f64 {
        self.judged as f64 / self.of as f64
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "F1 of stretches {:.4}, of windows {:.4}, {:.0} % judged",
            self.stretches.f1(),
            self.windows.f1(),
            100.0 * self.judged()
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
    let (found, judged) = gated(model, &sessions)?;
    let gated_at = processor_time();
    let alone: Vec<Vec<f32>> = sessions
        .iter()
        .map(|windows| published.judge(windows))
        .collect::<Result<_, _>>()?;
    let alone_at = processor_time();
    let clips = found.iter().zip(&alone).zip(judged).map(|((found, alone), judged)| {
        let (ours, theirs) = (stretches(found), stretches(alone));
        Outcome {
            stretches: Agreement::of_stretches(&ours, &theirs),
            windows: Agreement::of_windows(&ours, &theirs, alone.len()),
            judged,
            of: alone.len(),
        }
    });
    let windows: usize = sessions.iter().map(|windows| windows.len()).sum();
    Ok(Outcomes {
        clips: clips.collect(),
        together: gated_at.saturating_sub(began),
        alone: alone_at.saturating_sub(gated_at),
        seconds: (windows * WINDOW) as f64 / 16_000.0,
    })
}

/// Probabilities of each session's windows, and how many the model judged. In each step every session has one window.
fn gated(model: &SpeechModel, sessions: &[&[[i16; WINDOW]]]) -> Result<(Vec<Vec<f32>>, Vec<usize>), Fault> {
    let mut listeners: Vec<Listener> = sessions.iter().map(|_| Listener::new()).collect();
    let mut found = vec![Vec::new(); sessions.len()];
    let mut judged = vec![0; sessions.len()];
    let steps = sessions.iter().map(|windows| windows.len()).max().unwrap_or(0);
    for step in 0..steps {
        let mut askers = Vec::new();
        let mut hearings: Vec<Hearing> = Vec::new();
        for (index, windows) in sessions.iter().enumerate() {
            let Some(window) = windows.get(step) else { continue };
            let attention = listeners[index].attend(std::slice::from_ref(window));
            match attention.hearing {
                None => found[index].push(0.0),
                Some(hearing) => {
                    askers.push(index);
                    hearings.push(hearing);
                }
            }
        }
        let answers = model.judge(&mut hearings)?;
        for ((index, hearing), answer) in askers.into_iter().zip(hearings).zip(answers) {
            judged[index] += answer.len();
            found[index].extend(listeners[index].learn(hearing, &answer));
        }
    }
    Ok((found, judged))
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
