//! The sessions of this node: who may enter, and how all of them leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::observers::Observer;
use crate::orders::Order;
use crate::roll::Roll;
use crate::view::{Attachment, SessionView};

/// A session looks at its orders whenever anything happens; one that does not for so long hangs.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Knows the live sessions, refuses beyond capacity, and drains.
#[derive(Debug, Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    capacity: usize,
    live: AtomicUsize,
    roll: Roll,
    /// Whether operators let new sessions in.
    open: AtomicBool,
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
    /// An operator stopped admission for the time being.
    #[error("the server takes no new sessions at present")]
    Closed,
    /// The node is shutting down.
    #[error("the server is shutting down")]
    Draining,
}

/// Why nobody can listen in on a session, or end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// There is no such session.
    #[error("there is no such session")]
    NoSuchSession,
    /// The session takes no such order now: it is ending, it hangs, or too many listen already.
    #[error("the session does not answer, or too many listen already")]
    Refused,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::AtCapacity, Self::Closed, Self::Draining];

    /// A name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtCapacity => "at_capacity",
            Self::Closed => "closed",
            Self::Draining => "draining",
        }
    }

    /// When the client should try again.
    pub const fn retry_after(self) -> Duration {
        match self {
            Self::AtCapacity | Self::Closed => Duration::from_secs(5),
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
                roll: Roll::default(),
                open: AtomicBool::new(true),
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
        if !self.is_open() {
            return Err(Refusal::Closed);
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

    /// Sessions at a time.
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// Number of live sessions.
    pub fn live(&self) -> usize {
        self.shared.live.load(Ordering::Acquire)
    }

    /// Of these, those that wait for their client to come back.
    pub fn detached(&self) -> usize {
        let sessions = self.sessions();
        let detached = |session: &&Arc<SessionView>| session.state().connection == Attachment::Detached;
        sessions.iter().filter(detached).count()
    }

    /// The live sessions, ordered by id.
    pub fn sessions(&self) -> Vec<Arc<SessionView>> {
        self.shared.roll.all()
    }

    /// Has a session closed with 4003.
    pub fn end(&self, id: &str) -> Result<(), OrderError> {
        let session = self.shared.roll.get(id).ok_or(OrderError::NoSuchSession)?;
        let taken = session.orders.give(Order::End);
        taken.then_some(()).ok_or(OrderError::Refused)
    }

    /// Listens in on a session.
    pub async fn watch(&self, id: &str) -> Result<Observer, OrderError> {
        let session = self.shared.roll.get(id).ok_or(OrderError::NoSuchSession)?;
        let (answer, answered) = oneshot::channel();
        if !session.orders.give(Order::Watch(answer)) {
            return Err(OrderError::Refused);
        }
        let answered = tokio::time::timeout(ANSWER_LIMIT, answered).await;
        answered
            .map_err(|_| OrderError::Refused)?
            .map_err(|_| OrderError::Refused)
    }

    /// Lets new sessions in, or turns them away until told otherwise. Those there are go on.
    pub fn set_open(&self, open: bool) {
        self.shared.open.store(open, Ordering::Release);
    }

    /// Whether operators let new sessions in.
    pub fn is_open(&self) -> bool {
        self.shared.open.load(Ordering::Acquire)
    }

    /// Whether new sessions are refused because the node is shutting down.
    pub fn is_draining(&self) -> bool {
        self.shared.drain.borrow().is_some()
    }

    /// Stops admitting for good, and asks every session to close by `deadline` at the latest. Of several deadlines the
    /// earliest holds.
    pub fn begin_drain(&self, deadline: Instant) {
        self.shared.drain.send_if_modified(|drain| {
            let sooner = drain.is_none_or(|earlier| deadline < earlier);
            if sooner {
                *drain = Some(deadline);
            }
            sooner
        });
    }

    /// [Begins to drain](Self::begin_drain), and waits until all sessions have ended.
    pub async fn drain(&self, deadline: Instant) {
        self.begin_drain(deadline);
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
    /// Resolves when the node begins to drain, with the drain's deadline; if `known` is one already, when there is an
    /// earlier one.
    pub(crate) fn draining(&self, known: Option<Instant>) -> impl Future<Output = Instant> + Send + use<> {
        let mut drain = self.drain.clone();
        async move {
            let deadline = drain
                .wait_for(|deadline| *deadline != known)
                .await
                .ok()
                .and_then(|deadline| *deadline);
            // The registry is gone only if the whole node is.
            deadline.unwrap_or_else(Instant::now)
        }
    }

    /// Where the session is to be listed.
    pub(crate) fn roll(&self) -> Roll {
        self.shared.roll.clone()
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
        assert_eq!(session.draining(None).await, deadline);
        assert_eq!(registry.admit().err(), Some(Refusal::Draining));
        assert!(!drain.is_finished());
        drop(session);
        drain.await.expect("the drain ends");
        assert_eq!(registry.live(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_drains_the_earlier_deadline_holds() {
        let registry = Registry::new(1);
        let session = registry.admit().expect("there is room");
        let late = Instant::now() + Duration::from_secs(60);
        let soon = late - Duration::from_secs(50);
        registry.begin_drain(late);
        let known = session.draining(None).await;
        registry.begin_drain(late + Duration::from_secs(1));
        registry.begin_drain(soon);
        assert_eq!((known, session.draining(Some(known)).await), (late, soon));
    }

    #[test]
    fn admission_can_be_stopped_and_resumed() {
        let registry = Registry::new(2);
        let _there = registry.admit().expect("there is room");
        registry.set_open(false);
        assert_eq!(registry.admit().err(), Some(Refusal::Closed));
        assert_eq!(registry.live(), 1);
        registry.set_open(true);
        assert!(registry.admit().is_ok());
    }
}
