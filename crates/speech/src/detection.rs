//! Speech detection by Silero VAD: how likely each 32 ms of audio is speech.
//!
//! Every window is judged. A gate that lets the model sleep in steady noise was tried and left out: the model's memory
//! drifts for many seconds, silence included, and colours what comes next, so that one stretch of speech in twenty began
//! or ended elsewhere. What digital silence saves is the part of the network before the memory; noise of −70 dB of full
//! scale already matters.

mod layer;
mod network;

use std::borrow::BorrowMut;
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

/// A gapless stream: what the model remembers of it, which colours each judgement, and the windows it is to judge next.
#[derive(Debug, Clone)]
pub struct Stream {
    context: [f32; CONTEXT],
    memory: Memory,
    windows: Vec<[i16; WINDOW]>,
    judged: Vec<f32>,
}

impl SpeechModel {
    /// Loads the published ONNX file.
    pub fn load(path: &Path) -> Result<Self, DetectionError> {
        let network = Network::new(Weights::read(path)?)?;
        Ok(Self {
            network: Arc::new(network),
        })
    }

    /// Judges the windows that each stream brings. Many streams judged together cost less than each alone. After an error
    /// the streams are of no use.
    pub fn judge<S: BorrowMut<Stream> + Send>(&self, streams: &mut [S]) -> Result<(), DetectionError> {
        in_lane(|| self.judge_here(streams.iter_mut().map(BorrowMut::borrow_mut).collect()))
    }

    fn judge_here(&self, mut streams: Vec<&mut Stream>) -> Result<(), DetectionError> {
        let inputs: Vec<_> = streams.iter().flat_map(|stream| stream.inputs()).collect();
        let sounds: Vec<_> = inputs.iter().filter(|input| !is_silent(input)).collect();
        let encoded = self.network.encode(&sounds)?;
        let mut encoded = encoded.chunks_exact(UNITS);
        let features: Vec<&[f32]> = inputs
            .iter()
            .map(|input| {
                let sound = if is_silent(input) { None } else { encoded.next() };
                sound.unwrap_or(self.network.silence())
            })
            .collect();
        for stream in &mut streams {
            stream.judged.clear();
        }
        let rounds = streams.iter().map(|stream| stream.windows.len()).max();
        for round in 0..rounds.unwrap_or(0) {
            let mut first = 0;
            let (features, mut memories, judged): (Vec<_>, Vec<_>, Vec<_>) = streams
                .iter_mut()
                .filter_map(|stream| {
                    let own = &features[first..][..stream.windows.len()];
                    first += own.len();
                    Some((*own.get(round)?, &mut stream.memory, &mut stream.judged))
                })
                .collect();
            let probabilities = self.network.step(&features, &mut memories)?;
            for (judged, probability) in judged.into_iter().zip(probabilities) {
                judged.push(probability);
            }
        }
        for stream in streams {
            if let Some(last) = stream.windows.last() {
                stream.context = context(last);
            }
            stream.windows.clear();
        }
        Ok(())
    }
}

impl Stream {
    /// A stream that has not begun.
    pub const fn new() -> Self {
        Self {
            context: [0.0; CONTEXT],
            memory: Memory::EMPTY,
            windows: Vec::new(),
            judged: Vec::new(),
        }
    }

    /// Adds to the windows to be judged next; 16 kHz PCM, in order.
    pub fn bring(&mut self, windows: &[[i16; WINDOW]]) {
        self.windows.extend_from_slice(windows);
    }

    /// Probability, 0 to 1, that each of the windows judged last is speech; empty if there were none to judge.
    pub fn judged(&self) -> &[f32] {
        &self.judged
    }

    /// Each window as the network wants it, with its context before it.
    fn inputs(&self) -> impl Iterator<Item = [f32; CONTEXT + WINDOW]> {
        let mut before = self.context;
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

impl Default for Stream {
    fn default() -> Self {
        Self::new()
    }
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
