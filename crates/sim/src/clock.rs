//! Virtual time: what happens next, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use bedside_conversation::time::Time;

/// Events in the order of their time; events of one instant in the order in which they were planned.
#[derive(Debug)]
pub struct Agenda<E> {
    heap: BinaryHeap<Reverse<Entry<E>>>,
    planned: u64,
    now: Time,
}

#[derive(Debug)]
struct Entry<E> {
    at: Time,
    order: u64,
    event: E,
}

impl<E> Entry<E> {
    fn key(&self) -> (Time, u64) {
        (self.at, self.order)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            planned: 0,
            now: Time::ZERO,
        }
    }
}

impl<E> Agenda<E> {
    /// The present.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Plans `event` for `at`, or for now if `at` has passed.
    pub fn plan(&mut self, at: Time, event: E) {
        let at = at.max(self.now);
        self.heap.push(Reverse(Entry {
            at,
            order: self.planned,
            event,
        }));
        self.planned += 1;
    }

    /// When the next event happens.
    pub fn next_at(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// Moves time to the next event and takes it.
    pub fn pop(&mut self) -> Option<E> {
        let Reverse(entry) = self.heap.pop()?;
        self.now = entry.at;
        Some(entry.event)
    }

    /// Moves time to `at`, which must not lie beyond the next event; time never goes back.
    pub fn advance(&mut self, at: Time) {
        debug_assert!(
            self.next_at().is_none_or(|next| at <= next),
            "an event was skipped"
        );
        self.now = self.now.max(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_in_the_order_of_planning() {
        let mut agenda = Agenda::default();
        for (at, name) in [(30, "late"), (10, "first"), (10, "second"), (20, "third")] {
            agenda.plan(Time::from_millis(at), name);
        }
        let order: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(order, ["first", "second", "third", "late"]);
        assert_eq!(agenda.now(), Time::from_millis(30));
    }

    #[test]
    fn the_past_is_now() {
        let mut agenda = Agenda::default();
        agenda.advance(Time::from_millis(5));
        agenda.plan(Time::from_millis(1), ());
        assert_eq!(agenda.next_at(), Some(Time::from_millis(5)));
    }
}
