//! What providers count for their work, told when they like.

use bedside_conversation::io::Input;
use bedside_conversation::service::{ChangeReason, ProviderChange, ProviderUse, Stage, Unit};

use super::CHAIN;
use crate::rng::{Rng, Stream};

const STAGES: [Stage; 3] = [Stage::Transcription, Stage::Model, Stage::Synthesis];

/// The reports of all providers.
#[derive(Debug)]
pub struct Bills(Rng);

impl Bills {
    /// Reports of a run.
    pub fn new(seed: u64) -> Self {
        Self(Rng::new(seed, Stream::Bills))
    }

    /// With this probability, something a provider, or a chain of them, tells beside its work.
    pub fn report(&mut self, probability: f64) -> Option<Input> {
        self.0.chance(probability).then(|| self.any())
    }

    fn any(&mut self) -> Input {
        let stage = *self.0.pick(&STAGES);
        let (provider, other) = (*self.0.pick(&CHAIN), *self.0.pick(&CHAIN));
        if self.0.chance(0.2) {
            return Input::ProviderChanged(ProviderChange {
                stage,
                from: provider,
                to: other,
                reason: *self.0.pick(&[
                    ChangeReason::CircuitOpen,
                    ChangeReason::Slow,
                    ChangeReason::Recovered,
                ]),
            });
        }
        Input::Used(ProviderUse {
            stage,
            provider,
            unit: *self
                .0
                .pick(&[Unit::AudioSeconds, Unit::Characters, Unit::OutputTokens]),
            quantity: self.0.between(1..=5_000) as f64 / 8.0,
            price_micros: self.0.chance(0.8).then(|| self.0.between(0..=10_000)),
        })
    }
}
