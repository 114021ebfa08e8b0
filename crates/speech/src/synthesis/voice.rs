//! A loaded voice and the three parts of its graph.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use bedside_inference::model::{Model, ModelError, Plan};
use bedside_inference::rten_tensor::prelude::*;
use bedside_inference::rten_tensor::{NdTensor, NdTensorView};

use super::SynthesisError;
use super::config::{Scales, VoiceConfig};
use super::noise::Noise;
use super::sequence::Alphabet;

/// Samples a frame becomes.
pub(super) const HOP: usize = 256;

/// Frames on either side that the vocoder must see for a frame to sound as it does in the whole: the reach of its
/// convolutions, found by comparing (at 8 frames the samples differ by 0.001, at 12 not at all).
pub(super) const REACH: usize = 12;

/// What the variation starts from. Any number would do.
const SEED: u64 = 0xbed5_1de0;

/// A Piper voice. Cloning shares it; any number of threads may speak with it at once.
#[derive(Clone)]
pub struct Voice {
    encoder: Plan,
    flow: Plan,
    vocoder: Plan,
    pub(super) alphabet: Alphabet,
    pub(super) scales: Scales,
    pub(super) rate: u32,
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voice")
            .field("rate", &self.rate)
            .field("scales", &self.scales)
            .finish_non_exhaustive()
    }
}

/// A clause before it is made audible.
pub(super) struct Latents {
    /// Frames each symbol lasts.
    pub(super) durations: Vec<usize>,
    frames: NdTensor<f32, 3>,
}

impl Voice {
    /// Loads an ONNX voice and the JSON file beside it. Parts of the graph are found by the names Piper's exporter gives
    /// them.
    pub fn load(model: &Path, config: &Path) -> Result<Self, SynthesisError> {
        let config = VoiceConfig::load(config)?;
        let model = Model::load(model)?;
        Ok(Self {
            encoder: model.plan(
                &[
                    "input",
                    "input_lengths",
                    "scales",
                    "/dp/RandomNormalLike_output_0",
                ],
                &["/Ceil_output_0", "/enc_p/Split_output_0", "/enc_p/Split_output_1"],
            )?,
            flow: model.plan(&["/Add_output_0", "/Cast_2_output_0"], &["/Mul_7_output_0"])?,
            vocoder: model.plan(&["/Mul_7_output_0"], &["output"])?,
            alphabet: Alphabet::new(config.symbols())?,
            scales: config.inference,
            rate: config.audio.sample_rate,
        })
    }

    /// The voice with other scales than its own.
    #[must_use]
    pub fn with_scales(self, scales: Scales) -> Self {
        Self { scales, ..self }
    }

    /// The voice's scales.
    pub fn scales(&self) -> Scales {
        self.scales
    }

    /// Decides how long each symbol lasts and what each frame holds.
    pub(super) fn encode(&self, ids: &[i32], speed: f32) -> Result<Latents, ModelError> {
        let mut noise = Noise::new(SEED);
        let symbols = ids.len();
        let length = [symbols as i32];
        let scales = [
            self.scales.noise_scale,
            self.scales.length_scale / speed,
            self.scales.noise_width,
        ];
        let variation = NdTensor::from_data([1, 2, symbols], noise.normal(2 * symbols));
        let [durations, means, spreads] = self.encoder.run_n([
            bedside_inference::rten::ValueOrView::from(NdTensorView::from_data([1, symbols], ids)),
            NdTensorView::from_data([1], &length[..]).into(),
            NdTensorView::from_data([3], &scales[..]).into(),
            variation.into(),
        ])?;
        let durations: NdTensor<f32, 3> = durations.try_into()?;
        let durations: Vec<usize> = durations.iter().map(|frames| *frames as usize).collect();
        let prior = self.prior(&durations, &means.try_into()?, &spreads.try_into()?, &mut noise);
        let mask = NdTensor::full([1, 1, prior.size(2)], 1.0);
        let [frames] = self.flow.run_n([prior, mask])?;
        Ok(Latents {
            durations,
            frames: frames.try_into()?,
        })
    }

    /// Spreads each symbol over its frames and varies it.
    fn prior(
        &self,
        durations: &[usize],
        means: &NdTensor<f32, 3>,
        spreads: &NdTensor<f32, 3>,
        noise: &mut Noise,
    ) -> NdTensor<f32, 3> {
        let (channels, frames) = (means.size(1), durations.iter().sum());
        let mut prior = NdTensor::zeros([1, channels, frames]);
        for channel in 0..channels {
            let varied = noise.normal(frames);
            let mut frame = 0;
            for (symbol, &duration) in durations.iter().enumerate() {
                let (mean, spread) = (means[[0, channel, symbol]], spreads[[0, channel, symbol]].exp());
                for _ in 0..duration {
                    prior[[0, channel, frame]] = mean + varied[frame] * spread * self.scales.noise_scale;
                    frame += 1;
                }
            }
        }
        prior
    }

    /// Makes frames audible: [`HOP`] samples each, nominally within ±1.
    pub(super) fn vocode(&self, latents: &Latents, frames: Range<usize>) -> Result<Vec<f32>, ModelError> {
        let (from, to) = (
            frames.start.saturating_sub(REACH),
            (frames.end + REACH).min(latents.len()),
        );
        let seen = latents.frames.slice((.., .., from..to)).to_tensor();
        let [samples] = self.vocoder.run_n([seen])?;
        let samples: NdTensor<f32, 4> = samples.try_into()?;
        let (skipped, wanted) = ((frames.start - from) * HOP, frames.len() * HOP);
        Ok(samples.iter().copied().skip(skipped).take(wanted).collect())
    }
}

impl Latents {
    /// Frames in all.
    pub(super) fn len(&self) -> usize {
        self.frames.size(2)
    }
}
