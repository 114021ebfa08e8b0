//! Providers that fail when they are told to, and what their sessions hear.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::{ChangeReason, ProviderChange};
use bedside_providers::report::{Report, Reports};
use bedside_providers::resilience::{BreakerState, Chain, EventLimits, Link, Provider};

/// How a provider fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It says so.
    Fails(FaultKind),
    /// It falls silent.
    Hangs,
    /// It ends as if all was done.
    Ends,
}

impl Trouble {
    pub(crate) const ALL: [Self; 7] = [
        Self::Fails(FaultKind::Timeout),
        Self::Fails(FaultKind::Disconnected),
        Self::Fails(FaultKind::Refused),
        Self::Fails(FaultKind::Overloaded),
        Self::Fails(FaultKind::Internal),
        Self::Hangs,
        Self::Ends,
    ];

    /// How it counts.
    pub(crate) fn kind(self) -> FaultKind {
        match self {
            Self::Fails(kind) => kind,
            Self::Hangs => FaultKind::Timeout,
            Self::Ends => FaultKind::Disconnected,
        }
    }
}

/// How many uses are under way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live(Arc<AtomicUsize>);

/// One of them.
pub(crate) struct Lives(Live);

impl Live {
    pub(crate) fn one(&self) -> Lives {
        self.0.fetch_add(1, Ordering::SeqCst);
        Lives(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Lives {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn fault(provider: &'static str, kind: FaultKind) -> StageFault {
    StageFault { provider, kind }
}

pub(crate) async fn wait(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// A second for each kind of event.
pub(crate) fn limits() -> EventLimits {
    let second = Duration::from_secs(1);
    EventLimits {
        open: second,
        first: second,
        next: second,
    }
}

pub(crate) fn link<P: ?Sized>(provider: Arc<P>) -> Link<P> {
    Link {
        provider,
        limits: limits(),
        prices: bedside_providers::report::Prices::default(),
    }
}

/// What a session has been told, but for what it costs.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) changes: Vec<ProviderChange>,
    pub(crate) faults: Vec<StageFault>,
}

pub(crate) fn told(reports: &Reports) -> Told {
    let mut cx = Context::from_waker(Waker::noop());
    let mut told = Told::default();
    while let Poll::Ready(report) = reports.poll(&mut cx) {
        match report {
            Report::Changed(change) => told.changes.push(change),
            Report::Failed { fault, .. } => told.faults.push(fault),
            Report::Used(_) => {}
        }
    }
    told
}

/// From whom to whom and why.
pub(crate) fn steps(told: &Told) -> Vec<(&'static str, &'static str, ChangeReason)> {
    let step = |change: &ProviderChange| (change.from, change.to, change.reason);
    told.changes.iter().map(step).collect()
}

pub(crate) fn breakers<P: Provider + ?Sized>(chain: &Chain<P>) -> Vec<BreakerState> {
    chain.health().iter().map(|link| link.state).collect()
}

/// Lets everything run that can, without time passing.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
