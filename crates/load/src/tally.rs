//! What was measured, counted as it happens.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::figures::{Figure, FigureName, Sessions};

/// Steps of a unit that are told apart: microseconds of a millisecond, thousandths of a beat.
const STEPS: f64 = 1_000.0;

/// Distributions are exact to this many decimal digits.
const DIGITS: u8 = 3;

/// Different causes that are counted each for itself; what else comes is counted together.
const MOST_CAUSES: usize = 64;

/// Of a share beyond the last of these, too little is left to draw.
const FINEST: f64 = 0.999_99;

/// What was measured in some time by some sessions. Sums of tallies are tallies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// What is due earlier is shown but not counted.
    pub(crate) counts_from: Duration,
    counted: BTreeMap<FigureName, Histogram<u64>>,
    early: BTreeMap<FigureName, Histogram<u64>>,
    /// Losses by cause.
    pub(crate) drops: BTreeMap<String, u64>,
    /// Errors by what a client sees.
    pub(crate) errors: BTreeMap<String, u64>,
    /// What became of sessions.
    pub(crate) sessions: Sessions,
    /// What providers cost, and in which currency.
    pub(crate) cost: Option<(f64, String)>,
}

impl Tally {
    /// An empty one that counts what is due at `counts_from` or later.
    pub(crate) fn new(counts_from: Duration) -> Self {
        Self {
            counts_from,
            ..Self::default()
        }
    }

    /// Takes a time that began at `due`.
    pub(crate) fn time(&mut self, name: FigureName, due: Duration, lasted: Duration) {
        self.record(name, due, lasted.as_micros() as u64);
    }

    /// Takes a value of something that was due at `due`, in the figure's unit.
    pub(crate) fn value(&mut self, name: FigureName, due: Duration, value: f64) {
        self.record(name, due, (value * STEPS).round() as u64);
    }

    /// Counts losses.
    pub(crate) fn drop(&mut self, cause: &str, count: u64) {
        add(&mut self.drops, cause, count);
    }

    /// Counts an error.
    pub(crate) fn error(&mut self, what: &str) {
        add(&mut self.errors, what, 1);
    }

    /// Adds what providers cost.
    pub(crate) fn spend(&mut self, cost: f64, currency: &str) {
        let (sum, _) = self.cost.get_or_insert_with(|| (0.0, currency.to_owned()));
        *sum += cost;
    }

    /// Gives what was taken so far, and begins anew.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.counts_from))
    }

    /// Adds another's.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.counted, &other.counted),
            (&mut self.early, &other.early),
        ] {
            for (name, histogram) in theirs {
                // Both have the same digits, and grow as they must.
                let _ = mine.entry(*name).or_insert_with(histogram_of).add(histogram);
            }
        }
        for (mine, theirs) in [(&mut self.drops, &other.drops), (&mut self.errors, &other.errors)] {
            for (what, count) in theirs {
                add(mine, what, *count);
            }
        }
        let (mine, theirs) = (&mut self.sessions, &other.sessions);
        mine.due += theirs.due;
        mine.started += theirs.started;
        mine.refused += theirs.refused;
        mine.unconnected += theirs.unconnected;
        mine.completed += theirs.completed;
        mine.failed += theirs.failed;
        mine.resumed += theirs.resumed;
        if let Some((cost, currency)) = &other.cost {
            self.spend(*cost, currency);
        }
    }

    /// The 99th percentile of everything, counted or early.
    pub(crate) fn p99(&self) -> BTreeMap<FigureName, f64> {
        let mut both = self.counted.clone();
        for (name, histogram) in &self.early {
            let _ = both.entry(*name).or_insert_with(histogram_of).add(histogram);
        }
        both.into_iter()
            .map(|(name, histogram)| (name, in_units(histogram.value_at_quantile(0.99))))
            .collect()
    }

    /// Everything that counts, as distributions.
    pub(crate) fn figures(&self) -> BTreeMap<FigureName, Figure> {
        self.counted
            .iter()
            .map(|(name, histogram)| (*name, figure(histogram)))
            .collect()
    }

    fn record(&mut self, name: FigureName, due: Duration, steps: u64) {
        let which = if due < self.counts_from {
            &mut self.early
        } else {
            &mut self.counted
        };
        // Histograms of this kind grow; there is no value that they do not take.
        let _ = which.entry(name).or_insert_with(histogram_of).record(steps);
    }
}

fn add(counts: &mut BTreeMap<String, u64>, what: &str, count: u64) {
    if count == 0 {
        return;
    }
    if let Some(known) = counts.get_mut(what) {
        *known += count;
        return;
    }
    let what = if counts.len() < MOST_CAUSES { what } else { "other" };
    *counts.entry(what.to_owned()).or_default() += count;
}

fn histogram_of() -> Histogram<u64> {
    // Fails for impossible digits alone.
    Histogram::new(DIGITS).unwrap_or_else(|_| unreachable!("{DIGITS} digits are possible"))
}

fn in_units(steps: u64) -> f64 {
    steps as f64 / STEPS
}

fn figure(histogram: &Histogram<u64>) -> Figure {
    let at = |share: f64| in_units(histogram.value_at_quantile(share));
    Figure {
        count: histogram.len(),
        min: in_units(histogram.min()),
        mean: histogram.mean() / STEPS,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: in_units(histogram.max()),
        curve: shares().map(|share| (share, at(share))).collect(),
    }
}

/// Shares of a curve: even up to nine tenths, then ever finer, as the tail is what matters.
fn shares() -> impl Iterator<Item = f64> {
    let even = (0..18).map(|step| f64::from(step) * 0.05);
    let tail = (1..=5).flat_map(|nines| {
        let rest = 0.1_f64.powi(nines);
        (0..9).map(move |step| 1.0 - rest + rest * 0.1 * f64::from(step))
    });
    even.chain(tail.filter(|share| *share <= FINEST)).chain([1.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn distributions_are_exact_to_three_digits_and_merge() {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        for ms in 1..=500 {
            one.time(FigureName::RoundTrip, Duration::ZERO, MS * ms);
            other.time(FigureName::RoundTrip, Duration::ZERO, MS * (500 + ms));
        }
        one.merge(&other);
        let figure = &one.figures()[&FigureName::RoundTrip];
        assert_eq!(figure.count, 1_000);
        for (value, truth) in [
            (figure.p50, 500.0),
            (figure.p99, 990.0),
            (figure.max, 1_000.0),
            (figure.min, 1.0),
        ] {
            assert!((value / truth - 1.0).abs() < 0.002, "{value} for {truth}");
        }
        assert!(figure.curve.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
        assert_eq!(figure.curve.last().map(|point| point.0), Some(1.0));
    }

    #[test]
    fn what_was_due_while_warming_up_is_shown_and_not_counted() {
        let mut tally = Tally::new(MS * 10);
        tally.time(FigureName::Connect, MS * 9, MS * 700);
        assert!(tally.figures().is_empty());
        assert!((tally.p99()[&FigureName::Connect] - 700.0).abs() < 1.0);
        tally.time(FigureName::Connect, MS * 10, MS * 5);
        assert_eq!(tally.figures()[&FigureName::Connect].count, 1);
    }

    #[test]
    fn causes_are_bounded() {
        let mut tally = Tally::default();
        for number in 0..1_000 {
            tally.error(&number.to_string());
        }
        assert_eq!(tally.errors.len(), MOST_CAUSES + 1);
        assert_eq!(tally.errors.values().sum::<u64>(), 1_000);
    }
}
