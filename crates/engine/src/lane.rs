//! A consumer's lane on the bus: what it has not taken yet, in order.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::PollSender;

/// Feeds a bounded channel without ever blocking the session's loop; collects before there is a consumer.
///
/// Overflow policy: the owner watches what is [`waiting`](Self::waiting) and how long the consumer has been
/// [`stuck`](Self::stuck_since), and gives up on it.
pub(crate) struct Lane<T: Send> {
    sender: Option<PollSender<T>>,
    waiting: VecDeque<T>,
    stuck_since: Option<Instant>,
}

/// The consumer is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl<T: Send + 'static> Lane<T> {
    /// A lane whose consumer is yet to come.
    pub(crate) fn new() -> Self {
        Self {
            sender: None,
            waiting: VecDeque::new(),
            stuck_since: None,
        }
    }

    /// Names the consumer.
    pub(crate) fn connect(&mut self, sender: mpsc::Sender<T>) {
        self.sender = Some(PollSender::new(sender));
    }

    /// Queues an item behind all others.
    pub(crate) fn push(&mut self, item: T) {
        self.waiting.push_back(item);
    }

    /// Queues an item as early as possible, but behind the last item for which `precedes` holds.
    pub(crate) fn push_after(&mut self, item: T, precedes: impl Fn(&T) -> bool) {
        let place = self.waiting.iter().rposition(precedes).map_or(0, |last| last + 1);
        self.waiting.insert(place, item);
    }

    /// Hands over items for which `released` holds until the first that is not, or until the consumer is busy; wakes
    /// the task when the consumer has room again.
    pub(crate) fn poll_feed(
        &mut self,
        cx: &mut Context<'_>,
        released: impl Fn(&T) -> bool,
    ) -> Poll<Result<(), Gone>> {
        let Some(sender) = &mut self.sender else {
            return Poll::Pending;
        };
        while self.waiting.front().is_some_and(&released) {
            match sender.poll_reserve(cx) {
                Poll::Pending => {
                    self.stuck_since.get_or_insert_with(Instant::now);
                    return Poll::Pending;
                }
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Gone)),
                Poll::Ready(Ok(())) => {}
            }
            self.stuck_since = None;
            if let Some(item) = self.waiting.pop_front() {
                sender.send_item(item).map_err(|_| Gone)?;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Gives up the item that has waited longest.
    pub(crate) fn drop_oldest(&mut self) -> Option<T> {
        self.waiting.pop_front()
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &T> {
        self.waiting.iter()
    }

    /// Since when the consumer has taken nothing although something waits for it.
    pub(crate) fn stuck_since(&self) -> Option<Instant> {
        self.stuck_since
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Waker;

    use super::*;

    fn everything() -> impl Fn(&u32) -> bool + Copy {
        |_| true
    }

    fn lane(capacity: usize) -> (Lane<u32>, mpsc::Receiver<u32>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let mut lane = Lane::new();
        lane.connect(sender);
        (lane, receiver)
    }

    #[test]
    fn a_busy_consumer_leaves_the_rest_waiting_in_order() {
        let (mut lane, mut receiver) = lane(2);
        for item in 0..5 {
            lane.push(item);
        }
        let mut cx = Context::from_waker(Waker::noop());
        assert!(lane.poll_feed(&mut cx, everything()).is_pending());
        assert_eq!(lane.waiting().copied().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!((receiver.try_recv(), receiver.try_recv()), (Ok(0), Ok(1)));
        assert!(lane.poll_feed(&mut cx, everything()).is_pending());
        assert_eq!(receiver.try_recv(), Ok(2));
    }

    #[test]
    fn an_item_can_overtake_what_it_does_not_depend_on() {
        let (mut lane, _receiver) = lane(1);
        for item in [10, 20, 30] {
            lane.push(item);
        }
        lane.push_after(15, |&other| other < 15);
        assert_eq!(lane.waiting().copied().collect::<Vec<_>>(), [10, 15, 20, 30]);
    }

    #[test]
    fn nothing_passes_an_item_that_is_held_back() {
        let (mut lane, mut receiver) = lane(8);
        for item in [1, 9, 2] {
            lane.push(item);
        }
        let mut cx = Context::from_waker(Waker::noop());
        assert_eq!(lane.poll_feed(&mut cx, |&item| item < 5), Poll::Ready(Ok(())));
        assert_eq!(receiver.try_recv(), Ok(1));
        assert!(receiver.try_recv().is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_consumer_is_stuck_until_it_takes_something() {
        let (mut lane, mut receiver) = lane(1);
        for item in 0..3 {
            lane.push(item);
        }
        let began = Instant::now();
        let mut cx = Context::from_waker(Waker::noop());
        assert!(lane.poll_feed(&mut cx, everything()).is_pending());
        tokio::time::advance(std::time::Duration::from_millis(70)).await;
        assert!(lane.poll_feed(&mut cx, everything()).is_pending());
        assert_eq!(lane.stuck_since(), Some(began));
        assert_eq!(receiver.try_recv(), Ok(0));
        assert!(lane.poll_feed(&mut cx, everything()).is_pending());
        assert_eq!(lane.stuck_since(), Some(Instant::now()));
    }

    #[tokio::test]
    async fn a_gone_consumer_is_noticed() {
        let (mut lane, receiver) = lane(1);
        lane.push(1);
        drop(receiver);
        assert_eq!(poll_fn(|cx| lane.poll_feed(cx, everything())).await, Err(Gone));
    }
}
