use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::{Dial, Socket};

/// After a vendor could not be reached: from the first wait to the longest.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// How sockets are kept warm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Warmth {
    /// Sockets at the ready; none turns it off.
    pub(crate) sockets: usize,
    /// How long one may stay unused: less than the vendor allows.
    pub(crate) life: Duration,
    /// How long after the last use they are still kept. While a socket is in use they always are.
    pub(crate) linger: Duration,
}

/// A few sockets that were dialled ahead or given back, for whoever needs one next. A task looks after them: it replaces
/// those that end or grow old, and ends itself when nobody has needed one for long.
#[derive(Debug, Clone)]
pub(crate) struct Pool(Arc<Shared>);

struct Shared {
    warmth: Warmth,
    dial: Box<dyn Fn(&str) -> Dial + Send + Sync>,
    state: Mutex<State>,
    changed: Arc<Notify>,
}

struct State {
    /// What was asked for last, which is what the next one will want.
    address: String,
    idle: VecDeque<Idle>,
    leases: usize,
    /// When the last use ended.
    used: Option<Instant>,
    /// Whether the task runs that looks after it.
    kept: bool,
}

struct Idle {
    socket: Socket,
    address: String,
    until: Instant,
}

/// A socket in use.
#[derive(Debug)]
pub(crate) struct Lease {
    /// The socket.
    pub(crate) socket: Socket,
    /// Whether it was open before, so that its vendor may have closed it at this very moment.
    pub(crate) warm: bool,
    address: String,
    in_use: InUse,
}

/// Counts as a use until it is dropped.
#[derive(Debug)]
struct InUse(Arc<Shared>);

/// What is to be done for a pool.
enum Chore {
    Stop,
    Dial(Dial, String),
    Rest(Instant),
}

impl Pool {
    /// A pool that reaches an address by `dial`.
    pub(crate) fn new(warmth: Warmth, dial: impl Fn(&str) -> Dial + Send + Sync + 'static) -> Self {
        let state = State {
            address: String::new(),
            idle: VecDeque::new(),
            leases: 0,
            used: None,
            kept: false,
        };
        Self(Arc::new(Shared {
            warmth,
            dial: Box::new(dial),
            state: Mutex::new(state),
            changed: Arc::default(),
        }))
    }

    /// A socket to `address`: a warm one, else a new one.
    pub(crate) async fn take(&self, address: &str) -> Result<Lease, FaultKind> {
        let in_use = InUse::begin(&self.0, address);
        let warm = self.0.lock().take(address);
        let (socket, warm) = match warm {
            Some(socket) => (socket, true),
            None => ((self.0.dial)(address).dial().await?, false),
        };
        self.0.changed.notify_one();
        Ok(Lease {
            socket,
            warm,
            address: address.to_owned(),
            in_use,
        })
    }

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.0.lock().idle.len()
    }
}

impl Lease {
    /// Dials anew in place of a socket that turned out to be closed.
    pub(crate) async fn renew(&mut self) -> Result<(), FaultKind> {
        self.socket = (self.in_use.0.dial)(&self.address).dial().await?;
        self.warm = false;
        Ok(())
    }

    /// Ends the connection.
    pub(crate) async fn close(self) {
        self.socket.close().await;
    }

    /// Gives the socket back for others to use.
    pub(crate) fn put_back(self) {
        let Self {
            socket,
            address,
            in_use,
            ..
        } = self;
        in_use.0.keep(socket, address);
    }
}

impl InUse {
    fn begin(shared: &Arc<Shared>, address: &str) -> Self {
        let mut state = shared.lock();
        state.leases += 1;
        address.clone_into(&mut state.address);
        if !state.kept && shared.warmth.sockets > 0 {
            state.kept = true;
            tokio::spawn(look_after(Arc::downgrade(shared), Arc::clone(&shared.changed)));
        }
        drop(state);
        Self(Arc::clone(shared))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.leases -= 1;
        state.used = Some(Instant::now());
        drop(state);
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, socket: Socket, address: String) {
        let mut state = self.lock();
        if state.kept && state.idle.len() < self.warmth.sockets && state.address == address {
            let until = Instant::now() + self.warmth.life;
            state.idle.push_back(Idle {
                socket,
                address,
                until,
            });
            drop(state);
            self.changed.notify_one();
        }
    }

    fn chore(&self) -> Chore {
        let mut state = self.lock();
        let now = Instant::now();
        let rests = state.used.map(|used| used + self.warmth.linger);
        if state.leases == 0 && rests.is_none_or(|rests| rests <= now) {
            state.kept = false;
            state.idle.clear();
            return Chore::Stop;
        }
        let wanted = state.address.clone();
        state
            .idle
            .retain(|idle| idle.until > now && idle.address == wanted);
        if state.idle.len() < self.warmth.sockets {
            return Chore::Dial((self.dial)(&wanted), wanted);
        }
        let oldest = state.idle.iter().map(|idle| idle.until).min();
        let rests = rests.filter(|_| state.leases == 0);
        Chore::Rest(
            oldest
                .into_iter()
                .chain(rests)
                .min()
                .unwrap_or(now + self.warmth.life),
        )
    }

    /// Ready when a socket has ended.
    fn poll_ended(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        let before = state.idle.len();
        state
            .idle
            .retain_mut(|idle| idle.socket.poll_idle(cx).is_pending());
        if state.idle.len() < before {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl State {
    /// The newest socket to `address` that is open.
    fn take(&mut self, address: &str) -> Option<Socket> {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        while let Some(at) = self.idle.iter().rposition(|idle| idle.address == address) {
            let mut idle = self.idle.remove(at)?;
            if idle.until > Instant::now() && idle.socket.poll_idle(&mut cx).is_pending() {
                return Some(idle.socket);
            }
        }
        None
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("warmth", &self.warmth)
            .finish_non_exhaustive()
    }
}

/// Keeps a pool's sockets warm until nobody needs them or it is gone.
async fn look_after(pool: Weak<Shared>, changed: Arc<Notify>) {
    let mut wait = RETRY.0;
    loop {
        let Some(chore) = pool.upgrade().map(|pool| pool.chore()) else {
            return;
        };
        match chore {
            Chore::Stop => return,
            Chore::Dial(dial, address) => match dial.dial().await {
                Ok(socket) => {
                    wait = RETRY.0;
                    let Some(pool) = pool.upgrade() else { return };
                    pool.keep(socket, address);
                }
                Err(_) => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RETRY.1);
                }
            },
            Chore::Rest(until) => {
                let ended = poll_fn(|cx| pool.upgrade().map_or(Poll::Ready(()), |pool| pool.poll_ended(cx)));
                tokio::select! {
                    () = changed.notified() => {}
                    () = sleep_until(until) => {}
                    () = ended => {}
                }
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}
