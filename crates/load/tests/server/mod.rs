//! A server that speaks just enough of the protocol, with delays that are known.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;

/// Samples a second of what is said.
const RATE: u64 = 24_000;

/// What the server does.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// From the last audible sample to the transcript.
    pub(crate) transcript_after: Duration,
    /// From the last audible sample to the first sample of the answer.
    pub(crate) answer_after: Duration,
    /// Silence at the beginning of the answer.
    pub(crate) silence: Duration,
    /// How long the answer is, after that.
    pub(crate) answer: Duration,
    /// Nothing is read or written from so long after the first connection, for so long.
    pub(crate) stall: Option<(Duration, Duration)>,
    /// Connections beyond this are turned away.
    pub(crate) most: u64,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            transcript_after: Duration::from_millis(200),
            answer_after: Duration::from_millis(300),
            silence: Duration::from_millis(100),
            answer: Duration::from_secs(1),
            stall: None,
            most: u64::MAX,
        }
    }
}

/// What all connections share.
struct Shared {
    script: Script,
    begun: watch::Sender<Option<Instant>>,
    count: AtomicU64,
}

/// Starts the server on a thread of its own, so that a busy client does not make it late. Gives its address.
pub(crate) fn start(script: Script) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(accept(listener, script));
    });
    address
}

async fn accept(listener: std::net::TcpListener, script: Script) {
    let listener = TcpListener::from_std(listener).unwrap();
    let shared = Arc::new(Shared {
        script,
        begun: watch::channel(None).0,
        count: AtomicU64::new(0),
    });
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(welcome(stream, Arc::clone(&shared)));
    }
}

async fn welcome(stream: TcpStream, shared: Arc<Shared>) {
    let mut echoes = false;
    let handshake = |request: &Request, response: Response| {
        let number = shared.count.fetch_add(1, Ordering::Relaxed);
        echoes = request.uri().query() == Some("model=echo");
        if number < shared.script.most {
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(None);
        *refusal.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        refusal.headers_mut().insert("retry-after", 3.into());
        Err(refusal)
    };
    let Ok(socket) = tokio_tungstenite::accept_hdr_async(stream, handshake).await else {
        return;
    };
    shared.begun.send_if_modified(|begun| {
        let first = begun.is_none();
        begun.get_or_insert_with(Instant::now);
        first
    });
    Connection {
        socket,
        shared,
        echoes,
        due: Vec::new(),
        heard: None,
        turn: 0,
    }
    .serve()
    .await;
}

/// A client, and what is still to be sent to it.
struct Connection {
    socket: WebSocketStream<TcpStream>,
    shared: Arc<Shared>,
    echoes: bool,
    due: Vec<(Instant, Value)>,
    /// When the last audible sample came.
    heard: Option<Instant>,
    turn: u64,
}

impl Connection {
    async fn serve(&mut self) {
        let hello = json!({"type": "session.created", "event_id": "e0", "session": {}});
        self.due.push((Instant::now(), hello));
        loop {
            self.due.sort_by_key(|(at, _)| *at);
            let next = self.due.first().map(|(at, _)| *at);
            let far = Instant::now() + Duration::from_secs(3_600);
            tokio::select! {
                () = sleep_until(next.unwrap_or(far)) => {
                    self.stall().await;
                    let (_, event) = self.due.remove(0);
                    if self.socket.send(Message::text(event.to_string())).await.is_err() {
                        return;
                    }
                }
                message = self.socket.next() => {
                    self.stall().await;
                    match message {
                        Some(Ok(Message::Binary(frame))) if self.echoes => {
                            if self.socket.send(Message::Binary(frame)).await.is_err() {
                                return;
                            }
                        }
                        Some(Ok(Message::Text(text))) => self.take(&serde_json::from_str(&text).unwrap()),
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => return,
                    }
                }
            }
        }
    }

    async fn stall(&self) {
        let begun = *self.shared.begun.borrow();
        if let (Some(begun), Some((from, length))) = (begun, self.shared.script.stall) {
            let (from, until) = (begun + from, begun + from + length);
            if (from..until).contains(&Instant::now()) {
                sleep_until(until).await;
            }
        }
    }

    fn take(&mut self, event: &Value) {
        match event["type"].as_str().unwrap() {
            "session.update" => {
                let updated = json!({"type": "session.updated", "event_id": "e1", "session": {}});
                self.due.push((Instant::now(), updated));
            }
            "input_audio_buffer.append" => {
                let audio = STANDARD.decode(event["audio"].as_str().unwrap()).unwrap();
                let audible = audio
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .any(|sample| i16::from_le_bytes(*sample) != 0);
                let now = Instant::now();
                if audible {
                    self.interrupted(now);
                    self.heard = Some(now);
                } else if self
                    .heard
                    .is_some_and(|heard| now - heard > Duration::from_millis(100))
                {
                    let heard = self.heard.take().unwrap();
                    self.answer(heard);
                }
            }
            other => panic!("{other}"),
        }
    }

    /// Ends an answer under way half a second after the patient began to speak.
    fn interrupted(&mut self, now: Instant) {
        let speaks = |event: &Value| event["type"] == "response.output_audio.delta";
        if self.heard.is_none() && self.due.iter().any(|(_, event)| speaks(event)) {
            let end = now + Duration::from_millis(500);
            self.due.retain(|(at, _)| *at < end);
            self.due.push((
                end,
                json!({"type": "output_audio_buffer.cleared", "event_id": "c"}),
            ));
            let done = json!({"type": "response.done", "response": {"status": "cancelled"}});
            self.due.push((end, done));
        }
    }

    fn answer(&mut self, heard: Instant) {
        let script = self.shared.script.clone();
        self.turn += 1;
        let item = format!("item_{}", self.turn);
        let mut send = |after: Duration, event: Value| self.due.push((heard + after, event));
        send(
            Duration::from_millis(100),
            json!({"type": "input_audio_buffer.committed", "item_id": item}),
        );
        send(
            script.transcript_after,
            json!({
                "type": "conversation.item.input_audio_transcription.completed", "item_id": item,
                "transcript": "words",
            }),
        );
        send(
            script.answer_after,
            json!({"type": "response.created", "response": {}}),
        );
        let total = (script.silence + script.answer).as_millis() as u64 * RATE / 1_000;
        let silent = script.silence.as_millis() as u64 * RATE / 1_000;
        let samples: Vec<u8> = (0..total)
            .flat_map(|index| if index < silent { 0_i16 } else { 9_000 }.to_le_bytes())
            .collect();
        // Pieces of 100 ms, each as soon as the one before is over.
        for (index, piece) in samples.chunks(RATE as usize / 10 * 2).enumerate() {
            let delta = json!({"type": "response.output_audio.delta", "delta": STANDARD.encode(piece)});
            send(
                script.answer_after + Duration::from_millis(100) * index as u32,
                delta,
            );
        }
        let spent = json!({"bedside": {"cost": 0.01, "currency": "EUR", "by": []}});
        let done = json!({"type": "response.done", "response": {"status": "completed", "usage": spent}});
        send(script.answer_after + script.silence + script.answer, done);
    }
}
