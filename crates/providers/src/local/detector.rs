use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_conversation::time::AudioPos;
use bedside_inference::scheduler::{Class, Gathering, GatheringConfig, GatheringCounts, Scheduler};
use bedside_media::audio::pcm;
use bedside_speech::detection::{DetectionError, Hearing, SpeechModel, Stream, WINDOW};
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

    fn open(&self) -> DetectorStream {
        let (audio, heard) = mpsc::channel(AUDIO_WAITING);
        let (judged, windows) = mpsc::channel(WINDOWS_WAITING);
        let session = Session {
            detector: self.clone(),
            stream: Stream::NEW,
            pending: Vec::with_capacity(2 * WINDOW),
            next: AudioPos::START,
        };
        tokio::spawn(session.run(heard, judged));
        DetectorStream { audio, windows }
    }
}

struct Session {
    detector: LocalDetector,
    stream: Stream,
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
                Ok(probabilities) => probabilities,
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
            self.stream = Stream::NEW;
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

    /// The probability of each window; all go to the model in one piece.
    async fn judge(&mut self, windows: Vec<[i16; WINDOW]>) -> Result<Vec<f32>, StageFault> {
        let hearing = Hearing::new(self.stream.clone(), windows);
        let run = self.detector.runs.submit(jobs::deadline(DEADLINE), hearing);
        let (hearing, probabilities) = jobs::outcome(run, LIMIT).await?.value;
        self.stream = hearing.into_stream();
        Ok(probabilities)
    }
}
