//! Tells a session whether anyone but its client has woken it.
//!
//! Almost every wake is for a frame of the client's audio, and then it is costly to ask everyone else whether they have
//! something: each of them is memory that was not touched since the last frame.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use futures::task::AtomicWaker;

/// Those who are asked with its [waker](Self::waker) need not be asked again before the bell has rung.
#[derive(Debug)]
pub(crate) struct Bell {
    rope: Arc<Rope>,
    waker: Waker,
}

#[derive(Debug)]
struct Rope {
    rung: AtomicBool,
    session: AtomicWaker,
}

impl Bell {
    /// A bell that has not rung.
    pub(crate) fn new() -> Self {
        let rope = Arc::new(Rope {
            rung: AtomicBool::new(false),
            session: AtomicWaker::new(),
        });
        Self {
            waker: Waker::from(Arc::clone(&rope)),
            rope,
        }
    }

    /// Rings the bell.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// From now on, ringing wakes this task.
    pub(crate) fn wakes(&self, session: &Waker) {
        self.rope.session.register(session);
    }

    /// Whether the bell has rung since it was last asked.
    pub(crate) fn has_rung(&self) -> bool {
        self.rope.rung.load(Ordering::Relaxed) && self.rope.rung.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Rope {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.session.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringing_wakes_the_session_and_is_heard_once() {
        let (bell, session) = (Bell::new(), Bell::new());
        bell.wakes(&session.waker());
        assert!(!bell.has_rung());
        bell.waker().wake();
        assert!(session.has_rung());
        assert!(bell.has_rung());
        assert!(!bell.has_rung());
    }
}
