//! The published graph, run by the runtime one window at a time.

use std::path::Path;

use bedside_inference::model::{Model, ModelError, Plan};
use bedside_inference::rten::ValueView;
use bedside_inference::rten_tensor::prelude::*;
use bedside_inference::rten_tensor::{NdTensor, NdTensorView};
use bedside_speech::detection::WINDOW;

const CONTEXT: usize = 64;

pub(crate) struct Published(Plan);

impl Published {
    pub(crate) fn load(path: &Path) -> Result<Self, ModelError> {
        let plan = Model::load(path)?.plan(&["input", "state", "sr"], &["output", "stateN"])?;
        Ok(Self(plan))
    }

    /// Probabilities of the windows of one stream.
    pub(crate) fn judge(&self, windows: &[[i16; WINDOW]]) -> Result<Vec<f32>, ModelError> {
        let mut input = [0.0; CONTEXT + WINDOW];
        let mut state = NdTensor::<f32, 3>::zeros([2, 1, 128]);
        let rate = NdTensorView::from_data([], &[16_000][..]);
        let mut probabilities = Vec::with_capacity(windows.len());
        for window in windows {
            for (slot, sample) in input[CONTEXT..].iter_mut().zip(window) {
                *slot = f32::from(*sample) / 32_768.0;
            }
            let samples = NdTensorView::from_data([1, CONTEXT + WINDOW], &input[..]);
            let inputs = [samples.into(), state.view().into(), ValueView::from(rate)];
            let [probability, after] = self.0.run_n(inputs)?;
            let probability: NdTensor<f32, 2> = probability.try_into()?;
            probabilities.push(probability[[0, 0]]);
            state = after.try_into()?;
            input.copy_within(WINDOW.., 0);
        }
        Ok(probabilities)
    }
}
