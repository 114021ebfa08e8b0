//! Silero VAD's network (version 5, 16 kHz), run by hand for many streams at once.
//!
//! The published graph spends nine tenths of its time in the runtime between operators that last microseconds, and
//! its convolutions go window by window. Here every layer is one matrix product over all windows at hand:
//! short-time spectrum (a Hann window, 256 samples every 128) → four convolutions over time → LSTM → one unit.

use std::fmt;
use std::sync::Arc;

use bedside_inference::weights::Weights;
use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};
use rten_gemm::GemmError;
use rten_simd::SimdUnaryOp;
use rten_vecmath::{Sigmoid, Tanh};

use super::layer::Layer;
use super::{CONTEXT, DetectionError, WINDOW};

/// Units of the LSTM, and of what it is given.
pub(super) const UNITS: usize = 128;

/// Windows in one product: their spectra and the weights share a core's second cache.
pub(super) const AT_ONCE: usize = 16;

const FRAME: usize = 256;
const HOP: usize = 128;
/// Samples mirrored at the end of the input.
const MIRRORED: usize = 64;
const FRAMES: usize = (CONTEXT + WINDOW + MIRRORED - FRAME) / HOP + 1;
const BINS: usize = FRAME / 2 + 1;
/// Every convolution sees a frame and its neighbours.
const TAPS: usize = 3;
/// Channels out of the first two convolutions and the third.
const WIDE: usize = 128;
const NARROW: usize = 64;

/// What the graph calls the branch for 16 kHz.
const BRANCH: &str = "If_0_then_branch__Inline_0__";

/// The LSTM's memory of one stream.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Memory {
    hidden: [f32; UNITS],
    cell: [f32; UNITS],
}

impl Memory {
    pub(super) const EMPTY: Self = Self {
        hidden: [0.0; UNITS],
        cell: [0.0; UNITS],
    };
}

/// The weights, in the layout the kernels like.
pub(super) struct Network {
    spectrum: Arc<dyn RealToComplex<f32>>,
    hann: [f32; FRAME],
    encoder: [Layer; 4],
    lstm: Layer,
    out: [f32; UNITS],
    out_bias: f32,
    silence: Vec<f32>,
}

impl Network {
    pub(super) fn new(mut weights: Weights) -> Result<Self, DetectionError> {
        let mut take = |name: &str, shape: &[usize]| weights.take(&format!("{BRANCH}{name}"), shape);
        let basis = take("stft.forward_basis_buffer", &[2 * BINS, 1, FRAME])?;
        let mut hann = [0.0; FRAME];
        // The basis for frequency zero is the window itself.
        hann.copy_from_slice(&basis[..FRAME]);
        // Of the last two convolutions, some taps only ever see the zeros beside the frames.
        let mut convolution = |index: usize, from: usize, to: usize, taps: std::ops::Range<usize>| {
            let name = format!("encoder.{index}.reparam_conv");
            let weight = take(&format!("{name}.weight"), &[to, from, TAPS])?;
            let bias = take(&format!("{name}.bias"), &[to])?;
            let by_tap =
                |(tap, channel): (usize, usize), unit: usize| weight[(unit * from + channel) * TAPS + tap];
            let rows = taps.flat_map(|tap| (0..from).map(move |channel| (tap, channel)));
            Ok::<_, DetectionError>(Layer::new(rows, by_tap, bias))
        };
        let encoder = [
            convolution(0, BINS, WIDE, 0..3)?,
            convolution(1, WIDE, NARROW, 0..3)?,
            convolution(2, NARROW, NARROW, 1..3)?,
            convolution(3, NARROW, UNITS, 1..2)?,
        ];
        let from_input = take("decoder.rnn.weight_ih", &[4 * UNITS, UNITS])?;
        let from_hidden = take("decoder.rnn.weight_hh", &[4 * UNITS, UNITS])?;
        let bias = take("decoder.rnn.bias_ih", &[4 * UNITS])?
            .iter()
            .zip(take("decoder.rnn.bias_hh", &[4 * UNITS])?)
            .map(|(a, b)| a + b)
            .collect();
        let gates = |row: usize, gate: usize| match row.checked_sub(UNITS) {
            None => from_input[gate * UNITS + row],
            Some(row) => from_hidden[gate * UNITS + row],
        };
        let lstm = Layer::new(0..2 * UNITS, gates, bias);
        let mut out = [0.0; UNITS];
        out.copy_from_slice(&take("decoder.decoder.2.weight", &[1, UNITS, 1])?);
        let out_bias = take("decoder.decoder.2.bias", &[1])?[0];
        let mut network = Self {
            spectrum: RealFftPlanner::new().plan_fft_forward(FRAME),
            hann,
            encoder,
            lstm,
            out,
            out_bias,
            silence: Vec::new(),
        };
        network.silence = network.encode(&[&[0.0; CONTEXT + WINDOW]])?;
        Ok(network)
    }

    /// What the LSTM is given for a window of silence.
    pub(super) fn silence(&self) -> &[f32] {
        &self.silence
    }

    /// What the LSTM is given for each window (with its context before it), `UNITS` floats each.
    pub(super) fn encode(&self, windows: &[&[f32; CONTEXT + WINDOW]]) -> Result<Vec<f32>, GemmError> {
        let mut features = Vec::with_capacity(windows.len() * UNITS);
        for windows in windows.chunks(AT_ONCE) {
            features.extend(self.encode_some(windows)?);
        }
        Ok(features)
    }

