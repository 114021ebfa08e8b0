//! A client that sends what it is told and sees all that comes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::program::Server;
use crate::speech::frames;

/// Longest wait for an event that must come: several times what a slow machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Length of a frame of audio.
const FRAME: Duration = Duration::from_millis(20);

/// How a connection ended: the close code, or none if it just broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The close code.
    pub code: Option<u16>,
}

/// Why a connection was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The error's code.
    pub code: String,
}

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every event so far, with when it came.
    pub events: Vec<(Instant, Value)>,
    unread: VecDeque<Value>,
}

impl Client {
    /// Opens a session.
    pub async fn connect(server: &Server) -> Self {
        Self::connect_with(server, "").await.expect("the server accepts")
    }

    /// Connects with this query, such as `?model=…`, or none.
    pub async fn connect_with(server: &Server, query: &str) -> Result<Self, Refused> {
        match connect_async(format!("{}{query}", server.url())).await {
            Ok((socket, _)) => Ok(Self {
                socket,
                events: Vec::new(),
                unread: VecDeque::new(),
            }),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                let body: Value = serde_json::from_slice(body).expect("a refusal has a JSON body");
                Err(Refused {
                    status: response.status().as_u16(),
                    code: body["error"]["code"].as_str().unwrap_or_default().to_owned(),
                })
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Sends an event.
    pub async fn send(&mut self, event: Value) {
        self.send_text(&event.to_string()).await;
    }

    /// Sends a text message as it is.
    pub async fn send_text(&mut self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    /// Sends any message. A server that closes meanwhile is noticed on reading.
    pub async fn send_message(&mut self, message: Message) {
        // The close code that explains a failure waits to be read.
        let _ = self.try_send(message).await;
    }

    /// Sends without reading; whether the connection still stands. Fails if nothing happens for long.
    pub async fn try_send(&mut self, message: Message) -> bool {
        let sent = timeout(PATIENCE, self.socket.send(message)).await;
        sent.expect("the server takes messages").is_ok()
    }

    /// The next event that nobody asked for yet, if one comes within `wait`.
    pub async fn next_within(&mut self, wait: Duration) -> Option<Value> {
        if let Some(event) = self.unread.pop_front() {
            return Some(event);
        }
        timeout(wait, self.read()).await.ok()?.ok()
    }

    /// Passes over events up to the next one of type `kind`, which must come.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next_within(PATIENCE).await;
            let event = event.unwrap_or_else(|| panic!("no {kind} came; {}", self.kinds()));
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// Sets up turn detection by meaning; everything else stays at its default.
    pub async fn update(&mut self, input: Value) {
        let session = json!({"type": "realtime", "audio": {"input": input}});
        self.send(json!({"type": "session.update", "session": session}))
            .await;
        self.expect("session.updated").await;
    }

    /// Opens a session in which a scan runs.
    pub async fn scanning(server: &Server, vitals: Value) -> Self {
        let mut client = Self::connect(server).await;
        client.expect("session.created").await;
        client.vitals(vitals).await;
        client.expect("vitals.scan.started").await;
        client
    }

    /// Changes how vital signs are read.
    pub async fn vitals(&mut self, vitals: Value) {
        let session = json!({"type": "realtime", "bedside": {"vitals": vitals}});
        self.send(json!({"type": "session.update", "session": session}))
            .await;
    }

    /// Speaks in real time, noting events meanwhile; they can still be asked for. Returns when the last frame was sent.
    pub async fn speak(&mut self, samples: &[i16]) -> Instant {
        let mut due = Instant::now();
        for frame in frames(samples) {
            self.send(json!({"type": "input_audio_buffer.append", "audio": frame}))
                .await;
            due += FRAME;
            self.note_until(due).await;
        }
        due
    }

    /// Sends messages in real time, each so long after now, noting events meanwhile; they can still be asked for.
    pub async fn play(&mut self, schedule: &[(Duration, Message)]) {
        let began = Instant::now();
        for (due, message) in schedule {
            self.note_until(began + *due).await;
            self.send_message(message.clone()).await;
        }
    }

    /// Is silent in real time until an event of type `kind` comes.
    pub async fn listen_for(&mut self, kind: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let silence = frames(&[0]).remove(0);
        loop {
            while let Some(event) = self.unread.pop_front() {
                if event["type"] == kind {
                    return event;
                }
            }
            assert!(Instant::now() < deadline, "no {kind} came; {}", self.kinds());
            self.send(json!({"type": "input_audio_buffer.append", "audio": silence}))
                .await;
            self.note_until(Instant::now() + FRAME).await;
        }
    }

    /// Reads until the server ends the connection.
    pub async fn ending(&mut self) -> Ending {
        loop {
            let Ok(event) = timeout(PATIENCE, self.read()).await else {
                panic!("the connection stays open; {}", self.kinds());
            };
            if let Err(ending) = event {
                return ending;
            }
        }
    }

    /// The types of all events so far, repeats left out, for messages.
    pub fn kinds(&self) -> String {
        let mut kinds: Vec<_> = self
            .events
            .iter()
            .map(|(_, event)| event["type"].to_string())
            .collect();
        kinds.dedup();
        format!("events so far: {}", kinds.join(" "))
    }

    async fn note_until(&mut self, due: Instant) {
        while let Some(left) = due.checked_duration_since(Instant::now()) {
            match timeout(left, self.read()).await {
                Ok(Ok(event)) => self.unread.push_back(event),
                Ok(Err(ending)) => panic!("the server closed: {ending:?}; {}", self.kinds()),
                Err(_) => return,
            }
        }
    }

    /// The next event; cancel-safe.
    async fn read(&mut self) -> Result<Value, Ending> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let event: Value = serde_json::from_str(&text).expect("events are JSON");
                    self.events.push((Instant::now(), event.clone()));
                    return Ok(event);
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map(|frame| u16::from(frame.code));
                    return Err(Ending { code });
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Ending { code: None }),
            }
        }
    }
}
