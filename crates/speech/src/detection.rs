//! Speech detection by Silero VAD: how likely each 32 ms of audio is speech.

use std::path::Path;

use bedside_inference::model::{Model, ModelError, Plan};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};

/// Samples (16 kHz) judged at a time.
pub const WINDOW: usize = 512;

/// Samples of the previous window the model sees before each one.
const CONTEXT: usize = 64;
const STATE: [usize; 3] = [2, 1, 128];

/// The model; opens one [`SpeechDetector`] per session. Cloning shares it.
#[derive(Debug, Clone)]
pub struct SpeechModel {
    plan: Plan,
}

impl SpeechModel {
    /// Loads the published ONNX file.
    pub fn load(path: &Path) -> Result<Self, ModelError> {
        let plan = Model::load(path)?.plan(&["input", "state", "sr"], &["output", "stateN"])?;
        Ok(Self { plan })
    }

    /// A detector for one gapless stream.
    pub fn open(&self) -> SpeechDetector {
        SpeechDetector {
            plan: self.plan.clone(),
            input: [0.0; CONTEXT + WINDOW],
            state: NdTensor::zeros(STATE),
        }
    }
}

/// One stream's detection. What was heard before colours each judgement.
#[derive(Debug)]
pub struct SpeechDetector {
    plan: Plan,
    input: [f32; CONTEXT + WINDOW],
    state: NdTensor<f32, 3>,
}

impl SpeechDetector {
    /// Probability, 0 to 1, that the next window of 16 kHz PCM is speech. After an error the stream is as before.
    pub fn judge(&mut self, window: &[i16; WINDOW]) -> Result<f32, ModelError> {
        for (slot, sample) in self.input[CONTEXT..].iter_mut().zip(window) {
            *slot = f32::from(*sample) / 32_768.0;
        }
        let input = NdTensorView::from_data([1, CONTEXT + WINDOW], &self.input[..]);
        let rate = NdTensorView::from_data([], &[16_000][..]);
        let [probability, state] = self.plan.run_n([
            input.into(),
            self.state.view().into(),
            rten::ValueView::from(rate),
        ])?;
        let probability: NdTensor<f32, 2> = probability.try_into()?;
        self.state = state.try_into()?;
        self.input.copy_within(WINDOW.., 0);
        Ok(probability[[0, 0]])
    }

    /// Forgets everything heard, as for a new stream.
    pub fn reset(&mut self) {
        self.input = [0.0; CONTEXT + WINDOW];
        self.state = NdTensor::zeros(STATE);
    }
}
