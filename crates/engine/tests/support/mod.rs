//! A client and its providers, scripted, around a session in virtual time.
// Every test file uses a part of this, and a failed expectation here fails the test.
#![allow(dead_code, clippy::expect_used)]

pub(crate) mod providers;

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::{Safety, SessionFunctions};
use bedside_engine::{
    ClientMessage, Demand, Metrics, Profile, Registry, ResumeError, ResumeRequest, Resumptions,
    ServerMessage, Session, SessionLimits, SessionSetup, SocketError,
};
use bedside_protocol::{CloseCode, ServerVad, TurnDetection, encode_audio};
use bedside_providers::traits::{Tool, VitalsService};
use futures::channel::mpsc;
use futures::{Sink, SinkExt, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

pub(crate) use providers::Script;

/// The client's end of a session.
pub(crate) struct Client {
    pub(crate) to_session: mpsc::Sender<Result<ClientMessage, SocketError>>,
    pub(crate) from_session: mpsc::Receiver<ServerMessage>,
    pub(crate) session: JoinHandle<Option<u16>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) registry: Registry,
    pub(crate) resumptions: Resumptions,
    pub(crate) token: String,
}

/// A connection that its client no longer uses.
pub(crate) struct Old {
    _to_session: mpsc::Sender<Result<ClientMessage, SocketError>>,
    from_session: mpsc::Receiver<ServerMessage>,
}

pub(crate) fn profile(script: &Arc<Script>) -> Profile {
    let protocol = Protocol::general_intake().expect("the embedded protocol");
    Profile {
        name: "scripted".to_owned(),
        protocol: protocol.id.clone(),
        turn_detection: TurnDetection::ServerVad(ServerVad::default()),
        safety: Arc::new(Safety {
            emergency_sentence: protocol.emergency_sentence("en").to_owned(),
            red_flags: RedFlags::new(&protocol),
        }),
        chat: script.clone(),
        transcriber: script.clone(),
        synthesizer: script.clone(),
        detector: script.clone(),
        judge: script.clone(),
        vitals: (!script.reads_no_vitals).then(|| script.clone() as Arc<dyn VitalsService>),
        instructions: String::new(),
        functions: SessionFunctions::default(),
        tools: script
            .calls
            .map(|_| script.clone() as Arc<dyn Tool>)
            .into_iter()
            .collect(),
        currency: "USD".to_owned(),
        echoes: false,
    }
}

/// Both directions of a pipe as one stream and sink.
fn pipe(
    incoming: mpsc::Receiver<Result<ClientMessage, SocketError>>,
    outgoing: mpsc::Sender<ServerMessage>,
) -> impl Stream<Item = Result<ClientMessage, SocketError>> + Sink<ServerMessage, Error = SocketError> + Unpin + Send
{
    struct Pipe<R, W>(R, W);
    impl<R: Stream + Unpin, W: Unpin> Stream for Pipe<R, W> {
        type Item = R::Item;
        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<R::Item>> {
            self.0.poll_next_unpin(cx)
        }
    }
    impl<R: Unpin, W: Sink<ServerMessage, Error = mpsc::SendError> + Unpin> Sink<ServerMessage> for Pipe<R, W> {
        type Error = SocketError;
        fn poll_ready(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), SocketError>> {
            self.1.poll_ready_unpin(cx).map_err(|_| SocketError::Lost)
        }
        fn start_send(mut self: std::pin::Pin<&mut Self>, item: ServerMessage) -> Result<(), SocketError> {
            self.1.start_send_unpin(item).map_err(|_| SocketError::Lost)
        }
        fn poll_flush(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), SocketError>> {
            self.1.poll_flush_unpin(cx).map_err(|_| SocketError::Lost)
        }
        fn poll_close(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), SocketError>> {
            self.1.poll_close_unpin(cx).map_err(|_| SocketError::Lost)
        }
    }
    Pipe(incoming, outgoing)
}

/// A session whose client has room for `room` unread messages.
pub(crate) fn start(script: &Arc<Script>, limits: SessionLimits, room: usize) -> Client {
    start_in(&Registry::new(10), script, limits, room)
}

pub(crate) fn start_in(
    registry: &Registry,
    script: &Arc<Script>,
    limits: SessionLimits,
    room: usize,
) -> Client {
    enter(registry, profile(script), limits, room)
}

/// A session of `profile`.
pub(crate) fn start_as(profile: Profile, limits: SessionLimits, room: usize) -> Client {
    enter(&Registry::new(10), profile, limits, room)
}

