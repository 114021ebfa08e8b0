//! What comes from a client, in order, and the timers of a socket on which nothing does.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::SplitStream;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::hub::Hub;
use crate::line::Line;
use crate::log::Event;
use crate::outlet::Out;
use crate::vendor::Vendor;

/// Messages that may wait to be worked off; then the client's sending waits.
pub(super) const ITEMS: usize = 4_096;

/// After the server has closed, the client gets this long to agree.
const GOODBYE: Duration = Duration::from_secs(2);

/// Something to work on.
#[derive(Debug)]
pub(super) enum Item {
    Audio(Bytes, Instant),
    /// A text message, parsed if it is JSON.
    Text(String, Option<Value>),
}

impl Item {
    /// The type a text message gives itself.
    pub(super) fn kind(value: Option<&Value>) -> &str {
        value
            .and_then(|value| value.get("type"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// How long a socket may be silent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For the client to send something that counts.
    pub(super) client: Duration,
    /// For the server to have something to say.
    pub(super) server: Option<Duration>,
}

/// Why a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// The client sent nothing.
    Client,
    /// There was nothing to say to it.
    Server,
}

/// The timers of one socket.
#[derive(Debug)]
pub(super) struct Timers {
    patience: Patience,
    heard: Instant,
    told: Instant,
    any: bool,
}

impl Timers {
    pub(super) fn new(patience: Patience, now: Instant) -> Self {
        Self {
            patience,
            heard: now,
            told: now,
            any: false,
        }
    }

    /// Audio or a text message came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A keep-alive came: it speaks for the server as well, but not before the server has spoken once.
    pub(super) fn kept_alive(&mut self, now: Instant) {
        if self.any {
            self.told = now;
        }
    }

    /// A result was sent.
    pub(super) fn told(&mut self, now: Instant) {
        self.told = now;
        self.any = true;
    }

    /// The first of the timers.
    pub(super) fn next(&self) -> (Instant, Silence) {
        let client = (self.heard + self.patience.client, Silence::Client);
        let server = self
            .patience
            .server
            .map(|patience| (self.told + patience, Silence::Server));
        match server {
            Some(server) if server.0 < client.0 => server,
            _ => client,
        }
    }
}

/// The reading half of a socket.
pub(super) struct Feed {
    pub(super) hub: Hub,
    pub(super) vendor: Vendor,
    pub(super) line: Line,
    pub(super) messages: SplitStream<WebSocket>,
    pub(super) timers: Arc<Mutex<Timers>>,
    pub(super) queue: mpsc::Sender<Out<Message>>,
}

impl Feed {
    /// Hands what comes to `items` until the client is gone or silent for too long; then closes as `close` says.
    pub(super) async fn run(mut self, items: mpsc::Sender<Item>, close: fn(Silence) -> Out<Message>) {
        let ended = self.read(items).await;
        if let Some(silence) = ended
            && self.queue.send(close(silence)).await.is_ok()
        {
            let answer = async { while self.messages.next().await.is_some_and(|read| read.is_ok()) {} };
            let _ = tokio::time::timeout(GOODBYE, answer).await;
        }
        self.note(Event::Close, json!({ "silence": ended.is_some() }));
    }

    async fn read(&mut self, items: mpsc::Sender<Item>) -> Option<Silence> {
        loop {
            let (deadline, silence) = self.timers.lock().next();
            let read = tokio::select! {
                read = self.messages.next() => read,
                () = tokio::time::sleep_until(deadline) => {
                    if self.timers.lock().next().0 <= Instant::now() {
                        return Some(silence);
                    }
                    continue;
                }
            };
            let item = match read {
                Some(Ok(Message::Binary(bytes))) => {
                    self.timers.lock().heard(Instant::now());
                    self.note(Event::Audio, json!({ "bytes": bytes.len() }));
                    Item::Audio(bytes, Instant::now())
                }
                Some(Ok(Message::Text(text))) => self.take_text(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            };
            if items.send(item).await.is_err() {
                // The worker has said goodbye; the client is about to answer.
                while self.messages.next().await.is_some_and(|read| read.is_ok()) {}
                return None;
            }
        }
    }

    fn take_text(&self, text: String) -> Item {
        let value: Option<Value> = serde_json::from_str(&text).ok();
        let kind = Item::kind(value.as_ref());
        self.note(Event::Text, json!({ "type": kind }));
        let (mut timers, now) = (self.timers.lock(), Instant::now());
        timers.heard(now);
        if kind == "KeepAlive" {
            timers.kept_alive(now);
        }
        drop(timers);
        Item::Text(text, value)
    }

    fn note(&self, event: Event, detail: Value) {
        self.hub.log().write(self.vendor, self.line.id(), event, detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        client: Duration::from_secs(10),
        server: Some(Duration::from_secs(20)),
    };

    #[tokio::test]
    async fn keep_alives_alone_do_not_hold_a_socket_that_was_never_told_anything() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut timers = Timers::new(PATIENCE, start);
        assert_eq!(timers.next(), (at(10), Silence::Client));
        for seconds in [5, 10, 15] {
            timers.heard(at(seconds));
            timers.kept_alive(at(seconds));
        }
        assert_eq!(timers.next(), (at(20), Silence::Server));
        timers.told(at(18));
        timers.heard(at(30));
        timers.kept_alive(at(30));
        assert_eq!(timers.next(), (at(40), Silence::Client));
    }
}
