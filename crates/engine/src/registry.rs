//! The sessions of this node: who may enter, and how all of them leave.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use crate::admission::{
    Capacity, Coefficients, Cost, Demand, Ledger, Load, Pressure, Reason, Refusal, Returns,
};
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
    coefficients: Coefficients,
    books: Mutex<Books>,
    began: Instant,
    roll: Roll,
    /// Whether operators let new sessions in.
    open: AtomicBool,
    /// When the drain ends; `None` while the node is open.
    drain: watch::Sender<Option<Instant>>,
    ended: tokio::sync::Notify,
}

/// What decides about newcomers.
#[derive(Debug)]
struct Books {
    ledger: Ledger,
    pressure: Pressure,
    returns: Returns,
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

impl Books {
    fn enter(&mut self, cost: Cost) -> Result<(), Refusal> {
        let entered = if self.pressure.is_refusing() {
            Err(Reason::Late)
        } else {
            self.ledger.enter(cost)
        };
        entered.map_err(|lacks| Refusal::AtCapacity {
            lacks,
            retry_after: self.returns.next(self.pressure.strain()),
        })
    }
}

impl Registry {
    /// A registry for sessions up to a capacity: a number of them, or a budget of what they may take.
    pub fn new(capacity: impl Into<Capacity>) -> Self {
        let Capacity { budget, coefficients } = capacity.into();
        Self {
            shared: Arc::new(Shared {
                coefficients,
                books: Mutex::new(Books {
                    ledger: Ledger::new(budget),
                    pressure: Pressure::default(),
                    returns: Returns::default(),
                }),
                began: Instant::now(),
                roll: Roll::default(),
                open: AtomicBool::new(true),
                drain: watch::Sender::new(None),
                ended: tokio::sync::Notify::new(),
            }),
        }
    }

    /// Admits a session of this demand; its place is free again when the admission is dropped.
    pub fn admit(&self, demand: Demand) -> Result<Admission, Refusal> {
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        if !self.is_open() {
            return Err(Refusal::Closed);
        }
        let cost = self.shared.coefficients.cost(&demand);
        self.shared.books().enter(cost)?;
        let admission = Admission {
            demand,
            cost,
            drain: self.shared.drain.subscribe(),
            shared: Arc::clone(&self.shared),
        };
        // A drain that began meanwhile may already have counted, and found nobody.
        if self.is_draining() {
            return Err(Refusal::Draining);
        }
        Ok(admission)
    }

    /// Takes note of how late the node is ([strain](crate::strain)), to be called every second or so. Newcomers are
    /// refused while it stays late.
    pub fn observe(&self, strain: f64) {
        let since = self.shared.began.elapsed();
        self.shared.books().pressure.observe(since, strain);
    }

    /// How much of the node is taken.
    pub fn load(&self) -> Load {
        let books = self.shared.books();
        Load {
            budget: books.ledger.budget(),
            sessions: books.ledger.sessions(),
            used: books.ledger.used(),
            strain: books.pressure.strain(),
            late: books.pressure.is_refusing(),
        }
    }

    /// Sessions at a time if all newcomers are of this demand.
    pub fn capacity(&self, demand: Demand) -> usize {
        let load = self.load();
        let room = load.room(self.shared.coefficients.cost(&demand));
        load.sessions.saturating_add(room)
    }

    /// Number of live sessions.
    pub fn live(&self) -> usize {
        self.shared.books().ledger.sessions()
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

    /// Whether new sessions are let in as far as there is room for them.
    pub fn is_accepting(&self) -> bool {
        self.is_open() && !self.is_draining()
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

impl Shared {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session's place on this node.
#[derive(Debug)]
pub struct Admission {
    demand: Demand,
    cost: Cost,
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

    /// What the session is counted for changes with what it does.
    pub(crate) fn recount(&mut self, change: impl FnOnce(&mut Demand)) {
        let before = self.demand;
        change(&mut self.demand);
        if self.demand == before {
            return;
        }
        let cost = self.shared.coefficients.cost(&self.demand);
        self.shared.books().ledger.change(self.cost, cost);
        self.cost = cost;
    }

    /// Where the session is to be listed.
    pub(crate) fn roll(&self) -> Roll {
        self.shared.roll.clone()
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.shared.books().ledger.leave(self.cost);
        self.shared.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::{Budget, Place};

    #[test]
    fn a_full_registry_refuses_until_a_place_is_free() {
        let registry = Registry::new(1);
        let first = registry.admit(Demand::default()).expect("there is room");
        let refusal = registry.admit(Demand::default()).err();
        assert_eq!(refusal.map(Refusal::reason), Some(Reason::Sessions));
        drop(first);
        assert!(registry.admit(Demand::default()).is_ok());
    }

    /// Ten milliseconds of models a second: four silent sessions, or fewer that scan.
    fn small() -> Registry {
        Registry::new(Capacity {
            budget: Budget {
                sessions: usize::MAX,
                cost: Cost {
                    models_us: 10_000,
                    ..Budget::UNLIMITED.cost
                },
            },
            coefficients: Coefficients {
                detection_us: 2_500,
                scan_us: 5_000,
                ..Coefficients::default()
            },
        })
    }

    #[test]
    fn a_session_is_counted_for_what_it_does_now() {
        let registry = small();
        let listening = Demand {
            detection: Place::Here,
            ..Demand::default()
        };
        assert_eq!(registry.capacity(listening), 4);
        let mut first = registry.admit(listening).expect("there is room");
        first.recount(|demand| demand.scanned_by(Some("local")));
        assert_eq!(
            (registry.load().used.models_us, registry.capacity(listening)),
            (7_500, 2)
        );
        let second = registry.admit(listening).expect("there is room");
        let refused = registry.admit(listening).err();
        assert_eq!(refused.map(Refusal::reason), Some(Reason::Models));
        first.recount(|demand| demand.scanned_by(None));
        assert!(registry.admit(listening).is_ok());
        drop((first, second));
        assert_eq!(registry.load().used, Cost::default());
    }

    #[tokio::test(start_paused = true)]
    async fn a_late_node_refuses_and_asks_for_more_patience_the_later_it_is() {
        let registry = Registry::new(2);
        for _ in 0..3 {
            registry.observe(4.0);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let refusal = registry.admit(Demand::default()).expect_err("the node is late");
        assert_eq!(refusal.reason(), Reason::Late);
        assert!(refusal.retry_after() >= Duration::from_secs(20));
        for _ in 0..6 {
            registry.observe(0.1);
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(registry.admit(Demand::default()).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_refuses_newcomers_tells_sessions_and_waits_for_them() {
        let registry = Registry::new(2);
        let session = registry.admit(Demand::default()).expect("there is room");
        let deadline = Instant::now() + Duration::from_secs(9);
        let drain = tokio::spawn({
            let registry = registry.clone();
            async move { registry.drain(deadline).await }
        });
        assert_eq!(session.draining(None).await, deadline);
        assert_eq!(registry.admit(Demand::default()).err(), Some(Refusal::Draining));
        assert!(!drain.is_finished());
        drop(session);
        drain.await.expect("the drain ends");
        assert_eq!(registry.live(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_drains_the_earlier_deadline_holds() {
        let registry = Registry::new(1);
        let session = registry.admit(Demand::default()).expect("there is room");
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
        let _there = registry.admit(Demand::default()).expect("there is room");
        registry.set_open(false);
        assert_eq!(registry.admit(Demand::default()).err(), Some(Refusal::Closed));
        assert_eq!(registry.live(), 1);
        registry.set_open(true);
        assert!(registry.admit(Demand::default()).is_ok());
    }
}
