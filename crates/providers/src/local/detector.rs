use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::vec;

use bedside_conversation::io::StageFault;
use bedside_conversation::time::AudioPos;
use bedside_inference::scheduler::{Class, Finished, Gathering, GatheringConfig, GatheringCounts, Scheduler};
use bedside_media::audio::pcm;
use bedside_speech::detection::{DetectionError, Hearing, SpeechModel, Stream, WINDOW};
use futures::FutureExt;
use futures::future::BoxFuture;

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

/// A hearing and the probabilities of its windows; the reason for a failure is that of the whole run.
type Judged = Result<(Hearing, Vec<f32>), Arc<DetectionError>>;

/// Speech detection on this machine. Cloning shares the model and its runs.
#[derive(Debug, Clone)]
pub struct LocalDetector {
    runs: Arc<Gathering<Hearing, Judged>>,
}

impl LocalDetector {
    pub(super) fn new(model: SpeechModel, scheduler: Arc<Scheduler>) -> Self {
        Self {
            runs: Arc::new(Gathering::new(scheduler, TOGETHER, move |hearings| {
                judge(&model, hearings)
            })),
        }
    }

    /// How judgements were gathered so far, for all sessions.
    pub fn counts(&self) -> GatheringCounts {
        self.runs.counts()
    }
}

fn judge(model: &SpeechModel, mut hearings: Vec<Hearing>) -> Vec<Judged> {
    match model.judge(&mut hearings) {
        Ok(judged) => hearings.into_iter().zip(judged).map(Ok).collect(),
        Err(error) => {
            let error = Arc::new(error);
            hearings.iter().map(|_| Err(error.clone())).collect()
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
            stream: Stream::NEW,
            pending: Vec::new(),
            next: AudioPos::START,
            run: None,
            judged: vec::IntoIter::default(),
            judged_to: AudioPos::START,
        })
    }
}

/// Windows being judged.
type Run = BoxFuture<'static, Result<Finished<(Hearing, Vec<f32>)>, StageFault>>;

struct Session {
    runs: Arc<Gathering<Hearing, Judged>>,
    stream: Stream,
    /// Samples that are not being judged; the last one is just before `next`.
    pending: Vec<i16>,
    next: AudioPos,
    run: Option<Run>,
    /// Judgements that have not been taken, and where the first one's window begins.
    judged: vec::IntoIter<f32>,
    judged_to: AudioPos,
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
            if let Some(probability) = self.judged.next() {
                let end = self.judged_to + WINDOW as u64;
                self.judged_to = end;
                return Poll::Ready(Ok(SpeechWindow { end, probability }));
            }
            let Some(run) = &mut self.run else {
                if self.pending.len() < WINDOW {
                    return Poll::Pending;
                }
                self.run = Some(self.judge());
                continue;
            };
            let outcome = ready!(run.as_mut().poll(cx));
            self.run = None;
            let (hearing, probabilities) = outcome?.value;
            self.stream = hearing.into_stream();
            self.judged = probabilities.into_iter();
        }
    }

    fn waiting(&self) -> u64 {
        self.pending.len() as u64
    }
}

impl Session {
    /// Forgets all audio before `at`.
    fn begin_at(&mut self, at: AudioPos) {
        self.stream = Stream::NEW;
        self.pending.clear();
        self.run = None;
        self.judged = vec::IntoIter::default();
        self.judged_to = at;
    }

    /// Has all whole windows judged, in one piece. The stream is where it was until they are.
    fn judge(&mut self) -> Run {
        let (windows, rest) = self.pending.as_chunks::<WINDOW>();
        let (windows, rest) = (windows.to_vec(), rest.len());
        self.pending.drain(..self.pending.len() - rest);
        let hearing = Hearing::new(self.stream.clone(), windows);
        let run = self.runs.submit(jobs::deadline(DEADLINE), hearing);
        jobs::outcome(run, LIMIT).boxed()
    }
}
