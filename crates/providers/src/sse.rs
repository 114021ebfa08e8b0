//! Answers of chat models as server-sent events.

use std::future::ready;
use std::time::Duration;

use bedside_conversation::context::ModelEvent;
use bedside_conversation::io::{FaultKind, StageFault};
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::RequestBuilder;
use sse_stream::SseByteStream;
use tokio::time::Instant;

use crate::answering::{self, Decode, Events};
use crate::http;

/// Bytes of one answer; more is no answer to speak, and nothing of it may pile up.
const LONGEST: usize = 4 * 1024 * 1024;

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    /// For the head of the answer.
    pub(crate) open: Duration,
    /// For each event after it.
    pub(crate) next: Duration,
}

/// Sends `request` when first polled, and reads its answer.
pub(crate) fn answer(
    provider: &'static str,
    request: Result<RequestBuilder, FaultKind>,
    decoder: impl Decode<Event = String>,
    waits: Waits,
) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
    let asking = async move {
        let response = http::send(request?, Instant::now() + waits.open).await?;
        let pieces = response
            .bytes_stream()
            .map_err(|error| StreamFault(http::of_error(&error)));
        Ok(events(pieces))
    };
    answering::answer(provider, asking, decoder, waits.next)
}

/// The data of the events that have any, in a stream of bytes, of which there are not more than an answer can have. Some
/// servers leave out the empty line after the last one.
fn events(pieces: impl Stream<Item = Result<Bytes, StreamFault>> + Send + 'static) -> Events<String> {
    let end = stream::once(async { Ok::<_, StreamFault>(Bytes::from_static(b"\n\n")) });
    let mut room = LONGEST;
    let bounded = pieces.map(move |piece| {
        let piece = piece?;
        room = room
            .checked_sub(piece.len())
            .ok_or(StreamFault(FaultKind::Internal))?;
        Ok(piece)
    });
    let events = SseByteStream::new(bounded.chain(end).boxed());
    let data = events.filter_map(|event| {
        ready(match event {
            Ok(event) => event.data.filter(|data| !data.is_empty()).map(Ok),
            Err(sse_stream::Error::Body(error)) => {
                let kind = error.downcast_ref::<StreamFault>().map(|fault| fault.0);
                Some(Err(kind.unwrap_or(FaultKind::Disconnected)))
            }
            Err(_) => Some(Err(FaultKind::Internal)),
        })
    });
    data.boxed()
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct StreamFault(FaultKind);

/// All events of `text`, delivered in pieces of so many bytes, as a decoder reads them.
#[cfg(test)]
pub(crate) async fn decoded(
    text: &str,
    piece: usize,
    mut decoder: impl Decode<Event = String>,
) -> Result<Vec<ModelEvent>, FaultKind> {
    use crate::answering::Progress;

    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(piece.max(1))
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let mut events = events(stream::iter(pieces));
    let mut out = std::collections::VecDeque::new();
    while let Some(data) = events.next().await {
        if decoder.event(data?, &mut out)? == Progress::Ended {
            break;
        }
    }
    decoder.end(&mut out)?;
    Ok(out.into())
}