    fn encode_some(&self, windows: &[&[f32; CONTEXT + WINDOW]]) -> Result<Vec<f32>, GemmError> {
        let mut scratch = Scratch::new(&*self.spectrum);
        let spectra: Vec<f32> = windows
            .iter()
            .flat_map(|window| self.magnitudes(window, &mut scratch))
            .collect();
        let layer = |index: usize, columns: Vec<f32>| {
            let mut out = self.encoder[index].apply(&columns)?;
            for x in &mut out {
                *x = x.max(0.0);
            }
            Ok(out)
        };
        let wide = layer(0, neighbours::<BINS, FRAMES>(&spectra, 1))?;
        let narrow = layer(1, neighbours::<WIDE, FRAMES>(&wide, 2))?;
        let narrow = layer(2, narrow)?;
        layer(3, narrow)
    }

    /// Magnitudes of the spectrum of each frame.
    fn magnitudes(&self, window: &[f32; CONTEXT + WINDOW], scratch: &mut Scratch) -> [f32; FRAMES * BINS] {
        let mut mirrored = [0.0; CONTEXT + WINDOW + MIRRORED];
        let (heard, mirror) = mirrored.split_at_mut(CONTEXT + WINDOW);
        heard.copy_from_slice(window);
        for (slot, sample) in mirror.iter_mut().zip(window.iter().rev().skip(1)) {
            *slot = *sample;
        }
        let mut magnitudes = [0.0; FRAMES * BINS];
        for (index, out) in magnitudes.as_chunks_mut::<BINS>().0.iter_mut().enumerate() {
            let frame = mirrored[index * HOP..][..FRAME].iter();
            for ((slot, sample), weight) in scratch.frame.iter_mut().zip(frame).zip(&self.hann) {
                *slot = sample * weight;
            }
            // Sizes are those the plan was made for; nothing else can fail.
            let done =
                self.spectrum
                    .process_with_scratch(&mut scratch.frame, &mut scratch.bins, &mut scratch.work);
            debug_assert!(done.is_ok());
            for (slot, bin) in out.iter_mut().zip(&scratch.bins) {
                *slot = (bin.re * bin.re + bin.im * bin.im).sqrt();
            }
        }
        magnitudes
    }

    /// Takes each stream one window further; returns the probability of speech in it.
    pub(super) fn step(
        &self,
        features: &[&[f32]],
        memories: &mut [&mut Memory],
    ) -> Result<Vec<f32>, GemmError> {
        let mut probabilities = Vec::with_capacity(memories.len());
        for (features, memories) in features.chunks(AT_ONCE).zip(memories.chunks_mut(AT_ONCE)) {
            let inputs: Vec<f32> = features
                .iter()
                .zip(memories.iter())
                .flat_map(|(features, memory)| features.iter().chain(&memory.hidden).copied())
                .collect();
            let mut gates = self.lstm.apply(&inputs)?;
            let gates = gates.as_chunks_mut::<{ 4 * UNITS }>().0;
            let logits = gates.iter_mut().zip(memories).map(|(gates, memory)| {
                memory.update(gates);
                let weighed = memory.hidden.iter().zip(&self.out).map(|(h, w)| h.max(0.0) * w);
                self.out_bias + weighed.sum::<f32>()
            });
            probabilities.extend(logits);
        }
        Sigmoid {}.map_mut(&mut probabilities);
        Ok(probabilities)
    }
}

impl Memory {
    /// An LSTM's update. Gates come in the order input, forget, candidate, output.
    fn update(&mut self, gates: &mut [f32; 4 * UNITS]) {
        let (input_forget, rest) = gates.split_at_mut(2 * UNITS);
        let (candidate, output) = rest.split_at_mut(UNITS);
        Sigmoid {}.map_mut(input_forget);
        Tanh {}.map_mut(candidate);
        Sigmoid {}.map_mut(output);
        let (input, forget) = input_forget.split_at(UNITS);
        for (unit, cell) in self.cell.iter_mut().enumerate() {
            *cell = forget[unit] * *cell + input[unit] * candidate[unit];
        }
        self.hidden = self.cell;
        Tanh {}.map_mut(&mut self.hidden);
        for (hidden, output) in self.hidden.iter_mut().zip(output) {
            *hidden *= *output;
        }
    }
}

/// Each frame that is `stride` after the last with its neighbours, zeros beyond the first and the last.
fn neighbours<const CHANNELS: usize, const COUNT: usize>(frames: &[f32], stride: usize) -> Vec<f32> {
    let windows = frames.chunks_exact(COUNT * CHANNELS);
    let mut columns = Vec::with_capacity(frames.len() * TAPS / stride);
    for window in windows {
        for frame in (0..COUNT).step_by(stride) {
            if frame == 0 {
                columns.extend_from_slice(&[0.0; CHANNELS]);
            }
            let from = frame.saturating_sub(1) * CHANNELS;
            let to = (frame + 2).min(COUNT) * CHANNELS;
            columns.extend_from_slice(&window[from..to]);
            if frame + 1 == COUNT {
                columns.extend_from_slice(&[0.0; CHANNELS]);
            }
        }
    }
    columns
}

/// What a transform works in.
struct Scratch {
    frame: [f32; FRAME],
    bins: [Complex32; BINS],
    work: Vec<Complex32>,
}

impl Scratch {
    fn new(spectrum: &dyn RealToComplex<f32>) -> Self {
        Self {
            frame: [0.0; FRAME],
            bins: [Complex32::default(); BINS],
            work: spectrum.make_scratch_vec(),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}
