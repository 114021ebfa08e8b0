//! `[resilience]`: when a provider is left alone, how much is tried again, and what is hedged.

use bedside_conversation::service::Stage;
use bedside_providers::resilience::{BreakerSettings, BudgetSettings, ChainOptions};
use serde::Deserialize;

use super::chains::key;
use super::reader::Reader;

/// Stages whose providers may race.
const HEDGED: [Stage; 2] = [Stage::Model, Stage::Synthesis];

/// How chains deal with what goes wrong.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Resilience {
    breaker: BreakerSettings,
    budget: BudgetSettings,
    hedge: Vec<String>,
}

impl Resilience {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let Some(section) = reader.section("resilience") else {
            return Self::default();
        };
        let read: Self = section.read().unwrap_or_default();
        for stage in &read.hedge {
            if !HEDGED.iter().any(|&known| key(known) == stage) {
                reader.refuse(
                    "resilience",
                    &format_args!("hedge: {stage:?} is not model or synthesis"),
                );
            }
        }
        read
    }

    /// For the chain of `stage`.
    pub(crate) fn options(&self, stage: Stage) -> ChainOptions {
        ChainOptions {
            breaker: self.breaker.clone(),
            budget: self.budget.clone(),
            hedge: self.hedge.iter().any(|hedged| hedged == key(stage)),
        }
    }
}
