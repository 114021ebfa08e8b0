//! The end-of-turn model: mostly right.

use std::time::Duration;

use bedside_conversation::io::{Input, UtteranceId};
use bedside_conversation::time::{AudioPos, Time};

use super::{Delivery, Fate, VendorManners};
use crate::rng::{Rng, Stream};

/// How often the judge is wrong.
const ERROR: f64 = 0.08;

/// The end-of-turn model.
#[derive(Debug)]
pub struct Judge {
    manners: VendorManners,
    rng: Rng,
}

impl Judge {
    /// A judge.
    pub fn new(manners: VendorManners, seed: u64) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, Stream::Judge),
        }
    }

    /// Judges whether the patient has `finished`; `None` if it will never say.
    pub fn judge(
        &mut self,
        now: Time,
        utterance: UtteranceId,
        at: AudioPos,
        finished: bool,
    ) -> Option<Delivery> {
        let busy = self.rng.millis(self.manners.latency_ms.clone());
        let range = if finished == self.rng.chance(ERROR) {
            0.0..=0.5
        } else {
            0.5..=1.0
        };
        let probability = match self.manners.fate(&mut self.rng) {
            Fate::Serves => Some(self.rng.fraction(range) as f32),
            Fate::Fails(_) => None,
            Fate::Stalls => return None,
        };
        let busy = busy.max(Duration::from_millis(1));
        Some((
            now + busy,
            Input::TurnJudged {
                utterance,
                at,
                probability,
                busy,
            },
        ))
    }
}
