//! Listening in on a session: its server events, from a snapshot of the conversation on.
//!
//! The session pays for it only while somebody listens. It never waits for a listener.

mod snapshot;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bedside_protocol::{CloseCode, ServerEvent, ServerEventKind};
use futures::Stream;
use futures::task::AtomicWaker;

pub(crate) use snapshot::snapshot;

/// Listeners of one session.
const LISTENERS: usize = 8;

/// Events that may wait for one listener: a minute of a lively session. Overflow policy: the oldest are dropped, and the
/// listener is told how many.
const WAITING: usize = 512;

/// Bytes of events that may wait for one listener, the newest excepted. Overflow policy as above.
const WAITING_BYTES: usize = 1 << 20;

/// What a listener is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// The conversation so far: `{"items": […], "omitted": n}`. Comes first, once.
    Snapshot(String),
    /// A server event as on the wire. Audio is left out, and so is what would let others into the session.
    Event(Arc<str>),
    /// So many events were dropped here, as the listener did not take them in time.
    Dropped(u64),
    /// The session ended with this close code; 1006 if the connection was lost. Comes last.
    Ended(u16),
}

/// Someone who listens in on a session. Dropping it ends that.
#[derive(Debug)]
pub struct Observer {
    snapshot: Option<String>,
    queue: Arc<Queue>,
    over: bool,
}

impl Stream for Observer {
    type Item = Observed;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Observed>> {
        if let Some(snapshot) = self.snapshot.take() {
            return Poll::Ready(Some(Observed::Snapshot(snapshot)));
        }
        if self.over {
            return Poll::Ready(None);
        }
        self.queue.listener.register(cx.waker());
        let next = self.queue.next();
        self.over = matches!(next, Some(Observed::Ended(_)));
        next.map_or(Poll::Pending, |next| Poll::Ready(Some(next)))
    }
}

/// What waits for one listener.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    listener: AtomicWaker,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<Arc<str>>,
    bytes: usize,
    dropped: u64,
    ended: Option<u16>,
}

impl Queue {
    /// Queues an event; returns how many were dropped for it.
    fn push(&self, event: Arc<str>) -> u64 {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bytes += event.len();
        waiting.events.push_back(event);
        let before = waiting.dropped;
        while waiting.events.len() > WAITING || (waiting.events.len() > 1 && waiting.bytes > WAITING_BYTES) {
            let oldest = waiting.events.pop_front();
            waiting.bytes -= oldest.map_or(0, |event| event.len());
            waiting.dropped += 1;
        }
        let dropped = waiting.dropped - before;
        drop(waiting);
        self.listener.wake();
        dropped
    }

    fn end(&self, code: u16) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).ended = Some(code);
        self.listener.wake();
    }

    fn next(&self) -> Option<Observed> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.dropped > 0 {
            return Some(Observed::Dropped(std::mem::take(&mut waiting.dropped)));
        }
        let event = waiting.events.pop_front();
        waiting.bytes -= event.as_ref().map_or(0, |event| event.len());
        event.map(Observed::Event).or(waiting.ended.map(Observed::Ended))
    }
}

/// The listeners of one session, in its own hands.
#[derive(Debug, Default)]
pub(crate) struct Observers {
    queues: Vec<Arc<Queue>>,
}

impl Observers {
    /// Lets one more listen, from `snapshot` on; `None` if there are too many.
    pub(crate) fn admit(&mut self, snapshot: impl FnOnce() -> String) -> Option<Observer> {
        self.forget_gone();
        if self.queues.len() >= LISTENERS {
            return None;
        }
        let queue = Arc::<Queue>::default();
        self.queues.push(queue.clone());
        Some(Observer {
            snapshot: Some(snapshot()),
            queue,
            over: false,
        })
    }

    /// Tells those who listen; returns how many events were dropped for those who do not keep up.
    pub(crate) fn tell(&mut self, event: &ServerEvent) -> u64 {
        if self.queues.is_empty() {
            return 0;
        }
        self.forget_gone();
        // An event that cannot be written ends the session elsewhere.
        let Ok(text) = shown(event) else { return 0 };
        let text: Arc<str> = text.into();
        self.queues.iter().map(|queue| queue.push(text.clone())).sum()
    }

