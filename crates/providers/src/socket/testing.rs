//! A vendor in this process, for the tests of adapters.

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// A vendor that is dialled at `url`.
pub(crate) struct Vendor {
    listener: TcpListener,
    pub(crate) url: String,
}

/// One connection to it.
pub(crate) struct Visit {
    socket: WebSocketStream<TcpStream>,
    /// Path and query.
    pub(crate) target: String,
    /// The header that carries the key.
    pub(crate) key: String,
}

impl Vendor {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        Self { listener, url }
    }

    /// The next connection's handshake is accepted.
    pub(crate) async fn visit(&self) -> Visit {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        let (mut target, mut key) = (String::new(), String::new());
        #[expect(clippy::result_large_err, reason = "the library's own signature")]
        let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            target = request.uri().to_string();
            let header = request.headers().get("authorization");
            key = header
                .and_then(|key| key.to_str().ok())
                .unwrap_or_default()
                .to_owned();
            Ok(response)
        };
        let socket = accept_hdr_async(stream, look).await.expect("a handshake");
        Visit { socket, target, key }
    }

    /// The next connection's handshake is answered with `status`.
    pub(crate) async fn refuse(&self, status: u16) {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        #[expect(clippy::result_large_err, reason = "the library's own signature")]
        let look = |_: &Request, _: Response| -> Result<Response, ErrorResponse> {
            let mut response = ErrorResponse::new(None);
            *response.status_mut() = StatusCode::from_u16(status).expect("a status");
            Err(response)
        };
        drop(accept_hdr_async(stream, look).await);
    }

    /// The next connection is dropped without an answer.
    pub(crate) async fn hang_up(&self) {
        drop(self.listener.accept().await);
    }

    /// The next connection is never answered.
    pub(crate) async fn stall(&self) -> TcpStream {
        self.listener.accept().await.expect("a connection").0
    }
}

impl Visit {
    /// The next data message; `None` once the client is gone.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            match self.socket.next().await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => return Some(message),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next text message, as JSON; binary ones before it are passed over.
    pub(crate) async fn next_json(&mut self) -> Option<Value> {
        loop {
            if let Message::Text(text) = self.next().await? {
                return Some(serde_json::from_str(&text).expect("JSON"));
            }
        }
    }

    pub(crate) async fn send(&mut self, json: Value) {
        self.send_text(json.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.expect("sent");
    }

    /// Closes with a code, as the vendor does.
    pub(crate) async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame {
            code: code.into(),
            reason: reason.into(),
        };
        drop(self.socket.close(Some(frame)).await);
        // The client's answer, or the end of the connection.
        while let Some(Ok(_)) = self.socket.next().await {}
    }

    /// Ends the connection without a word.
    pub(crate) fn cut(self) {
        drop(self.socket);
    }
}
