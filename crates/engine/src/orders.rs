//! What operators want of a session, on its way to the session's task.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use tokio::sync::oneshot;

use crate::observers::Observer;

/// Orders that may wait for a session. Overflow policy: further ones are refused.
const WAITING: usize = 16;

/// What an operator wants.
#[derive(Debug)]
pub(crate) enum Order {
    /// End the session.
    End,
    /// Let someone listen in. Dropping the sender refuses.
    Watch(oneshot::Sender<Observer>),
}

/// The orders of one session. It is asked at every wake, so that asking costs no lock while there are none.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    any: AtomicBool,
    waiting: Mutex<Waiting>,
    session: AtomicWaker,
}

#[derive(Debug, Default)]
struct Waiting {
    orders: VecDeque<Order>,
    closed: bool,
}

impl Orders {
    /// Leaves an order; `false` if the session takes no more.
    pub(crate) fn give(&self, order: Order) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.closed || waiting.orders.len() >= WAITING {
            return false;
        }
        waiting.orders.push_back(order);
        drop(waiting);
        self.any.store(true, Ordering::Release);
        self.session.wake();
        true
    }

    /// The next order.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Order> {
        self.session.register(cx.waker());
        if !self.any.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let order = waiting.orders.pop_front();
        self.any.store(!waiting.orders.is_empty(), Ordering::Release);
        order.map_or(Poll::Pending, Poll::Ready)
    }

    /// Refuses whatever waits and whatever else may come.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.closed = true;
        waiting.orders.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn an_order_wakes_the_session_and_a_closed_one_refuses() {
        let orders = Arc::new(Orders::default());
        let session = tokio::spawn({
            let orders = orders.clone();
            async move { poll_fn(|cx| orders.poll(cx)).await }
        });
        tokio::task::yield_now().await;
        assert!(orders.give(Order::End));
        assert!(matches!(session.await, Ok(Order::End)));

        let (answer, answered) = oneshot::channel();
        assert!(orders.give(Order::Watch(answer)));
        orders.close();
        assert!(answered.await.is_err());
        assert!(!orders.give(Order::End));
    }

    #[test]
    fn more_than_can_wait_is_refused() {
        let orders = Orders::default();
        let taken = (0..=WAITING).filter(|_| orders.give(Order::End)).count();
        assert_eq!(taken, WAITING);
    }
}
