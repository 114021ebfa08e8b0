//! The sessions of this node: who may enter, and how all of them leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Counts live sessions, refuses beyond capacity, and drains.
#[derive(Debug, Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    capacity: usize,
    live: AtomicUsize,
    /// When the drain ends; `None` while the node is open.
    drain: watch::Sender<Option<Instant>>,
    ended: tokio::sync::Notify,
}

/// Why a session may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The node holds as many sessions as it can serve well.
    #[error("the server is at capacity")]
    AtCapacity,
    /// The node is shutting down.
    #[error("the server is shutting down")]
    Draining,
}

impl Refusal {
    /// When the client should try again.
    pub const fn retry_after(self) -> Duration {
        match self {
            Self::AtCapacity => Duration::from_secs(5),
            Self::Draining => Duration::from_secs(1),
        }
    }
}

impl Registry {
    /// A registry for at most `capacity` sessions at a time.
    pub fn new(capacity: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                capacity,
                live: AtomicUsize::new(0),
                drain: watch::Sender::new(None),
                ended: tokio::sync::Notify::new(),
            }),
        }
    }

    /// Admits a session; its place is free again when the admission is dropped.
    pub fn admit(&self) -> Result<Admission, Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        let enter = |live: usize| (live < self.shared.capacity).then_some(live + 1);
        self.shared
            .live
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, enter)
            .map_err(|_| Refusal::AtCapacity)?;
        let admission = Admission {
            drain: self.shared.drain.subscribe(),
            shared: Arc::clone(&self.shared),
        };
        // A drain that began meanwhile may already have counted, and found nobody.
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        Ok(admission)
    }

    /// Number of live sessions.
    pub fn live(&self) -> usize {
        self.shared.live.load(Ordering::Acquire)
    }

    /// Whether new sessions are refused because the node is shutting down.
    pub fn is_draining(&self) -> bool {
        self.shared.drain.borrow().is_some()
    }

    /// Stops admitting, asks every session to close by `deadline` at the latest, and waits until all have ended.
    pub async fn drain(&self, deadline: Instant) {
        self.shared.drain.send_replace(Some(deadline));
        loop {
            let ended = self.shared.ended.notified();
            if self.live() == 0 {
                return;
            }
            ended.await;
        }
    }
}

/// A session's place on this node.
#[derive(Debug)]
pub struct Admission {
    shared: Arc<Shared>,
    drain: watch::Receiver<Option<Instant>>,
}

impl Admission {
    /// Resolves when the node begins to drain, with the drain's deadline.
    pub(crate) fn draining(&self) -> impl Future<Output = Instant> + Send + use<> {
        let mut drain = self.drain.clone();
        async move {
            let deadline = drain
                .wait_for(Option::is_some)
                .await
                .ok()
                .and_then(|deadline| *deadline);
            // The registry is gone only if the whole node is.
            deadline.unwrap_or_else(Instant::now)
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.shared.live.fetch_sub(1, Ordering::AcqRel);
        self.shared.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_registry_refuses_until_a_place_is_free() {
        let registry = Registry::new(1);
        let first = registry.admit().expect("there is room");
        assert_eq!(registry.admit().err(), Some(Refusal::AtCapacity));
        drop(first);
        assert!(registry.admit().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_refuses_newcomers_tells_sessions_and_waits_for_them() {
        let registry = Registry::new(2);
        let session = registry.admit().expect("there is room");
        let deadline = Instant::now() + Duration::from_secs(9);
        let drain = tokio::spawn({
            let registry = registry.clone();
            async move { registry.drain(deadline).await }
        });
        assert_eq!(session.draining().await, deadline);
        assert_eq!(registry.admit().err(), Some(Refusal::Draining));
        assert!(!drain.is_finished());
        drop(session);
        drain.await.expect("the drain ends");
        assert_eq!(registry.live(), 0);
    }
}
