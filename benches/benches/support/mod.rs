//! A session of the echo test over a pipe in memory, polled by hand.
// A failed expectation here fails the benchmark.
#![allow(clippy::expect_used)]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bedside_conversation::{SessionFunctions, SessionStart, Timing};
use bedside_engine::{
    ClientMessage, Demand, Metrics, Profile, Registry, ServerMessage, Session, SessionLimits, SessionSetup,
    SocketError,
};
use bedside_protocol::binary::{AudioHeader, FrameHeader, MediaFrame, MediaHeader};
use bedside_protocol::{AudioFormat, CloseCode, PartAddress, SessionConfig, encode_audio};
use bytes::Bytes;
use futures::{Sink, Stream};

/// 20 ms of the bus's format.
pub(crate) const FRAME_BYTES: usize = 640;

/// The bus's format.
const FORMAT: AudioFormat = AudioFormat::Pcm { rate: 16_000 };

/// The header of a frame.
pub(crate) fn header(sequence: u16) -> FrameHeader {
    FrameHeader {
        sequence,
        time_us: 0,
        media: MediaHeader::Audio(AudioHeader::from(FORMAT)),
    }
}

/// 20 ms of sound as a client sends it.
pub(crate) fn frame(sequence: u16) -> Bytes {
    MediaFrame::encode(&header(sequence), &[1; FRAME_BYTES])
}

/// The same in an event.
pub(crate) fn append() -> String {
    format!(
        r#"{{"type":"input_audio_buffer.append","audio":"{}"}}"#,
        encode_audio(&[1; FRAME_BYTES])
    )
}

/// Where a piece of an answer's audio belongs.
pub(crate) fn address() -> PartAddress {
    PartAddress {
        response_id: "resp_0001".to_owned(),
        item_id: "item_0001".to_owned(),
        output_index: 0,
        content_index: 0,
    }
}

/// A session that begins.
pub(crate) fn start() -> SessionStart {
    SessionStart {
        id: "bench".to_owned(),
        config: SessionConfig::new("bench", ""),
        expires_at: None,
        started_at: None,
        vitals: false,
        model_name: "nobody",
        tools: Vec::new(),
        functions: SessionFunctions::default(),
        currency: "USD".to_owned(),
        safety: Arc::default(),
        timing: Timing::default(),
    }
}

/// A client's end of the pipe.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Ends>>);

#[derive(Default)]
struct Ends {
    to_session: VecDeque<ClientMessage>,
    from_session: VecDeque<ServerMessage>,
}

impl Pipe {
    fn with<T>(&self, act: impl FnOnce(&mut Ends) -> T) -> T {
        act(&mut self.0.lock().expect("nobody panicked"))
    }
}

impl Stream for Pipe {
    type Item = Result<ClientMessage, SocketError>;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.with(|ends| ends.to_session.pop_front()) {
            Some(message) => Poll::Ready(Some(Ok(message))),
            None => Poll::Pending,
        }
    }
}

impl Sink<ServerMessage> for Pipe {
    type Error = SocketError;

    fn poll_ready(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: ServerMessage) -> Result<(), SocketError> {
        self.with(|ends| ends.from_session.push_back(message));
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Poll::Ready(Ok(()))
    }
}

/// A session and its client.
pub(crate) struct Echoing {
    session: Pin<Box<dyn Future<Output = Option<CloseCode>>>>,
    pipe: Pipe,
}

impl Echoing {
    /// A session that takes media as `media` says; needs to be in a runtime's context.
    pub(crate) fn start(media: &str) -> Self {
        let pipe = Pipe::default();
        let setup = SessionSetup {
            id: "bench".to_owned(),
            profile: Arc::new(Profile::echo("echo")),
            patch: None,
            admission: Registry::new(1).admit(Demand::default()).expect("there is room"),
            limits: SessionLimits::default(),
            expires_at: None,
            metrics: Arc::new(Metrics::default()),
            door: None,
        };
        let session = Session::new(pipe.clone(), setup).expect("a valid configuration");
        let mut echoing = Self {
            session: Box::pin(session.run()),
            pipe,
        };
        let format = r#"{"type":"audio/pcm","rate":16000}"#;
        let update = format!(
            r#"{{"type":"session.update","session":{{"type":"realtime","bedside":{{"media":"{media}"}},"audio":{{"input":{{"format":{format}}},"output":{{"format":{format}}}}}}}}}"#
        );
        echoing.say(ClientMessage::Text(update.into()));
        echoing.pipe.with(|ends| ends.from_session.clear());
        echoing
    }

    /// A frame in; how many bytes come back.
    pub(crate) fn step(&mut self, frame: Bytes) -> usize {
        self.say(ClientMessage::Binary(frame));
        let back = self.pipe.with(|ends| ends.from_session.pop_front());
        back.expect("an echo").size()
    }

    fn say(&mut self, message: ClientMessage) {
        self.pipe.with(|ends| ends.to_session.push_back(message));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(
            pin!(&mut self.session).poll(&mut cx).is_pending(),
            "the session lives"
        );
    }
}
