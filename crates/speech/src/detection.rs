//! Speech detection by Silero VAD: how likely each 32 ms of audio is speech.
//!
//! Every window is judged. A gate that lets the model sleep in steady noise was tried and left out: the model's memory
//! drifts for many seconds, silence included, and colours what comes next, so that one stretch of speech in twenty began
//! or ended elsewhere. What digital silence saves is the part of the network before the memory; noise of −70 dB of full
//! scale already matters.

mod layer;
mod network;

use std::path::Path;
use std::sync::Arc;

use bedside_inference::model::in_lane;
use bedside_inference::weights::{Weights, WeightsError};
use network::{Memory, Network, UNITS};
use rten_gemm::GemmError;

/// Samples (16 kHz) judged at a time.
pub const WINDOW: usize = 512;

/// Samples of the previous window the model sees before each one.
const CONTEXT: usize = 64;

/// Why speech could not be detected.
#[derive(Debug, thiserror::Error)]
pub enum DetectionError {
    /// The model's weights are not as published.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A matrix product was refused.
    #[error("the network failed: {0}")]
    Network(#[from] GemmError),
}

/// The model; judges any number of streams together. Cloning shares it.
#[derive(Debug, Clone)]
pub struct SpeechModel {
    network: Arc<Network>,
}

/// What the model remembers of one gapless stream, which colours each judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    context: [f32; CONTEXT],
    memory: Memory,
}

/// The next windows of one stream, to be judged.
#[derive(Debug)]
pub struct Hearing {
    stream: Stream,
    windows: Vec<[i16; WINDOW]>,
}

impl SpeechModel {
    /// Loads the published ONNX file.
    pub fn load(path: &Path) -> Result<Self, DetectionError> {
        let network = Network::new(Weights::read(path)?)?;
        Ok(Self {
            network: Arc::new(network),
        })
    }

    /// Probability, 0 to 1, that each window of each stream is speech. Many streams judged together cost less
    /// than each alone. After an error all streams are as before.
    pub fn judge(&self, hearings: &mut [Hearing]) -> Result<Vec<Vec<f32>>, DetectionError> {
        in_lane(|| self.judge_here(hearings))
    }

    fn judge_here(&self, hearings: &mut [Hearing]) -> Result<Vec<Vec<f32>>, DetectionError> {
        let inputs: Vec<_> = hearings.iter().flat_map(Hearing::inputs).collect();
        let sounds: Vec<_> = inputs.iter().filter(|input| !is_silent(input)).collect();
        let features = self.network.encode(&sounds)?;
        let mut features = features.chunks_exact(UNITS);
        let mut features = inputs.iter().map(|input| {
            let sound = if is_silent(input) { None } else { features.next() };
            sound.unwrap_or(self.network.silence())
        });
        let features: Vec<Vec<&[f32]>> = hearings
            .iter()
            .map(|hearing| features.by_ref().take(hearing.windows.len()).collect())
            .collect();
        let mut memories: Vec<Memory> = hearings.iter().map(|h| h.stream.memory.clone()).collect();
        let mut judged: Vec<Vec<f32>> = vec![Vec::new(); hearings.len()];
        let rounds = hearings.iter().map(|h| h.windows.len()).max().unwrap_or(0);
        for round in 0..rounds {
            let (features, mut memories): (Vec<&[f32]>, Vec<&mut Memory>) = features
                .iter()
                .zip(&mut memories)
                .filter_map(|(features, memory)| Some((*features.get(round)?, memory)))
                .unzip();
            let mut probabilities = self.network.step(&features, &mut memories)?.into_iter();
            for (judged, hearing) in judged.iter_mut().zip(hearings.iter()) {
                if round < hearing.windows.len() {
                    judged.extend(probabilities.next());
                }
            }
        }
        for (hearing, memory) in hearings.iter_mut().zip(memories) {
            hearing.stream.memory = memory;
            if let Some(last) = hearing.windows.last() {
                hearing.stream.context = context(last);
            }
        }
        Ok(judged)
    }
}

impl Hearing {
    /// The next windows of a stream, 16 kHz PCM, in order.
    pub const fn new(stream: Stream, windows: Vec<[i16; WINDOW]>) -> Self {
        Self { stream, windows }
    }

    /// The stream, taken further by the windows if they were judged.
    pub fn into_stream(self) -> Stream {
        self.stream
    }

    /// Each window as the network wants it, with its context before it.
    fn inputs(&self) -> impl Iterator<Item = [f32; CONTEXT + WINDOW]> {
        let mut before = self.stream.context;
        self.windows.iter().map(move |window| {
            let mut input = [0.0; CONTEXT + WINDOW];
            input[..CONTEXT].copy_from_slice(&before);
            for (slot, sample) in input[CONTEXT..].iter_mut().zip(window) {
                *slot = level(*sample);
            }
            before = context(window);
            input
        })
    }
}

impl Stream {
    /// A stream that has not begun.
    pub const NEW: Self = Self {
        context: [0.0; CONTEXT],
        memory: Memory::EMPTY,
    };
}

fn context(window: &[i16; WINDOW]) -> [f32; CONTEXT] {
    let mut context = [0.0; CONTEXT];
    for (slot, sample) in context.iter_mut().zip(&window[WINDOW - CONTEXT..]) {
        *slot = level(*sample);
    }
    context
}

/// Whether it is a muted microphone's, or one whose noise is suppressed to nothing.
fn is_silent(input: &[f32; CONTEXT + WINDOW]) -> bool {
    input.iter().all(|sample| *sample == 0.0)
}

fn level(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}
