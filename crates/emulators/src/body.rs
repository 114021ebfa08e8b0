//! The writer of an answer that streams over HTTP.
//!
//! ```text
//! let (outlet, body) = body::open(&hub, Vendor::OpenAi, &line, b"data: {\"choices\": [");
//! tokio::spawn(async move { outlet.send(event).await?; … outlet.finish().await });
//! Response::builder().header(CONTENT_TYPE, "text/event-stream").body(body)
//! ```

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio::sync::mpsc;

use crate::faults::Refusal;
use crate::hub::{Hub, Mark};
use crate::line::Line;
use crate::outlet::{DRIP, Out, Outlet, WAITING};
use crate::vendor::Vendor;

/// Begins a request of `vendor` whose answer is a stream of chunks, one an event. `garbage` breaks the framing. A stream
/// that trickles does so byte by byte.
pub(crate) fn open(
    hub: &Hub,
    vendor: Vendor,
    line: &Line,
    garbage: &'static [u8],
) -> Result<(Outlet<Bytes>, Body), Refusal> {
    let (queue, events) = mpsc::channel(WAITING);
    let outlet = Outlet::start(hub, vendor, line, queue)?;
    let writer = Writer {
        hub: hub.clone(),
        vendor,
        connection: line.id(),
        garbage,
        events,
        trickle: Bytes::new(),
        mark: None,
    };
    let chunks = stream::unfold(writer, |mut writer| async move {
        let chunk = writer.next().await?;
        Some((Ok::<_, Infallible>(chunk), writer))
    });
    Ok((outlet, Body::from_stream(chunks)))
}

struct Writer {
    hub: Hub,
    vendor: Vendor,
    connection: u64,
    garbage: &'static [u8],
    events: mpsc::Receiver<Out<Bytes>>,
    /// What is left of an event that trickles.
    trickle: Bytes,
    mark: Option<Mark>,
}

impl Writer {
    async fn next(&mut self) -> Option<Bytes> {
        if self.trickle.is_empty() {
            match self.events.recv().await? {
                Out::Event(event, mark) => {
                    self.note(mark);
                    return Some(event);
                }
                Out::Drip(event, mark) => (self.trickle, self.mark) = (event, mark),
                Out::Garbage => return Some(Bytes::from_static(self.garbage)),
                Out::End => return None,
            }
        }
        tokio::time::sleep(DRIP).await;
        let byte = self.trickle.split_to(self.trickle.len().min(1));
        if self.trickle.is_empty() {
            let mark = self.mark.take();
            self.note(mark);
        }
        Some(byte)
    }

    fn note(&self, mark: Option<Mark>) {
        if let Some(Mark { event, detail }) = mark {
            self.hub.log().write(self.vendor, self.connection, event, detail);
        }
    }
}
