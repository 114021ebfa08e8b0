//! The models on this machine, as providers. They are loaded once, shared by all sessions, and run on the threads of one
//! deadline scheduler.
//!
//! Streams are served by tokio tasks: `open` must be called within a runtime, and a task ends with its stream.

mod detector;
mod files;
mod jobs;
mod judge;
mod synthesizer;
mod transcriber;
mod vitals;

use std::sync::Arc;
use std::time::Duration;

use bedside_inference::model::{LoadOptions, ModelError, Threads};
use bedside_inference::scheduler::{Config, Scheduler};
use bedside_sight::FaceModel;
use bedside_speech::detection::{DetectionError, SpeechModel};
use bedside_speech::recogniser::{Recogniser, RecogniserError};
use bedside_speech::synthesis::{SynthesisError, Synthesiser, Voice};
use bedside_speech::turn::EndOfTurn;

pub use detector::LocalDetector;
pub use files::LocalFiles;
pub use judge::LocalTurnJudge;
pub use synthesizer::LocalSynthesizer;
pub use transcriber::LocalTranscriber;
pub use vitals::{LocalVitals, RegionMode, ScanFault, Scanner};

/// The name of everything here in metrics and events.
pub const NAME: &str = "local";

/// A job that has not been done within this never will be. Until then it is merely late: there are more jobs than this
/// machine can do in time, and a late answer is better than an apology. Whoever has somebody else to turn to does not
/// wait as long ([`EventLimits::local`](crate::resilience::EventLimits::local)).
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(20);

/// How the models are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalOptions {
    /// The threads models run on.
    pub scheduler: Config,
    /// Keep the recogniser's weights in the layout the kernels like: faster for twice its memory.
    pub prepack: bool,
    /// A partial transcript is made each time this much more has been heard.
    pub partial_every: Duration,
    /// How much of the patient's audio is kept for an utterance that has not begun or ended yet: the longest one that
    /// push-to-talk can commit whole. A session holds 32 kB for each second of it.
    pub audio_kept: Duration,
}

impl Default for LocalOptions {
    /// Partials twice a second; five minutes of audio (9.6 MB at worst), longer than anyone holds a button.
    fn default() -> Self {
        Self {
            scheduler: Config::default(),
            prepack: true,
            partial_every: Duration::from_millis(500),
            audio_kept: Duration::from_secs(300),
        }
    }
}

/// Why the local models did not load.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The end-of-turn or face detection model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The speech detection model.
    #[error(transparent)]
    Detection(#[from] DetectionError),
    /// The recogniser.
    #[error(transparent)]
    Recogniser(#[from] RecogniserError),
    /// The voice.
    #[error(transparent)]
    Voice(#[from] SynthesisError),
}

/// The loaded models and their threads. Cloning shares them.
#[derive(Debug, Clone)]
pub struct LocalModels {
    detector: LocalDetector,
    end_of_turn: EndOfTurn,
    recogniser: Recogniser,
    synthesiser: Synthesiser,
    voice: Arc<str>,
    faces: Option<FaceModel>,
    scheduler: Arc<Scheduler>,
    options: LocalOptions,
}

impl LocalModels {
    /// Loads every model and starts the threads. Blocks for about a second.
    pub fn load(files: &LocalFiles, options: LocalOptions) -> Result<Self, LocalError> {
        let one_thread = LoadOptions {
            prepack: options.prepack,
            threads: Threads::One,
        };
        let synthesiser = Synthesiser::new(Voice::load(&files.voice.model, &files.voice.config)?);
        let sounds = synthesiser.phonemiser();
        let scheduler = Arc::new(Scheduler::new(options.scheduler));
        let detection = SpeechModel::load(&files.speech_detection)?;
        Ok(Self {
            detector: LocalDetector::new(detection, scheduler.clone()),
            end_of_turn: EndOfTurn::load(&files.end_of_turn, one_thread)?,
            recogniser: Recogniser::load_for_medicine(&files.recogniser, one_thread, sounds)?,
            synthesiser,
            voice: files.voice_name.as_str().into(),
            faces: files.face_detection.as_deref().map(FaceModel::load).transpose()?,
            scheduler,
            options,
        })
    }

    /// Speech detection by Silero, for all sessions together.
    pub fn detector(&self) -> LocalDetector {
        self.detector.clone()
    }

    /// End of turn by Smart Turn.
    pub fn turn_judge(&self) -> LocalTurnJudge {
        LocalTurnJudge::new(self.end_of_turn.clone(), self.scheduler.clone())
    }

    /// Speech to text by Whisper.
    pub fn transcriber(&self) -> LocalTranscriber {
        LocalTranscriber::new(self.recogniser.clone(), self.scheduler.clone(), self.options)
    }

    /// Text to speech by a Piper voice.
    pub fn synthesizer(&self) -> LocalSynthesizer {
        LocalSynthesizer::new(
            self.synthesiser.clone(),
            self.voice.to_string(),
            self.scheduler.clone(),
        )
    }

    /// Vital signs from video, if there is a model that finds faces.
    pub fn vitals(&self) -> Option<LocalVitals> {
        let faces = self.faces.clone()?;
        Some(LocalVitals::new(faces, self.scheduler.clone()))
    }

    /// The threads, for their metrics.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }
}
