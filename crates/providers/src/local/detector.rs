use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_conversation::time::AudioPos;
use bedside_inference::model::ModelError;
use bedside_inference::scheduler::{Class, Scheduler};
use bedside_media::audio::pcm;
use bedside_speech::detection::{self, SpeechModel, WINDOW};
use tokio::sync::mpsc;

use super::{NAME, jobs};
use crate::traits::{BusAudio, DetectorStream, SpeechDetector, SpeechWindow};

/// Pieces of audio that may wait: two seconds of 20 ms frames. Then the sender waits.
const AUDIO_WAITING: usize = 100;

/// Judgements that may wait: two seconds of windows. Then detection waits.
const WINDOWS_WAITING: usize = 64;

/// A window must be judged before the next one is there.
const DEADLINE: Duration = Duration::from_millis(32);

/// A second without a judgement (thirty windows) is worse than a fault.
const LIMIT: Duration = Duration::from_secs(1);

/// Speech detection on this machine.
#[derive(Debug, Clone)]
pub struct LocalDetector {
    model: SpeechModel,
    scheduler: Arc<Scheduler>,
}

impl LocalDetector {
    pub(super) fn new(model: SpeechModel, scheduler: Arc<Scheduler>) -> Self {
        Self { model, scheduler }
    }
}

impl SpeechDetector for LocalDetector {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(&self) -> DetectorStream {
        let (audio, heard) = mpsc::channel(AUDIO_WAITING);
        let (judged, windows) = mpsc::channel(WINDOWS_WAITING);
        let session = Session {
            detector: self.model.open(),
            scheduler: self.scheduler.clone(),
            pending: Vec::with_capacity(2 * WINDOW),
            next: AudioPos::START,
        };
        tokio::spawn(session.run(heard, judged));
        DetectorStream { audio, windows }
    }
}

struct Session {
    detector: detection::SpeechDetector,
    scheduler: Arc<Scheduler>,
    /// Samples that do not fill a window yet; the last one is just before `next`.
    pending: Vec<i16>,
    next: AudioPos,
}

impl Session {
    /// Serves the stream until either end is dropped or the model fails.
    async fn run(
        mut self,
        mut heard: mpsc::Receiver<BusAudio>,
        judged: mpsc::Sender<Result<SpeechWindow, StageFault>>,
    ) {
        loop {
            let audio = tokio::select! {
                audio = heard.recv() => audio,
                () = judged.closed() => None,
            };
            let Some(audio) = audio else { return };
            self.take(&audio);
            let windows = self.full_windows();
            if windows.is_empty() {
                continue;
            }
            let first_end = AudioPos::from_samples(
                self.next.samples() - (self.pending.len() + (windows.len() - 1) * WINDOW) as u64,
            );
            let probabilities = match self.judge(windows).await {
                Ok((session, probabilities)) => {
                    self = session;
                    probabilities
                }
                Err(fault) => {
                    // Whoever listens is told once; if nobody does, there is nobody to tell.
                    drop(judged.send(Err(fault)).await);
                    return;
                }
            };
            for (index, probability) in probabilities.into_iter().enumerate() {
                let end = first_end + (index * WINDOW) as u64;
                if judged.send(Ok(SpeechWindow { end, probability })).await.is_err() {
                    return;
                }
            }
        }
    }

    fn take(&mut self, audio: &BusAudio) {
        if audio.at != self.next {
            self.pending.clear();
            self.detector.reset();
        }
        self.pending.extend(pcm::samples(&audio.pcm));
        self.next = audio.at + (audio.pcm.len() / 2) as u64;
    }

    fn full_windows(&mut self) -> Vec<[i16; WINDOW]> {
        let (windows, rest) = self.pending.as_chunks::<WINDOW>();
        let (windows, rest) = (windows.to_vec(), rest.len());
        self.pending.drain(..self.pending.len() - rest);
        windows
    }

    /// Judges the windows at hand in one job; the detector travels with it.
    async fn judge(self, windows: Vec<[i16; WINDOW]>) -> Result<(Self, Vec<f32>), StageFault> {
        let Self {
            mut detector,
            scheduler,
            pending,
            next,
        } = self;
        let job = scheduler.submit(Class::SpeechDetection, jobs::deadline(DEADLINE), move || {
            let judged: Result<Vec<_>, ModelError> = windows.iter().map(|w| detector.judge(w)).collect();
            judged.map(|probabilities| (detector, probabilities))
        });
        let (detector, probabilities) = jobs::outcome(job, LIMIT).await?.value;
        Ok((
            Self {
                detector,
                scheduler,
                pending,
                next,
            },
            probabilities,
        ))
    }
}
