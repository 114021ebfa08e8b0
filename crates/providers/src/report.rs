//! A session's ear for what its providers do beside their answers: one takes over from another, one fails, work is
//! billed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bedside_conversation::context::ModelUsage;
use bedside_conversation::cost::Amount;
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{ProviderChange, ProviderUse, Stage, Unit};

/// Changes and faults that may wait to be read. Then the oldest is dropped: the newest says how things are.
const WAITING: usize = 32;

/// Something a session is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// Another provider took over.
    Changed(ProviderChange),
    /// A provider failed, and another one does its work or the model was told.
    Failed {
        /// What it was to do.
        stage: Stage,
        /// How it failed.
        fault: StageFault,
    },
    /// Billable work was done.
    Used(ProviderUse),
}

/// What units of a provider's work cost, in millionths of the installation's currency.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prices(BTreeMap<Unit, f64>);

impl Prices {
    /// Prices by unit, each for one of it (one second, one character, one token).
    pub fn new(micros_by_unit: impl IntoIterator<Item = (Unit, f64)>) -> Self {
        Self(micros_by_unit.into_iter().collect())
    }

    /// What so many units cost; `None` if no price was set.
    pub fn of(&self, unit: Unit, quantity: f64) -> Option<u64> {
        self.0
            .get(&unit)
            .map(|micros| (micros * quantity).round().max(0.0) as u64)
    }
}

/// Tells a session. Handed to whoever works for it; cloning shares the session.
#[derive(Debug, Clone)]
pub struct Reporter {
    shared: Arc<Shared>,
    stage: Stage,
    provider: &'static str,
    prices: Arc<Prices>,
}

/// What a session has been told and has not read yet.
#[derive(Debug)]
pub struct Reports {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    news: VecDeque<Report>,
    /// Summed up, so that nothing billable is ever dropped: there are as many as providers and units.
    used: BTreeMap<(Stage, &'static str, Unit), Amount>,
    serving: BTreeMap<Stage, Serving>,
    reader: Option<Waker>,
}

/// Who serves a stage of a session, as the stage's chain remembers it from one use to the next.
#[derive(Debug, Default)]
pub(crate) struct Serving {
    /// Who served last.
    pub(crate) by: Option<&'static str>,
    /// How those failed last who have not served since.
    pub(crate) faults: BTreeMap<&'static str, FaultKind>,
}

impl Reports {
    /// Reports of a new session, and who makes them until a chain names its providers.
    pub fn new() -> (Self, Reporter) {
        let shared = Arc::new(Shared::default());
        let reporter = Reporter {
            shared: Arc::clone(&shared),
            stage: Stage::Model,
            provider: "",
            prices: Arc::default(),
        };
        (Self { shared }, reporter)
    }

    /// The next report.
    pub fn poll(&self, cx: &mut Context<'_>) -> Poll<Report> {
        let mut state = self.shared.lock();
        if let Some(news) = state.news.pop_front() {
            return Poll::Ready(news);
        }
        if let Some(((stage, provider, unit), amount)) = state.used.pop_first() {
            return Poll::Ready(Report::Used(ProviderUse {
                stage,
                provider,
                unit,
                quantity: amount.quantity,
                price_micros: amount.micros,
            }));
        }
        state.reader = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Reporter {
    /// For work that no session hears of.
    pub fn silent() -> Self {
        Reports::new().1
    }

    /// The same session's ear, for `provider` at `stage`.
    #[must_use]
    pub fn of(&self, stage: Stage, provider: &'static str, prices: Arc<Prices>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            stage,
            provider,
            prices,
        }
    }

    /// So much billable work was done by this provider.
    pub fn used(&self, unit: Unit, quantity: f64) {
        let used = ProviderUse {
            stage: self.stage,
            provider: self.provider,
            unit,
            quantity,
            price_micros: self.prices.of(unit, quantity),
        };
        self.shared.tell(|state| {
            let amount = state.used.entry((used.stage, used.provider, unit)).or_default();
            amount.add(&used);
        });
    }

    /// These tokens were used; those of the cache are told apart from the other input.
    pub(crate) fn used_tokens(&self, usage: ModelUsage) {
        let cached = usage.cached_tokens.saturating_add(usage.cache_write_tokens);
        let tokens = [
            (Unit::InputTokens, usage.input_tokens.saturating_sub(cached)),
            (Unit::CachedTokens, usage.cached_tokens),
            (Unit::CacheWriteTokens, usage.cache_write_tokens),
            (Unit::OutputTokens, usage.output_tokens),
        ];
        for (unit, quantity) in tokens {
            if quantity > 0 {
                self.used(unit, quantity.into());
            }
        }
    }

    /// Another provider took over.
    pub fn changed(&self, change: ProviderChange) {
        self.shared.tell(|state| state.note(Report::Changed(change)));
    }

    /// Looks at who serves a stage of the session.
    pub(crate) fn serving<T>(&self, stage: Stage, look: impl FnOnce(&mut Serving) -> T) -> T {
        look(self.shared.lock().serving.entry(stage).or_default())
    }

    /// A provider failed, and another one does its work or the model was told.
    pub fn failed(&self, stage: Stage, fault: StageFault) {
        self.shared
            .tell(|state| state.note(Report::Failed { stage, fault }));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, what: impl FnOnce(&mut State)) {
        let reader = {
            let mut state = self.lock();
            what(&mut state);
            state.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl State {
    fn note(&mut self, report: Report) {
        if self.news.len() == WAITING {
            self.news.pop_front();
        }
        self.news.push_back(report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_summed_up_and_priced_until_it_is_read() {
        let (reports, reporter) = Reports::new();
        let prices = Arc::new(Prices::new([(Unit::Characters, 38.0)]));
        let cartesia = reporter.of(Stage::Synthesis, "cartesia", prices);
        cartesia.used(Unit::Characters, 10.0);
        cartesia.used(Unit::Characters, 5.0);
        cartesia.used(Unit::Requests, 1.0);
        let mut cx = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        while let Poll::Ready(Report::Used(used)) = reports.poll(&mut cx) {
            read.push((used.unit, used.quantity, used.price_micros));
        }
        assert_eq!(
            read,
            [(Unit::Characters, 15.0, Some(570)), (Unit::Requests, 1.0, None)]
        );
    }

    #[test]
    fn the_oldest_news_give_way() {
        let (reports, reporter) = Reports::new();
        for _ in 0..=WAITING {
            reporter.changed(ProviderChange {
                stage: Stage::Model,
                from: "a",
                to: "b",
                reason: bedside_conversation::service::ChangeReason::Slow,
            });
        }
        let mut cx = Context::from_waker(Waker::noop());
        let mut read = 0;
        while reports.poll(&mut cx).is_ready() {
            read += 1;
        }
        assert_eq!(read, WAITING);
    }
}
