//! How much of a plan is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Contexts at a time: the Scale plan.
const CONTEXTS: usize = 15;

/// Sockets at a time: ten times as many.
const SOCKETS: usize = 10 * CONTEXTS;

/// What is in use.
#[derive(Debug, Default)]
pub(super) struct Usage {
    contexts: AtomicUsize,
    sockets: AtomicUsize,
}

/// A place of the plan; dropping it frees it.
#[derive(Debug)]
pub(super) struct Place {
    usage: Arc<Usage>,
    counter: fn(&Usage) -> &AtomicUsize,
}

impl Usage {
    /// A place for one more context, if the plan allows it.
    pub(super) fn context(self: &Arc<Self>) -> Option<Place> {
        self.place(|usage| &usage.contexts, CONTEXTS)
    }

    /// A place for one more socket.
    pub(super) fn socket(self: &Arc<Self>) -> Option<Place> {
        self.place(|usage| &usage.sockets, SOCKETS)
    }

    fn place(self: &Arc<Self>, counter: fn(&Usage) -> &AtomicUsize, limit: usize) -> Option<Place> {
        let usage = self.clone();
        // From here on dropping gives the place back.
        let place = Place { usage, counter };
        (counter(self).fetch_add(1, Ordering::Relaxed) < limit).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        (self.counter)(&self.usage).fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_so_many_places_and_gets_them_back() {
        let usage = Arc::<Usage>::default();
        let mut places: Vec<_> = std::iter::from_fn(|| usage.context()).collect();
        assert_eq!(places.len(), CONTEXTS);
        assert!(usage.context().is_none());
        places.pop();
        assert!(usage.context().is_some());
    }
}
