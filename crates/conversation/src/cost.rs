//! What providers did for a session and what it cost.

use std::collections::BTreeMap;

use bedside_protocol::{ProviderSpending, Spending};

use crate::service::{ProviderUse, Stage, Unit};

/// The work of every provider, summed by stage, provider and unit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spent(BTreeMap<(Stage, &'static str, Unit), Amount>);

/// Work of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Amount {
    /// How many units.
    pub quantity: f64,
    /// What they cost, in millionths of the installation's currency; `None` if none of them had a price.
    pub micros: Option<u64>,
}

impl Amount {
    /// Adds work of the same kind.
    pub fn add(&mut self, used: &ProviderUse) {
        self.quantity += used.quantity;
        if let Some(price) = used.price_micros {
            self.micros = Some(self.micros.unwrap_or(0).saturating_add(price));
        }
    }
}

impl Spent {
    /// Adds work.
    pub fn add(&mut self, used: &ProviderUse) {
        let amount = self.0.entry((used.stage, used.provider, used.unit)).or_default();
        amount.add(used);
    }

    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What all of it cost, in millionths of the currency.
    pub fn micros(&self) -> u64 {
        self.0.values().filter_map(|amount| amount.micros).sum()
    }

    /// Each kind of work, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = (Stage, &'static str, Unit, Amount)> {
        self.0
            .iter()
            .map(|(&(stage, provider, unit), &amount)| (stage, provider, unit, amount))
    }

    /// In the words of the wire; `None` if nothing was done.
    pub(crate) fn spending(&self, currency: &str) -> Option<Spending> {
        let by = self
            .iter()
            .map(|(stage, provider, unit, amount)| ProviderSpending {
                stage,
                provider: provider.to_owned(),
                unit: unit.name().to_owned(),
                quantity: thousandths(amount.quantity),
                cost: amount.micros.map(units),
            });
        (!self.is_empty()).then(|| Spending {
            cost: units(self.micros()),
            currency: currency.to_owned(),
            by: by.collect(),
        })
    }
}

fn units(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// Sums of binary fractions are not shown to their last digit.
fn thousandths(quantity: f64) -> f64 {
    (quantity * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(provider: &'static str, unit: Unit, quantity: f64, price_micros: Option<u64>) -> ProviderUse {
        ProviderUse {
            stage: Stage::Model,
            provider,
            unit,
            quantity,
            price_micros,
        }
    }

    #[test]
    fn work_is_summed_by_provider_and_unit_and_priced_where_a_price_is_known() {
        let mut spent = Spent::default();
        assert_eq!(spent.spending("EUR"), None);
        spent.add(&used("b", Unit::OutputTokens, 0.1, Some(10)));
        spent.add(&used("a", Unit::OutputTokens, 5.0, None));
        spent.add(&used("b", Unit::OutputTokens, 0.2, Some(5)));
        spent.add(&used("b", Unit::InputTokens, 7.0, Some(3)));
        let spending = spent.spending("EUR").unwrap();
        assert_eq!((spending.cost, spending.currency.as_str()), (0.000_018, "EUR"));
        let by: Vec<_> = spending
            .by
            .iter()
            .map(|by| (by.provider.as_str(), by.unit.as_str(), by.quantity, by.cost))
            .collect();
        assert_eq!(
            by,
            [
                ("a", "output_tokens", 5.0, None),
                ("b", "input_tokens", 7.0, Some(0.000_003)),
                ("b", "output_tokens", 0.3, Some(0.000_015)),
            ]
        );
    }
}
