use std::sync::Arc;
use std::time::{Duration, Instant};

use bedside_conversation::io::{StageFault, WordMark};
use bedside_inference::scheduler::{Class, Scheduler};
use bedside_media::audio::pcm;
use bedside_speech::synthesis::{SynthesisError, Synthesiser, Utterance, clauses};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::{GIVEN_UP_AFTER, NAME, jobs};
use crate::report::Reporter;
use crate::traits::{SynthesisInput, SynthesisOutput, SynthesisParams, SynthesisStream, Synthesizer};

/// Segments that may wait; then the sender waits.
const SEGMENTS_WAITING: usize = 32;

/// Pieces of audio (0.3 to 1.1 s each) that may wait to be taken; then synthesis waits.
const PIECES_WAITING: usize = 4;

/// The patient waits for the first piece.
const FIRST_DEADLINE: Duration = Duration::from_millis(100);

/// Speech synthesis on this machine.
#[derive(Debug, Clone)]
pub struct LocalSynthesizer {
    synthesiser: Synthesiser,
    voice: String,
    scheduler: Arc<Scheduler>,
}

impl LocalSynthesizer {
    pub(super) fn new(synthesiser: Synthesiser, voice: String, scheduler: Arc<Scheduler>) -> Self {
        Self {
            synthesiser,
            voice,
            scheduler,
        }
    }
}

impl Synthesizer for LocalSynthesizer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn voices(&self) -> Vec<String> {
        vec![self.voice.clone()]
    }

    fn open(
        &self,
        params: SynthesisParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        let (input, segments) = mpsc::channel(SEGMENTS_WAITING);
        let (spoken, output) = mpsc::channel(PIECES_WAITING);
        let speaker = Speaker {
            synthesiser: self.synthesiser.clone(),
            scheduler: self.scheduler.clone(),
            speed: params.speed,
            spoken,
            first_by: None,
            runs_out: None,
        };
        tokio::spawn(speaker.run(segments));
        futures::future::ready(Ok(SynthesisStream { input, output })).boxed()
    }
}

struct Speaker {
    synthesiser: Synthesiser,
    scheduler: Arc<Scheduler>,
    speed: f32,
    spoken: mpsc::Sender<Result<SynthesisOutput, StageFault>>,
    /// When the first audio should be there, once there is something to say. All jobs up to it share this deadline: work
    /// that was begun is not to wait behind that of patients who began to wait later.
    first_by: Option<Instant>,
    /// When the audio handed on so far has been played, if it is played without a pause; `None` before the first.
    runs_out: Option<Instant>,
}

/// Why a response's synthesis ends early.
enum End {
    Fault(StageFault),
    /// Nobody listens any more.
    Unheard,
}

impl From<StageFault> for End {
    fn from(fault: StageFault) -> Self {
        Self::Fault(fault)
    }
}

/// What a segment came to.
#[derive(Default)]
struct Spoken {
    samples: usize,
    words: Vec<WordMark>,
    busy: Duration,
}

impl Speaker {
    /// Speaks segment by segment until the last one is spoken or nobody listens. Each send waits for the listener,
    /// who may pause for as long as they keep the stream.
    async fn run(mut self, mut segments: mpsc::Receiver<SynthesisInput>) {
        loop {
            let segment = tokio::select! {
                segment = segments.recv() => segment,
                () = self.spoken.closed() => None,
            };
            let Some(segment) = segment else { return };
            match self.speak(&segment).await {
                Ok(()) => {}
                Err(End::Unheard) => return,
                Err(End::Fault(fault)) => {
                    drop(self.spoken.send(Err(fault)).await);
                    return;
                }
            }
        }
    }

    async fn speak(&mut self, segment: &SynthesisInput) -> Result<(), End> {
        self.first_by
            .get_or_insert_with(|| jobs::deadline(FIRST_DEADLINE));
        let mut spoken = Spoken::default();
        for clause in clauses(&segment.text) {
            let at = clause.start;
            let text = segment.text.get(clause).unwrap_or_default().to_owned();
            self.speak_clause(segment, text, at, &mut spoken).await?;
        }
        let Spoken { words, busy, .. } = spoken;
        self.hand_on(SynthesisOutput::SegmentDone {
            segment: segment.segment,
            words,
            busy,
            provider: NAME,
        })
        .await
    }

    /// Speaks the clause that begins at byte `at` of its segment.
    async fn speak_clause(
        &mut self,
        segment: &SynthesisInput,
        text: String,
        at: usize,
        spoken: &mut Spoken,
    ) -> Result<(), End> {
        let (synthesiser, speed) = (self.synthesiser.clone(), self.speed);
        let rate = synthesiser.rate();
        let before = playing_time(spoken.samples, rate);
        let mut utterance = self
            .run_job(spoken, move || synthesiser.begin(&text, speed))
            .await?;
        spoken.words.extend(utterance.words().iter().map(|word| WordMark {
            text: at + word.text.start..at + word.text.end,
            start: before + word.start,
            end: before + word.end,
        }));
        loop {
            let next = move || next_piece(utterance);
            let (rest, piece) = self.run_job(spoken, next).await?;
            utterance = rest;
            let Some(piece) = piece else { return Ok(()) };
            spoken.samples += piece.len();
            let start = self
                .runs_out
                .map_or_else(Instant::now, |at| at.max(Instant::now()));
            self.runs_out = Some(start + playing_time(piece.len(), rate));
            let pcm = pcm::to_le(&piece);
            self.hand_on(SynthesisOutput::Audio {
                segment: segment.segment,
                pcm,
                rate,
            })
            .await?;
        }
    }

    /// Runs one piece of the work: at the first class until there is something to play, then by the time it runs out.
    async fn run_job<T: Send + 'static>(
        &self,
        spoken: &mut Spoken,
        job: impl FnOnce() -> Result<T, SynthesisError> + Send + 'static,
    ) -> Result<T, End> {
        let (class, deadline) = match (self.runs_out, self.first_by) {
            (Some(runs_out), _) => (Class::LaterSynthesis, runs_out),
            (None, first_by) => {
                let first_by = first_by.unwrap_or_else(|| jobs::deadline(FIRST_DEADLINE));
                (Class::FirstSynthesis, first_by)
            }
        };
        let run = jobs::outcome(self.scheduler.submit(class, deadline, job), GIVEN_UP_AFTER);
        let finished = tokio::select! {
            finished = run => finished?,
            () = self.spoken.closed() => return Err(End::Unheard),
        };
        spoken.busy += finished.busy;
        Ok(finished.value)
    }

    async fn hand_on(&self, output: SynthesisOutput) -> Result<(), End> {
        self.spoken.send(Ok(output)).await.map_err(|_| End::Unheard)
    }
}

fn next_piece(mut utterance: Utterance) -> Result<(Utterance, Option<Vec<i16>>), SynthesisError> {
    let piece = utterance.next_piece()?;
    Ok((utterance, piece))
}

fn playing_time(samples: usize, rate: u32) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(rate))
}
