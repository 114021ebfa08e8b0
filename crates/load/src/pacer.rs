//! Wakes sessions when something of theirs is due: one wheel of milliseconds for all of them.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A tick of the wheel.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Slots of the wheel. What is due later than a turn stays where it is for a turn.
const SLOTS: usize = 1_024;

/// The clock of a run and those who wait for it. Times are since the run's beginning.
#[derive(Debug)]
pub(crate) struct Pacer {
    begin: Instant,
    wheel: Mutex<Wheel>,
}

#[derive(Debug)]
struct Wheel {
    slots: Vec<Vec<(u64, Waker)>>,
    /// The last tick that was woken.
    done: u64,
}

impl Pacer {
    /// A wheel that turns from `begin` on.
    pub(crate) fn new(begin: Instant) -> Self {
        let wheel = Wheel {
            slots: vec![Vec::new(); SLOTS],
            done: 0,
        };
        Self {
            begin,
            wheel: Mutex::new(wheel),
        }
    }

    /// Zero before the beginning.
    pub(crate) fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Wakes `waker` at `at` or up to a tick later. It may be woken without need.
    pub(crate) fn wake_at(&self, at: Duration, waker: &Waker) {
        let tick = at.as_nanos().div_ceil(TICK.as_nanos()) as u64;
        let mut wheel = self.wheel.lock();
        if tick <= wheel.done {
            drop(wheel);
            waker.wake_by_ref();
        } else {
            wheel.slots[tick as usize % SLOTS].push((tick, waker.clone()));
        }
    }

    /// Ends at `at`.
    pub(crate) async fn sleep_until(&self, at: Duration) {
        poll_fn(|context| {
            if self.now() >= at {
                return Poll::Ready(());
            }
            self.wake_at(at, context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Turns the wheel until the future is dropped.
    pub(crate) async fn turn(&self) -> io::Result<()> {
        let ticker = Ticker::start(self.begin)?;
        let mut due = Vec::new();
        loop {
            ticker.0.notified().await;
            self.advance(self.now(), &mut due);
            due.drain(..).for_each(Waker::wake);
        }
    }

    /// Moves everyone due by `now` to `due`.
    fn advance(&self, now: Duration, due: &mut Vec<Waker>) {
        let until = (now.as_nanos() / TICK.as_nanos()) as u64;
        let mut wheel = self.wheel.lock();
        let first = wheel.done + 1;
        // After a stall longer than a turn, each slot is looked at once.
        for tick in first.max((until + 1).saturating_sub(SLOTS as u64))..=until {
            let slot = &mut wheel.slots[tick as usize % SLOTS];
            due.extend(
                slot.extract_if(.., |(at, _)| *at <= until)
                    .map(|(_, waker)| waker),
            );
        }
        wheel.done = wheel.done.max(until);
    }
}

/// The first tick after `now`.
fn next_tick(now: Duration) -> Duration {
    TICK * (now.as_nanos() / TICK.as_nanos() + 1) as u32
}

/// A thread that knocks every tick. The runtime's own timer is a millisecond late on average, and round trips would be
/// measured with that.
struct Ticker(Arc<Notify>);

impl Ticker {
    fn start(begin: Instant) -> io::Result<Self> {
        let notify = Arc::new(Notify::new());
        let listener = Arc::downgrade(&notify);
        thread::Builder::new().name("tick".to_owned()).spawn(move || {
            while let Some(notify) = listener.upgrade() {
                notify.notify_one();
                drop(notify);
                let now = begin.elapsed();
                thread::sleep(next_tick(now) - now);
            }
        })?;
        Ok(Self(notify))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn woken(pacer: &Pacer, now: Duration) -> usize {
        let mut due = Vec::new();
        pacer.advance(now, &mut due);
        due.len()
    }

    #[test]
    fn everyone_is_woken_at_their_tick_and_not_before() {
        let pacer = Pacer::new(Instant::now());
        let waker = Waker::noop();
        pacer.wake_at(ms(5), waker);
        pacer.wake_at(Duration::from_micros(5_200), waker);
        pacer.wake_at(ms(5 + 3 * SLOTS as u64), waker);
        assert_eq!(woken(&pacer, Duration::from_micros(4_999)), 0);
        assert_eq!(woken(&pacer, ms(5)), 1);
        assert_eq!(woken(&pacer, ms(6)), 1);
        assert_eq!(woken(&pacer, ms(3 * SLOTS as u64)), 0);
        assert_eq!(woken(&pacer, ms(5 + 3 * SLOTS as u64)), 1);
    }

    #[test]
    fn nobody_is_forgotten_in_a_stall() {
        let pacer = Pacer::new(Instant::now());
        (1..=3_000).for_each(|at| pacer.wake_at(ms(at), Waker::noop()));
        assert_eq!(woken(&pacer, ms(10)), 10);
        assert_eq!(woken(&pacer, ms(2_999)), 2_989);
        assert_eq!(woken(&pacer, ms(3_000)), 1);
    }
}
