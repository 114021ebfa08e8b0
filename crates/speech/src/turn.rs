//! End of turn by Smart Turn v3.2: whether the patient has finished, judged from how it was said.

use std::path::Path;

use bedside_inference::model::{LoadOptions, Model, ModelError, Plan};
use rten_tensor::{NdTensor, NdTensorView};

use crate::mel::{BANDS, HOP, LogMel, Padded, SAMPLE_RATE};

/// The most the model hears, in samples at 16 kHz: the last 8 s.
pub const HEARD: usize = 8 * SAMPLE_RATE;

/// The model. Cloning shares it.
#[derive(Debug, Clone)]
pub struct EndOfTurn {
    plan: Plan,
    mel: LogMel,
}

impl EndOfTurn {
    /// Loads the converted ONNX file.
    pub fn load(path: &Path, options: LoadOptions) -> Result<Self, ModelError> {
        let plan = Model::load_with(path, options)?.plan(&["input_features"], &["logits"])?;
        Ok(Self {
            plan,
            mel: LogMel::new(),
        })
    }

    /// Probability, 0 to 1, that an utterance of 16 kHz PCM is complete. Only its last 8 s are heard.
    pub fn judge(&self, utterance: &[i16]) -> Result<f32, ModelError> {
        let heard = &utterance[utterance.len().saturating_sub(HEARD)..];
        let (mean, deviation) = moments(heard);
        let samples: Vec<f32> = heard
            .iter()
            .map(|sample| (f32::from(*sample) / 32_768.0 - mean) / deviation)
            .collect();
        let features = self.mel.clone().spectrogram(&Padded {
            before: HEARD - samples.len(),
            level: -mean / deviation,
            samples: &samples,
            after: 0,
        });
        let features = NdTensorView::from_data([1, BANDS, HEARD / HOP], features.as_slice());
        let [probability] = self.plan.run_n([features])?;
        let probability: NdTensor<f32, 2> = probability.try_into()?;
        Ok(probability[[0, 0]])
    }
}

/// Mean and standard deviation of the audio padded with zeros to [`HEARD`], as the model was trained.
fn moments(heard: &[i16]) -> (f32, f32) {
    let scaled = || heard.iter().map(|sample| f64::from(*sample) / 32_768.0);
    let total = HEARD as f64;
    let mean = scaled().sum::<f64>() / total;
    let variance = scaled().map(|x| x * x).sum::<f64>() / total - mean * mean;
    (mean as f32, (variance.max(0.0) + 1e-7).sqrt() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_has_a_deviation_to_divide_by() {
        let (mean, deviation) = moments(&vec![0; 16_000]);
        assert!(mean.abs() < f32::EPSILON && deviation > 1e-4);
    }

    #[test]
    fn padding_counts() {
        let (mean, deviation) = moments(&vec![16_384; HEARD / 2]);
        assert!((mean - 0.25).abs() < 1e-6, "{mean}");
        assert!((deviation - 0.25).abs() < 1e-6, "{deviation}");
    }
}
