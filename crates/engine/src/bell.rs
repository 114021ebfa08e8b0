//! Tells a session who has woken it besides its client.
//!
//! Almost every wake is for a frame of the client's audio, or for a judgement of the speech detector; then it is costly to
//! ask everyone else whether they have something: each of them is memory that was not touched for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Wake, Waker};

use futures::task::AtomicWaker;

/// Those who are asked with their [waker](Self::waker) need not be asked again before they have rung.
#[derive(Debug)]
pub(crate) struct Bell {
    rope: Arc<Rope>,
    detector: Waker,
    anyone: Waker,
}

/// Who can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ringer {
    /// The speech detector: it answers thirty times a second.
    Detector,
    /// Anyone else.
    Anyone,
}

/// Some of those who can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ringers(u8);

#[derive(Debug)]
struct Rope {
    rung: AtomicU8,
    session: AtomicWaker,
}

#[derive(Debug)]
struct Pull {
    rope: Arc<Rope>,
    by: Ringer,
}

impl Bell {
    /// A bell that has not rung.
    pub(crate) fn new() -> Self {
        let rope = Arc::new(Rope {
            rung: AtomicU8::new(0),
            session: AtomicWaker::new(),
        });
        let pulled_by = |by| {
            let rope = Arc::clone(&rope);
            Waker::from(Arc::new(Pull { rope, by }))
        };
        Self {
            detector: pulled_by(Ringer::Detector),
            anyone: pulled_by(Ringer::Anyone),
            rope,
        }
    }

    /// Rings the bell.
    pub(crate) fn waker(&self, by: Ringer) -> Waker {
        match by {
            Ringer::Detector => self.detector.clone(),
            Ringer::Anyone => self.anyone.clone(),
        }
    }

    /// From now on, ringing wakes this task.
    pub(crate) fn wakes(&self, session: &Waker) {
        self.rope.session.register(session);
    }

    /// Who has rung since this was last asked.
    pub(crate) fn rung(&self) -> Ringers {
        if self.rope.rung.load(Ordering::Relaxed) == 0 {
            return Ringers::default();
        }
        Ringers(self.rope.rung.swap(0, Ordering::AcqRel))
    }
}

impl Ringers {
    /// Everyone.
    pub(crate) const ALL: Self = Self(Ringer::Detector.bit() | Ringer::Anyone.bit());

    /// Whether this one is among them.
    pub(crate) fn has(self, ringer: Ringer) -> bool {
        self.0 & ringer.bit() != 0
    }

    /// Adds one.
    pub(crate) fn add(&mut self, ringer: Ringer) {
        self.0 |= ringer.bit();
    }

    /// Takes one out; whether it was among them.
    pub(crate) fn take(&mut self, ringer: Ringer) -> bool {
        let had = self.has(ringer);
        self.0 &= !ringer.bit();
        had
    }
}

impl Ringer {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Wake for Pull {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rope.rung.fetch_or(self.by.bit(), Ordering::Release);
        self.rope.session.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringing_wakes_the_session_and_is_heard_once() {
        for (by, other) in [
            (Ringer::Detector, Ringer::Anyone),
            (Ringer::Anyone, Ringer::Detector),
        ] {
            let (bell, session) = (Bell::new(), Bell::new());
            bell.wakes(&session.waker(Ringer::Anyone));
            assert_eq!(bell.rung(), Ringers::default());
            bell.waker(by).wake();
            assert!(session.rung().has(Ringer::Anyone));
            let rung = bell.rung();
            assert!(rung.has(by) && !rung.has(other));
            assert_eq!(bell.rung(), Ringers::default());
        }
    }
}
