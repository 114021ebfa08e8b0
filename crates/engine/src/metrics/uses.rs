//! What the providers of all sessions were used for, and what that costs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bedside_conversation::cost::Amount;
use bedside_conversation::service::{self, ProviderUse, Unit};

use super::Stage;

/// Providers times units that are told apart. Overflow policy: further ones are not counted; a configuration has fewer.
const MOST: usize = 512;

const DAY_MS: u64 = 86_400_000;

/// What a provider was used for, of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// What it serves.
    pub stage: Stage,
    /// Who.
    pub provider: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// Since the process began.
    pub total: Amount,
    /// Of the day that runs (UTC).
    pub today: Amount,
}

#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<BTreeMap<(service::Stage, &'static str, Unit), Counted>>);

#[derive(Debug, Default)]
struct Counted {
    total: Amount,
    day: u64,
    today: Amount,
}

impl Uses {
    /// Counts work that was done at `now_ms`, milliseconds since the Unix epoch.
    pub(super) fn add(&self, used: &ProviderUse, now_ms: u64) {
        let day = now_ms / DAY_MS;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (used.stage, used.provider, used.unit);
        if counted.len() >= MOST && !counted.contains_key(&key) {
            return;
        }
        let entry = counted.entry(key).or_default();
        if entry.day != day {
            entry.day = day;
            entry.today = Amount::default();
        }
        entry.total.add(used);
        entry.today.add(used);
    }

    /// Everything that was counted, as it is at `now_ms`.
    pub(super) fn all(&self, now_ms: u64) -> Vec<Use> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let uses = counted.iter().map(|(&(stage, provider, unit), counted)| Use {
            stage: Stage::of(stage),
            provider,
            unit,
            total: counted.total,
            today: if counted.day == now_ms / DAY_MS {
                counted.today
            } else {
                Amount {
                    quantity: 0.0,
                    micros: counted.total.micros.map(|_| 0),
                }
            },
        });
        uses.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(unit: Unit, quantity: f64, price_micros: Option<u64>) -> ProviderUse {
        ProviderUse {
            stage: bedside_protocol::Stage::Model,
            provider: "bedrock",
            unit,
            quantity,
            price_micros,
        }
    }

    #[test]
    fn uses_are_summed_up_and_a_day_begins_at_midnight() {
        let uses = Uses::default();
        uses.add(&used(Unit::InputTokens, 100.0, Some(30)), DAY_MS - 1);
        uses.add(&used(Unit::InputTokens, 50.0, Some(15)), DAY_MS);
        uses.add(&used(Unit::Requests, 1.0, None), DAY_MS);
        let of = |now_ms, unit| {
            let all = uses.all(now_ms);
            let found = all.into_iter().find(|used| used.unit == unit);
            found.expect("it was counted")
        };
        let tokens = of(DAY_MS, Unit::InputTokens);
        assert_eq!((tokens.total.quantity, tokens.total.micros), (150.0, Some(45)));
        assert_eq!((tokens.today.quantity, tokens.today.micros), (50.0, Some(15)));
        assert_eq!(of(DAY_MS, Unit::Requests).total.micros, None);
        let tomorrow = of(2 * DAY_MS, Unit::InputTokens).today;
        assert_eq!((tomorrow.quantity, tomorrow.micros), (0.0, Some(0)));
    }
}
