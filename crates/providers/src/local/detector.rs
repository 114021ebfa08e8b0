use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::time::AudioPos;
use bedside_inference::scheduler::{Class, Gathering, GatheringConfig, GatheringCounts, Handle, Scheduler};
use bedside_media::audio::pcm;
use bedside_speech::detection::{DetectionError, SpeechModel, Stream, WINDOW};
use futures::FutureExt;
use tokio::time::{Instant, Sleep};

use super::{NAME, jobs};
use crate::traits::{BusAudio, DetectorStream, SpeechDetector, SpeechWindow};

/// A window must be judged before the next one is there.
const DEADLINE: Duration = Duration::from_millis(32);

/// A second without a judgement (thirty windows) is worse than a fault.
const LIMIT: Duration = Duration::from_secs(1);

/// Windows of all sessions are judged together, for less work than each alone. A session alone does not wait.
const TOGETHER: GatheringConfig = GatheringConfig {
    class: Class::SpeechDetection,
    linger: Duration::from_millis(4),
    enough: 64,
    capacity: 4_096,
};

/// A stream whose windows are judged; the reason for a failure is that of the whole run. Boxed, as it goes from hand to
/// hand thirty times a second.
type Judged = Result<Box<Stream>, Arc<DetectionError>>;

/// Speech detection on this machine. Cloning shares the model and its runs.
#[derive(Debug, Clone)]
pub struct LocalDetector {
    runs: Arc<Gathering<Box<Stream>, Judged>>,
}

impl LocalDetector {
    pub(super) fn new(model: SpeechModel, scheduler: Arc<Scheduler>) -> Self {
        Self {
            runs: Arc::new(Gathering::new(scheduler, TOGETHER, move |streams| {
                judge(&model, streams)
            })),
        }
    }

    /// How judgements were gathered so far, for all sessions.
    pub fn counts(&self) -> GatheringCounts {
        self.runs.counts()
    }
}

#[expect(clippy::vec_box, reason = "they are moved about outside of it")]
fn judge(model: &SpeechModel, mut streams: Vec<Box<Stream>>) -> Vec<Judged> {
    match model.judge(&mut streams) {
        Ok(()) => streams.into_iter().map(Ok).collect(),
        Err(error) => {
            let error = Arc::new(error);
            streams.iter().map(|_| Err(error.clone())).collect()
        }
    }
}

impl SpeechDetector for LocalDetector {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(&self) -> Box<dyn DetectorStream> {
        Box::new(Session {
            runs: Arc::clone(&self.runs),
            pending: Vec::new(),
            next: AudioPos::START,
            stream: None,
            taken: 0,
            judged_to: AudioPos::START,
            run: None,
            alarm: Box::pin(tokio::time::sleep(LIMIT)),
        })
    }
}

struct Session {
    runs: Arc<Gathering<Box<Stream>, Judged>>,
    /// Samples that are not being judged; the last one is just before `next`.
    pending: Vec<i16>,
    next: AudioPos,
    /// `None` before the first windows, and while windows are being judged.
    stream: Option<Box<Stream>>,
    /// Of the stream's judgements so many were taken; where the next one's window begins.
    taken: usize,
    judged_to: AudioPos,
    /// Windows being judged.
    run: Option<Run>,
    /// Goes off when a run has taken too long, or earlier: it is not set anew for each.
    alarm: Pin<Box<Sleep>>,
}

struct Run {
    outcome: Handle<Judged>,
    until: Instant,
}

impl DetectorStream for Session {
    fn push(&mut self, audio: &BusAudio) -> bool {
        if audio.at != self.next {
            self.begin_at(audio.at);
        }
        self.pending.extend(pcm::samples(&audio.pcm));
        self.next = audio.at + (audio.pcm.len() / 2) as u64;
        self.run.is_none() && self.pending.len() >= WINDOW
    }

    fn poll_window(&mut self, cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>> {
        loop {
            let judged = self.stream.as_ref().map_or(&[][..], |stream| stream.judged());
            if let Some(&probability) = judged.get(self.taken) {
                let end = self.judged_to + WINDOW as u64;
                self.taken += 1;
                self.judged_to = end;
                return Poll::Ready(Ok(SpeechWindow { end, probability }));
            }
            let Some(run) = &mut self.run else {
                if self.pending.len() < WINDOW {
                    return Poll::Pending;
                }
                self.judge();
                continue;
            };
            let Poll::Ready(answer) = run.outcome.poll_unpin(cx) else {
                let until = run.until;
                return self.poll_limit(cx, until).map(Err);
            };
            self.run = None;
            self.stream = Some(jobs::result(answer)?.value);
            self.taken = 0;
        }
    }

    fn waiting(&self) -> u64 {
        self.pending.len() as u64
    }
}

impl Session {
    /// Forgets all audio before `at`.
    fn begin_at(&mut self, at: AudioPos) {
        self.pending.clear();
        self.stream = None;
        self.taken = 0;
        self.judged_to = at;
        self.run = None;
    }

    /// Has all whole windows judged, in one piece.
    fn judge(&mut self) {
        let (windows, rest) = self.pending.as_chunks::<WINDOW>();
        let judged = self.pending.len() - rest.len();
        let mut stream = self.stream.take().unwrap_or_default();
        stream.bring(windows);
        self.pending.drain(..judged);
        self.taken = 0;
        self.run = Some(Run {
            outcome: self.runs.submit(jobs::deadline(DEADLINE), stream),
            until: Instant::now() + LIMIT,
        });
    }

    /// Why there is no judgement, once it is past `until`.
    fn poll_limit(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<StageFault> {
        while self.alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= until {
                return Poll::Ready(jobs::fault(FaultKind::Timeout));
            }
            self.alarm.as_mut().reset(until);
        }
        Poll::Pending
    }
}
