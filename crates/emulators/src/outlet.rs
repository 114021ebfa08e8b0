//! Where a stream's events go out, past the faults.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::faults::{Refusal, Step, Stream};
use crate::hub::{Hub, Mark};
use crate::line::Line;
use crate::log::Event;
use crate::vendor::Vendor;

/// Events that may wait to be written; then the vendor waits.
pub(crate) const WAITING: usize = 256;

/// Between two pieces of a stream that trickles.
pub(crate) const DRIP: Duration = Duration::from_millis(400);

/// What a writer is told to do.
#[derive(Debug)]
pub(crate) enum Out<E> {
    /// Write the event, and then the mark into the log.
    Event(E, Option<Mark>),
    /// The same, slowly.
    Drip(E, Option<Mark>),
    /// Write what breaks the framing.
    Garbage,
    /// End cleanly.
    End,
}

/// The stream takes no more events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client is gone, or the connection was cut.
    Gone,
    /// The stream was ended cleanly before its time.
    Early,
}

/// The events of one request. Several may share a writer.
#[derive(Debug)]
pub(crate) struct Outlet<E> {
    hub: Hub,
    vendor: Vendor,
    line: Line,
    stream: Stream,
    queue: mpsc::Sender<Out<E>>,
    held: Option<(E, Option<Mark>)>,
}

impl<E: Clone> Outlet<E> {
    /// A request of `vendor` begins on `line`; its events will go to `queue`.
    pub(crate) fn start(
        hub: &Hub,
        vendor: Vendor,
        line: &Line,
        queue: mpsc::Sender<Out<E>>,
    ) -> Result<Self, Refusal> {
        let stream = hub.start(vendor, line.id())?;
        Ok(Self {
            hub: hub.clone(),
            vendor,
            line: line.clone(),
            stream,
            queue,
            held: None,
        })
    }

    /// Sends an event, unless a fault decides otherwise. A stalled stream takes events and sends none.
    pub(crate) async fn send(&mut self, event: E) -> Result<(), Ended> {
        self.pass(event, None).await.map(drop)
    }

    /// As [`send`](Self::send); when the event is on the wire, the log says so.
    pub(crate) async fn send_marked(&mut self, event: E, kind: Event, detail: Value) -> Result<(), Ended> {
        self.pass(event, Some(Mark { event: kind, detail }))
            .await
            .map(drop)
    }

    /// As [`send_marked`](Self::send_marked), and tells whether the event will reach the client.
    pub(crate) async fn pass(&mut self, event: E, mark: Option<Mark>) -> Result<bool, Ended> {
        match self.hub.next(self.vendor, self.line.id(), &mut self.stream) {
            Step::Send => {
                self.put(Out::Event(event, mark)).await?;
                self.release().await?;
            }
            Step::Drip => self.put(Out::Drip(event, mark)).await?,
            Step::Twice => {
                self.put(Out::Event(event.clone(), mark)).await?;
                self.put(Out::Event(event, None)).await?;
            }
            Step::Hold => self.held = Some((event, mark)),
            Step::Withhold => return Ok(false),
            Step::Garbage => {
                self.put(Out::Garbage).await?;
                return Ok(false);
            }
            Step::Cut => {
                self.line.cut();
                return Err(Ended::Gone);
            }
            Step::End => {
                self.put(Out::End).await?;
                return Err(Ended::Early);
            }
        }
        Ok(true)
    }

    /// Sends what was held back. To be called when nothing more follows.
    pub(crate) async fn release(&mut self) -> Result<(), Ended> {
        match self.held.take() {
            Some((event, mark)) => self.put(Out::Event(event, mark)).await,
            None => Ok(()),
        }
    }

    /// Whether the stream sends nothing more though its connection is open. A vendor that has stalled does not say
    /// goodbye either.
    pub(crate) fn is_stalled(&self) -> bool {
        use crate::faults::Fault::{Garbage, StallFirst, StallMid};
        matches!(self.stream.struck(), Some(StallFirst | StallMid | Garbage))
    }

    /// Nothing more follows: sends what was held back and, unless the stream has stalled, ends it. If it has stalled,
    /// waits until the client has gone.
    pub(crate) async fn finish(mut self) {
        if self.is_stalled() {
            self.queue.closed().await;
        } else if self.release().await.is_ok() {
            let _ = self.put(Out::End).await;
        }
    }

    async fn put(&self, out: Out<E>) -> Result<(), Ended> {
        self.queue.send(out).await.map_err(|_| Ended::Gone)
    }
}
