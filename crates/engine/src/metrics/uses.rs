//! What the providers of all sessions were used for, and what that costs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bedside_conversation::service::{ProviderUse, Unit};

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
    pub total: Quantity,
    /// Of the day that runs (UTC).
    pub today: Quantity,
}

/// How much, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quantity {
    /// In units.
    pub units: f64,
    /// In millionths of the installation's currency; `None` if no price was set.
    pub price_micros: Option<u64>,
}

impl Quantity {
    fn add(&mut self, more: Self) {
        self.units += more.units;
        self.price_micros = match (self.price_micros, more.price_micros) {
            (Some(before), Some(more)) => Some(before.saturating_add(more)),
            (before, more) => before.or(more),
        };
    }
}

#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<BTreeMap<(&'static str, &'static str, Unit), Counted>>);

#[derive(Debug)]
struct Counted {
    stage: Stage,
    total: Quantity,
    day: u64,
    today: Quantity,
}

impl Uses {
    /// Counts work that was done at `now_ms`, milliseconds since the Unix epoch.
    pub(super) fn add(&self, used: &ProviderUse, now_ms: u64) {
        let stage = Stage::of(used.stage);
        let day = now_ms / DAY_MS;
        let more = Quantity {
            units: used.quantity,
            price_micros: used.price_micros,
        };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (stage.name(), used.provider, used.unit);
        if counted.len() >= MOST && !counted.contains_key(&key) {
            return;
        }
        let entry = counted.entry(key).or_insert(Counted {
            stage,
            total: Quantity::default(),
            day,
            today: Quantity::default(),
        });
        if entry.day != day {
            entry.day = day;
            entry.today = Quantity::default();
        }
        entry.total.add(more);
        entry.today.add(more);
    }

    /// Everything that was counted, as it is at `now_ms`.
    pub(super) fn all(&self, now_ms: u64) -> Vec<Use> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let uses = counted.iter().map(|(&(_, provider, unit), counted)| Use {
            stage: counted.stage,
            provider,
            unit,
            total: counted.total,
            today: if counted.day == now_ms / DAY_MS {
                counted.today
            } else {
                Quantity {
                    units: 0.0,
                    price_micros: counted.total.price_micros.map(|_| 0),
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
        assert_eq!((tokens.total.units, tokens.total.price_micros), (150.0, Some(45)));
        assert_eq!((tokens.today.units, tokens.today.price_micros), (50.0, Some(15)));
        assert_eq!(of(DAY_MS, Unit::Requests).total.price_micros, None);
        let tomorrow = of(2 * DAY_MS, Unit::InputTokens).today;
        assert_eq!((tomorrow.units, tomorrow.price_micros), (0.0, Some(0)));
    }
}
