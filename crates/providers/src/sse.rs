//! Answers of chat models as server-sent events: what all such vendors have in common.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::{FaultKind, StageFault};
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::{RequestBuilder, Response};
use sse_stream::SseByteStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::http;

/// Bytes of one answer; more is no answer to speak, and nothing of it may pile up.
const LONGEST: usize = 4 * 1024 * 1024;

/// How long an answer that is complete waits for what may follow it (usage, the end mark).
const GRACE: Duration = Duration::from_millis(500);

/// How long the rest of a connection is read so that it can be used again.
const DRAIN: Duration = Duration::from_secs(2);

/// Reads a vendor's events. Pure: no sockets, no clock.
pub(crate) trait Decode: Send + 'static {
    /// Reads the data of one event and adds what it says to `out`, but for the end of the answer.
    fn event(&mut self, data: &str, out: &mut VecDeque<ModelEvent>) -> Result<Progress, FaultKind>;

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

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    /// For the head of the answer.
    pub(crate) open: Duration,
    /// For each event after it.
    pub(crate) next: Duration,
}

type Events = SseByteStream<BoxStream<'static, Result<Bytes, StreamFault>>>;

/// Sends `request` when first polled, and reads its answer. Dropping the stream closes the connection, which is how
/// such vendors are told to stop.
pub(crate) fn answer(
    provider: &'static str,
    request: Result<RequestBuilder, FaultKind>,
    decoder: impl Decode,
    waits: Waits,
) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
    let state = State::Unsent(Box::new(request));
    let reading = Reading {
        state,
        decoder,
        waits,
        out: VecDeque::new(),
        complete: false,
    };
    stream::unfold(reading, move |mut reading| async move {
        let event = reading.next().await?;
        Some((event.map_err(|kind| http::fault(provider, kind)), reading))
    })
    .boxed()
}

struct Reading<D> {
    state: State,
    decoder: D,
    waits: Waits,
    out: VecDeque<ModelEvent>,
    complete: bool,
}

enum State {
    Unsent(Box<Result<RequestBuilder, FaultKind>>),
    Open(Box<Events>),
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
            State::Unsent(request) => Some(self.open(*request).await),
            State::Open(events) => Some(self.read(events).await),
            State::Ended => None,
        }
    }

    async fn open(&mut self, request: Result<RequestBuilder, FaultKind>) -> Result<(), FaultKind> {
        let response = http::send(request?, Instant::now() + self.waits.open).await?;
        self.state = State::Open(Box::new(events(response)));
        Ok(())
    }

    async fn read(&mut self, mut events: Box<Events>) -> Result<(), FaultKind> {
        let wait = if self.complete { GRACE } else { self.waits.next };
        let deadline = Instant::now() + wait;
        let read = match timeout_at(deadline, data(&mut events)).await {
            Ok(read) => read,
            Err(_) => Err(FaultKind::Timeout),
        };
        let progress = match read {
            Ok(Some(data)) => self.decoder.event(&data, &mut self.out),
            Ok(None) => Ok(Progress::Ended),
            Err(kind) => Err(kind),
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

/// The data of the next event that has any.
async fn data(events: &mut Events) -> Result<Option<String>, FaultKind> {
    loop {
        match events.next().await {
            None => return Ok(None),
            Some(Ok(event)) => {
                if let Some(data) = event.data.filter(|data| !data.is_empty()) {
                    return Ok(Some(data));
                }
            }
            Some(Err(sse_stream::Error::Body(error))) => {
                let kind = error.downcast_ref::<StreamFault>().map(|fault| fault.0);
                return Err(kind.unwrap_or(FaultKind::Disconnected));
            }
            Some(Err(_)) => return Err(FaultKind::Internal),
        }
    }
}

fn events(response: Response) -> Events {
    let pieces = response
        .bytes_stream()
        .map_err(|error| StreamFault(http::of_error(&error)));
    parsed(pieces)
}

/// Events of a stream of bytes, of which there are not more than an answer can have. Some servers leave out the empty
/// line after the last one.
fn parsed(pieces: impl Stream<Item = Result<Bytes, StreamFault>> + Send + 'static) -> Events {
    let end = stream::once(async { Ok(Bytes::from_static(b"\n\n")) });
    let mut room = LONGEST;
    let bounded = pieces.map(move |piece| {
        let piece = piece?;
        room = room
            .checked_sub(piece.len())
            .ok_or(StreamFault(FaultKind::Internal))?;
        Ok(piece)
    });
    SseByteStream::new(bounded.chain(end).boxed())
}

/// Reads to the end what is left, so that the connection can serve the next request.
fn drain(mut events: Box<Events>) {
    tokio::spawn(timeout(DRAIN, async move {
        while let Some(Ok(_)) = events.next().await {}
    }));
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct StreamFault(FaultKind);

/// All events of `text`, delivered in pieces that end at each of `cuts`, as a decoder reads them.
#[cfg(test)]
pub(crate) async fn decoded(
    text: &str,
    piece: usize,
    mut decoder: impl Decode,
) -> Result<Vec<ModelEvent>, FaultKind> {
    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(piece.max(1))
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let mut events = parsed(stream::iter(pieces));
    let mut out = VecDeque::new();
    while let Some(data) = data(&mut events).await? {
        if decoder.event(&data, &mut out)? == Progress::Ended {
            break;
        }
    }
    decoder.end(&mut out)?;
    Ok(out.into())
}