fn enter(registry: &Registry, profile: Profile, limits: SessionLimits, room: usize) -> Client {
    let (to_session, incoming) = mpsc::channel(4096);
    let (outgoing, from_session) = mpsc::channel(room);
    let metrics = Arc::new(Metrics::default());
    let resumptions = Resumptions::default();
    let token = "a-token".to_owned();
    let setup = SessionSetup {
        id: "test".to_owned(),
        profile: Arc::new(profile),
        patch: None,
        admission: registry.admit(Demand::default()).expect("there is room"),
        limits,
        expires_at: None,
        metrics: metrics.clone(),
        door: Some(resumptions.open(token.clone())),
    };
    let session = Session::new(pipe(incoming, outgoing), setup).expect("a valid configuration");
    let session = tokio::spawn(async move { session.run().await.map(CloseCode::as_u16) });
    Client {
        to_session,
        from_session,
        session,
        metrics,
        registry: registry.clone(),
        resumptions,
        token,
    }
}

impl Old {
    /// The code with which the session closes it.
    pub(crate) async fn close_code(mut self) -> Option<u16> {
        while let Some(message) = self.from_session.next().await {
            if let ServerMessage::Close { code, .. } = message {
                return Some(code);
            }
        }
        None
    }
}

impl Client {
    /// The connection breaks.
    pub(crate) fn hang_up(&mut self) {
        drop(self.replace());
    }

    /// Leaves the connection as it is and uses another, which is not connected yet.
    pub(crate) fn replace(&mut self) -> Old {
        let (to_session, _) = mpsc::channel(1);
        let (_, from_session) = mpsc::channel(1);
        Old {
            _to_session: std::mem::replace(&mut self.to_session, to_session),
            from_session: std::mem::replace(&mut self.from_session, from_session),
        }
    }

    /// Goes on with the session over another connection.
    pub(crate) async fn come_back(
        &mut self,
        last_event_id: &str,
        repeat_unheard: bool,
    ) -> Result<(), ResumeError> {
        let request = ResumeRequest {
            last_event_id: last_event_id.to_owned(),
            repeat_unheard,
        };
        let seat = self.resumptions.claim(&self.token, request).await?;
        let (to_session, incoming) = mpsc::channel(4_096);
        let (outgoing, from_session) = mpsc::channel(4_096);
        (self.to_session, self.from_session) = (to_session, from_session);
        seat.take(Box::new(pipe(incoming, outgoing)))
            .expect("the session lives");
        Ok(())
    }

    /// How the session ends.
    pub(crate) async fn ended(&mut self) -> Option<u16> {
        (&mut self.session).await.expect("the session does not panic")
    }

    pub(crate) async fn send(&mut self, event: Value) {
        self.send_text(&event.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_message(ClientMessage::Text(text.to_owned().into()))
            .await;
    }

    pub(crate) async fn send_message(&mut self, message: ClientMessage) {
        self.to_session
            .send(Ok(message))
            .await
            .expect("the session lives");
    }

    /// Sends `ms` of audio at 24 kHz in real time: `loud` is what the scripted detector takes for speech.
    pub(crate) async fn speak(&mut self, loud: bool, ms: u64) {
        let sample = if loud { 8_000_i16 } else { 0 };
        let audio = encode_audio(&sample.to_le_bytes().repeat(480));
        for _ in 0..ms / 20 {
            self.send(json!({"type": "input_audio_buffer.append", "audio": audio}))
                .await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The next event, or `None` once the session closed.
    pub(crate) async fn event(&mut self) -> Option<Value> {
        loop {
            match self.from_session.next().await? {
                ServerMessage::Text(text) => return serde_json::from_slice(&text).ok(),
                ServerMessage::Binary(_) => {}
                ServerMessage::Close { .. } => return None,
            }
        }
    }

    /// Waits, within ten seconds of virtual time, for an event of this type.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let mut seen = Vec::new();
        let wait = async {
            while let Some(event) = self.event().await {
                if event["type"] == kind {
                    return Some(event);
                }
                seen.push(event["type"].to_string());
            }
            None
        };
        match tokio::time::timeout(Duration::from_secs(10), wait).await {
            Ok(Some(event)) => event,
            ended => panic!(
                "no {kind} ({}) after {seen:?}",
                if ended.is_ok() { "closed" } else { "timeout" }
            ),
        }
    }

    /// Everything that came so far, by type.
    pub(crate) fn drain(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Ok(message) = self.from_session.try_recv() {
            if let ServerMessage::Text(text) = message {
                events.push(serde_json::from_slice(&text).expect("JSON"));
            }
        }
        events
    }

    /// The code with which the session ends.
    pub(crate) async fn close_code(self) -> Option<u16> {
        let end = tokio::time::timeout(Duration::from_secs(7_200), self.session).await;
        end.expect("the session ends")
            .expect("the session does not panic")
    }
}