    /// The session is over.
    pub(crate) fn end(&mut self, code: u16) {
        for queue in self.queues.drain(..) {
            queue.end(code);
        }
    }

    fn forget_gone(&mut self) {
        self.queues.retain(|queue| Arc::strong_count(queue) > 1);
    }
}

impl Drop for Observers {
    /// The session's task was cut off.
    fn drop(&mut self) {
        self.end(CloseCode::Internal.as_u16());
    }
}

/// The event as text. A session's ticket for resuming is for its client alone: whoever has it can take the session over.
fn shown(event: &ServerEvent) -> Result<String, serde_json::Error> {
    if !matches!(
        event.kind,
        ServerEventKind::SessionCreated { .. } | ServerEventKind::SessionUpdated { .. }
    ) {
        return event.to_json();
    }
    let mut shown = serde_json::to_value(event)?;
    redact(&mut shown);
    Ok(shown.to_string())
}

fn redact(event: &mut serde_json::Value) {
    if let Some(session) = event.get_mut("session").and_then(|it| it.as_object_mut()) {
        session.remove("client_secret");
        if let Some(bedside) = session.get_mut("bedside").and_then(|it| it.as_object_mut()) {
            bedside.remove("resume");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, StreamExt};
    use serde_json::json;

    use super::*;

    fn event(number: usize, size: usize) -> ServerEvent {
        ServerEvent {
            kind: ServerEventKind::ConversationItemDeleted {
                item_id: "x".repeat(size),
            },
            event_id: format!("event_{number}"),
        }
    }

    fn listener(observers: &mut Observers) -> Observer {
        observers.admit(|| "{}".to_owned()).expect("there is room")
    }

    #[tokio::test]
    async fn a_listener_gets_the_snapshot_then_events_then_the_end() {
        let mut observers = Observers::default();
        let listener = listener(&mut observers);
        observers.tell(&event(1, 1));
        observers.end(4003);
        let told: Vec<_> = listener.collect().await;
        let text = event(1, 1).to_json().expect("JSON");
        let expected = [
            Observed::Snapshot("{}".to_owned()),
            Observed::Event(text.into()),
            Observed::Ended(4003),
        ];
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn one_who_does_not_listen_loses_the_oldest_and_is_told() {
        for (count, size, kept) in [(WAITING + 7, 1, WAITING), (9, WAITING_BYTES / 4, 3)] {
            let mut observers = Observers::default();
            let mut slow = listener(&mut observers);
            let lost: u64 = (0..count)
                .map(|number| observers.tell(&event(number, size)))
                .sum();
            assert!(matches!(slow.next().await, Some(Observed::Snapshot(_))));
            let dropped = (count - kept) as u64;
            assert_eq!(lost, dropped);
            assert_eq!(slow.next().await, Some(Observed::Dropped(dropped)));
            let Some(Observed::Event(first)) = slow.next().await else {
                panic!("no event");
            };
            assert!(first.contains(&format!("event_{dropped}\"")), "{size}");
            assert_eq!(slow.by_ref().take(kept - 1).count().await, kept - 1);
            assert_eq!(slow.next().now_or_never(), None);
        }
    }

    #[tokio::test]
    async fn listeners_are_few_and_a_place_is_free_when_one_leaves() {
        let mut observers = Observers::default();
        let mut listeners: Vec<_> = (0..LISTENERS).map(|_| listener(&mut observers)).collect();
        assert!(observers.admit(String::new).is_none());
        listeners.pop();
        assert!(observers.admit(String::new).is_some());
        drop(observers);
        let last = listeners
            .pop()
            .expect("a listener")
            .collect::<Vec<_>>()
            .await
            .pop();
        assert_eq!(last, Some(Observed::Ended(1011)));
    }

    #[test]
    fn what_lets_others_into_the_session_is_left_out() {
        let mut event = json!({"type": "session.updated", "session": {"client_secret": {"value": "ek_1"},
            "model": "m", "bedside": {"protocol": "p", "resume": {"token": "t", "ttl_ms": 1}}}});
        redact(&mut event);
        let left =
            json!({"type": "session.updated", "session": {"model": "m", "bedside": {"protocol": "p"}}});
        assert_eq!(event, left);
    }
}
