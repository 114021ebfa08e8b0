//! Silero as published, run by the runtime one window at a time: what detection is held against.

use bedside_inference::model::{Model, Plan};
use bedside_inference::rten::ValueView;
use bedside_inference::rten_tensor::prelude::*;
use bedside_inference::rten_tensor::{NdTensor, NdTensorView};
use bedside_speech::detection::WINDOW;

const CONTEXT: usize = 64;

/// One stream of the published model.
pub(crate) struct Silero {
    plan: Plan,
    input: [f32; CONTEXT + WINDOW],
    state: NdTensor<f32, 3>,
}

impl Silero {
    pub(crate) fn open() -> Self {
        let path = super::store().speech_detection().expect("the model is prepared");
        let model = Model::load(&path).expect("the model loads");
        Self {
            plan: model
                .plan(&["input", "state", "sr"], &["output", "stateN"])
                .expect("its names are known"),
            input: [0.0; CONTEXT + WINDOW],
            state: NdTensor::zeros([2, 1, 128]),
        }
    }

    pub(crate) fn judge(&mut self, window: &[i16; WINDOW]) -> f32 {
        for (slot, sample) in self.input[CONTEXT..].iter_mut().zip(window) {
            *slot = f32::from(*sample) / 32_768.0;
        }
        let input = NdTensorView::from_data([1, CONTEXT + WINDOW], &self.input[..]);
        let rate = NdTensorView::from_data([], &[16_000][..]);
        let inputs = [input.into(), self.state.view().into(), ValueView::from(rate)];
        let [probability, state] = self.plan.run_n(inputs).expect("it runs");
        let probability: NdTensor<f32, 2> = probability.try_into().expect("a probability");
        self.state = state.try_into().expect("a state");
        self.input.copy_within(WINDOW.., 0);
        probability[[0, 0]]
    }
}
