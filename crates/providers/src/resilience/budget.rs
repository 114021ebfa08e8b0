//! Bounds how much of a chain's work may be done twice.

use std::time::{Duration, Instant};

use serde::Deserialize;

/// How many uses of a chain may be tried again on another link, or hedged, beside the last link's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetSettings {
    /// So many more for each use.
    pub per_use: f64,
    /// So many more each second.
    pub per_second: f64,
    /// So many at most; also at the beginning.
    pub burst: f64,
}

impl Default for BudgetSettings {
    fn default() -> Self {
        Self {
            per_use: 0.2,
            per_second: 1.0,
            burst: 20.0,
        }
    }
}

/// A token bucket.
#[derive(Debug)]
pub(super) struct Budget {
    settings: BudgetSettings,
    tokens: f64,
    filled: Option<Instant>,
}

impl Budget {
    pub(super) fn new(settings: BudgetSettings) -> Self {
        Self {
            tokens: settings.burst,
            settings,
            filled: None,
        }
    }

    /// A use begins.
    pub(super) fn deposit(&mut self) {
        self.add(self.settings.per_use);
    }

    /// Whether a use may be tried once more.
    pub(super) fn withdraw(&mut self, now: Instant) -> bool {
        let since = self
            .filled
            .replace(now)
            .map_or(Duration::ZERO, |before| now.saturating_duration_since(before));
        self.add(self.settings.per_second * since.as_secs_f64());
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }

    fn add(&mut self, tokens: f64) {
        self.tokens = (self.tokens + tokens).min(self.settings.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_and_time_fill_what_retries_empty() {
        let mut budget = Budget::new(BudgetSettings {
            per_use: 0.5,
            per_second: 2.0,
            burst: 3.0,
        });
        let start = Instant::now();
        let spend = |budget: &mut Budget, at: u64| {
            let now = start + Duration::from_millis(at);
            (0..100).take_while(|_| budget.withdraw(now)).count()
        };
        assert_eq!(spend(&mut budget, 0), 3);
        (0..4).for_each(|_| budget.deposit());
        assert_eq!(spend(&mut budget, 0), 2);
        assert_eq!(spend(&mut budget, 500), 1);
        assert_eq!(spend(&mut budget, 3_600_000), 3);
    }
}
