//! Playing an answer at its vendor's pace, past the faults.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::{Form, Part, Piece, Pieces, Refused, halves};
use crate::faults::{Step, Stream};
use crate::hub::Hub;
use crate::line::Line;
use crate::log::Event;
use crate::outlet::DRIP;
use crate::vendor::Vendor;

/// Before a cut, so that what was sent earlier is on its way.
const FLUSH: Duration = Duration::from_millis(30);

/// A request that came whole and is to be answered.
#[derive(Debug)]
pub(crate) struct Exchange {
    hub: Hub,
    vendor: Vendor,
    line: Line,
    stream: Stream,
}

impl Exchange {
    /// A request of `vendor` begins on `line`. If a fault turns it away, the response says so: the vendor's `shape` of
    /// a 429 or a 500.
    pub(crate) fn begin(
        hub: &Hub,
        vendor: Vendor,
        line: &Line,
        shape: impl FnOnce(StatusCode) -> Response,
    ) -> Result<Self, Refused> {
        hub.log().write(vendor, line.id(), Event::Open, Value::Null);
        let started = hub.start(vendor, line.id());
        Ok(Self {
            stream: started.map_err(|refusal| Refused::by(refusal, line, shape))?,
            hub: hub.clone(),
            vendor,
            line: line.clone(),
        })
    }

    /// The request was understood.
    pub(crate) fn understood(&self, detail: Value) {
        self.hub
            .log()
            .write(self.vendor, self.line.id(), Event::Request, detail);
    }

    /// How long the answer will take at the vendor's pace, in milliseconds.
    pub(crate) fn expected_ms(&self, words: usize) -> u64 {
        let latency = self.hub.latency(self.vendor);
        latency.first_ms + latency.next_ms * words.saturating_sub(1) as u64
    }

    /// The body of an answer that comes whole.
    pub(crate) fn whole(self, body: impl Into<Bytes>) -> Body {
        self.stream(halves(&body.into()), Form::Text, Bytes::new())
    }

    /// The body of an answer that comes in `pieces`; `failure` is the vendor's error within a stream.
    pub(crate) fn stream(self, pieces: Pieces, form: Form, failure: Bytes) -> Body {
        let player = Player {
            exchange: self,
            pieces,
            form,
            failure,
            drip: Bytes::new(),
            waited: false,
            spoken: false,
        };
        Body::from_stream(stream::unfold(player, |mut player| async move {
            let chunk = player.next().await?;
            Some((Ok::<_, Infallible>(chunk), player))
        }))
    }
}

struct Player {
    exchange: Exchange,
    pieces: Pieces,
    form: Form,
    failure: Bytes,
    /// What is left of a piece that trickles.
    drip: Bytes,
    waited: bool,
    spoken: bool,
}

impl Player {
    async fn next(&mut self) -> Option<Bytes> {
        if !self.drip.is_empty() {
            tokio::time::sleep(DRIP).await;
            return Some(self.drip.split_to(1));
        }
        let Some(piece) = self.pieces.next() else {
            self.note(Event::SentLast);
            return None;
        };
        self.keep_pace(piece.part).await;
        let Exchange {
            hub,
            vendor,
            line,
            stream,
        } = &mut self.exchange;
        let piece = match hub.next(*vendor, line.id(), stream) {
            Step::Send => piece,
            Step::Withhold => std::future::pending().await,
            Step::Cut => {
                tokio::time::sleep(FLUSH).await;
                line.cut();
                std::future::pending().await
            }
            Step::Garbage => return Some(piece.garbled(self.form)),
            Step::Drip => {
                self.drip = piece.bytes;
                tokio::time::sleep(DRIP).await;
                return Some(self.drip.split_to(1));
            }
            Step::Fail => {
                self.pieces = Pieces::default();
                return Some(self.failure.clone()).filter(|failure| !failure.is_empty());
            }
            Step::End => return None,
            Step::Hold => self.pieces.disordered(piece),
            Step::Twice => self.pieces.duplicated(piece),
        };
        if piece.part == Part::Content && !self.spoken {
            self.spoken = true;
            self.note(Event::SentFirst);
        }
        Some(piece.bytes)
    }

    /// Waits as long as the vendor takes to its first piece, and from one word to the next.
    async fn keep_pace(&mut self, part: Part) {
        let latency = self.exchange.hub.latency(self.exchange.vendor);
        if !self.waited {
            self.waited = true;
            latency.first().await;
        } else if part == Part::Content && self.spoken {
            latency.next().await;
        }
    }

    fn note(&self, event: Event) {
        let Exchange {
            hub, vendor, line, ..
        } = &self.exchange;
        hub.log().write(*vendor, line.id(), event, json!({}));
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.hub
            .log()
            .write(self.vendor, self.line.id(), Event::Close, Value::Null);
    }
}

impl Pieces {
    /// The piece to send instead of `next` when one comes out of order.
    fn disordered(&mut self, next: Piece) -> Piece {
        self.put_back(next.clone());
        self.disorder();
        self.next().unwrap_or(next)
    }

    /// `next`, when it and all that follows come twice.
    fn duplicated(&mut self, next: Piece) -> Piece {
        self.put_back(next.clone());
        self.duplicate();
        self.next().unwrap_or(next)
    }
}
