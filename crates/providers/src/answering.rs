//! Answers of chat models as streams of a vendor's events: what all such vendors have in common.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::{FaultKind, StageFault};
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use tokio::time::timeout;

/// How long an answer that is complete waits for what may follow it (usage, the end mark).
const GRACE: Duration = Duration::from_millis(500);

/// How long the rest of a stream is read so that its connection can be used again.
const DRAIN: Duration = Duration::from_secs(2);

/// What a vendor sends.
pub(crate) type Events<E> = BoxStream<'static, Result<E, FaultKind>>;

/// Reads a vendor's events. Pure: no sockets, no clock.
pub(crate) trait Decode: Send + 'static {
    /// One of them, such as the data of a server-sent event.
    type Event: Send + 'static;

    /// Reads one event and adds what it says to `out`, but for the end of the answer.
    fn event(&mut self, event: Self::Event, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind>;

    /// The stream has ended, or nothing more is waited for: the end of the answer, if it was complete.
    fn end(&mut self, out: &mut VecDeque<ModelEvent>) -> Result<(), FaultKind>;
}

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// More is to come.
    Open,
    /// Every word of it is there.
    Complete,
    /// Nothing follows.
    Ended,
}

/// Asks when first polled, and reads the answer, of which each event is waited for at most `next`. Dropping the stream
/// drops the vendor's, which is how vendors are told to stop.
pub(crate) fn answer<D: Decode>(
    provider: &'static str,
    asking: impl Future<Output = Result<Events<D::Event>, FaultKind>> + Send + 'static,
    decoder: D,
    next: Duration,
) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
    let reading = Reading {
        state: State::Asking(asking.boxed()),
        decoder,
        next,
        out: VecDeque::new(),
        complete: false,
    };
    stream::unfold(reading, move |mut reading| async move {
        let event = reading.next().await?;
        Some((event.map_err(|kind| StageFault { provider, kind }), reading))
    })
    .boxed()
}

struct Reading<D: Decode> {
    state: State<D::Event>,
    decoder: D,
    next: Duration,
    out: VecDeque<ModelEvent>,
    complete: bool,
}

enum State<E> {
    Asking(BoxFuture<'static, Result<Events<E>, FaultKind>>),
    Open(Events<E>),
    Ended,
}

impl<D: Decode> Reading<D> {
    async fn next(&mut self) -> Option<Result<ModelEvent, FaultKind>> {
        loop {
            if let Some(event) = self.out.pop_front() {
                return Some(Ok(event));
            }
            if let Err(kind) = self.step().await? {
                self.out.clear();
                return Some(Err(kind));
            }
        }
    }

    /// Goes one event further; `None` when there is none left.
    async fn step(&mut self) -> Option<Result<(), FaultKind>> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Asking(asking) => Some(asking.await.map(|events| self.state = State::Open(events))),
            State::Open(events) => Some(self.read(events).await),
            State::Ended => None,
        }
    }

    async fn read(&mut self, mut events: Events<D::Event>) -> Result<(), FaultKind> {
        let wait = if self.complete { GRACE } else { self.next };
        let progress = match timeout(wait, events.next()).await {
            Ok(Some(Ok(event))) => self.decoder.event(event, &mut self.out),
            Ok(Some(Err(kind))) => Err(kind),
            Ok(None) => return self.decoder.end(&mut self.out),
            Err(_) => Err(FaultKind::Timeout),
        };
        match progress {
            Ok(Progress::Ended) => {
                drain(events);
                self.decoder.end(&mut self.out)
            }
            Ok(progress) => {
                self.complete |= progress == Progress::Complete;
                self.state = State::Open(events);
                Ok(())
            }
            // Every word was said: what went wrong after them is nobody's loss.
            Err(_) if self.complete => self.decoder.end(&mut self.out),
            Err(kind) => Err(kind),
        }
    }
}

/// Reads to the end what is left, so that the connection can serve the next request.
fn drain<E: Send + 'static>(mut events: Events<E>) {
    tokio::spawn(timeout(DRAIN, async move {
        while let Some(Ok(_)) = events.next().await {}
    }));
}
