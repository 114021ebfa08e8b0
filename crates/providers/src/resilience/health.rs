//! What is known of a link, shared by all sessions.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bedside_conversation::io::FaultKind;

use super::breaker::{Admission, Breaker, BreakerSettings, BreakerState};
use super::latency::Latencies;

/// How a link does, for operators.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkHealth {
    /// The provider's name.
    pub name: &'static str,
    /// How its breaker stands.
    pub state: BreakerState,
    /// Its faults since the program started, by kind.
    pub faults: [(FaultKind, u64); FaultKind::ALL.len()],
    /// What half of its latest first events took at most, ms; `None` before the first.
    pub p50_ms: Option<u64>,
    /// What nineteen in twenty of them took at most, ms.
    pub p95_ms: Option<u64>,
    /// Uses since the program started: utterances, answers, responses, scans, requests.
    pub uses: u64,
}

/// The moment it is, on the clock that timers run on.
pub(super) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The shared state of a link.
#[derive(Debug)]
pub(super) struct Health {
    name: &'static str,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    latencies: Latencies,
    faults: [u64; FaultKind::ALL.len()],
    uses: u64,
}

impl Health {
    pub(super) fn new(name: &'static str, settings: BreakerSettings) -> Arc<Self> {
        let state = State {
            breaker: Breaker::new(settings),
            latencies: Latencies::default(),
            faults: [0; FaultKind::ALL.len()],
            uses: 0,
        };
        Arc::new(Self {
            name,
            state: Mutex::new(state),
        })
    }

    /// A use of the link, if its breaker lets it through.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        let mut state = self.lock();
        let admission = state.breaker.admit(now())?;
        state.uses += 1;
        Some(self.permit(admission))
    }

    /// A use of the link even so, because there is no other.
    pub(super) fn force(self: &Arc<Self>) -> Permit {
        self.admit().unwrap_or_else(|| {
            self.lock().uses += 1;
            self.permit(Admission::Forced)
        })
    }

    /// A further use by means of a stream that is open already, should there be one.
    pub(super) fn goes_on(self: &Arc<Self>) -> Permit {
        self.permit(Admission::Further)
    }

    /// The latency that one use in twenty exceeds, once enough is known to tell.
    pub(super) fn usual_latency(&self) -> Option<Duration> {
        self.lock().latencies.usual()
    }

    pub(super) fn report(&self) -> LinkHealth {
        let state = self.lock();
        let ms = |share| {
            let latency = state.latencies.quantile(share);
            latency.map(|latency| latency.as_millis() as u64)
        };
        LinkHealth {
            name: self.name,
            state: state.breaker.state(now()),
            faults: std::array::from_fn(|index| (FaultKind::ALL[index], state.faults[index])),
            p50_ms: ms(0.5),
            p95_ms: ms(0.95),
            uses: state.uses,
        }
    }

    fn permit(self: &Arc<Self>, admission: Admission) -> Permit {
        Permit {
            health: Arc::clone(self),
            admission: Some(admission),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One use of a link. Dropped without an outcome, it was given up: neither a success nor a failure.
#[derive(Debug)]
pub(super) struct Permit {
    health: Arc<Health>,
    /// `None` once the outcome is told.
    admission: Option<Admission>,
}

impl Permit {
    /// The first event came after so long.
    pub(super) fn answered_after(&self, latency: Duration) {
        self.health.lock().latencies.note(latency);
    }

    pub(super) fn succeeded(mut self) {
        self.count();
        self.end(|breaker, admission| breaker.succeeded(admission, now()));
    }

    pub(super) fn failed(mut self, kind: FaultKind) {
        if let Some(index) = FaultKind::ALL.iter().position(|&known| known == kind) {
            self.health.lock().faults[index] += 1;
        }
        self.count();
        self.end(|breaker, admission| breaker.failed(admission, kind, now()));
    }

    /// Counts a further use, which is one only if it comes to something.
    fn count(&self) {
        if self.admission == Some(Admission::Further) {
            self.health.lock().uses += 1;
        }
    }

    fn end(&mut self, tell: impl FnOnce(&mut Breaker, Admission)) {
        if let Some(admission) = self.admission.take() {
            let mut state = self.health.lock();
            tell(&mut state.breaker, admission);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.end(Breaker::cancelled);
    }
}
