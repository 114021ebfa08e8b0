//! A WebSocket as the engine's stream and sink of messages.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bedside_engine::{ClientMessage, ServerMessage, SocketError};
use bytes::Bytes;
use futures::{Sink, Stream};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// Translates both directions without copying payloads. Pings are answered below this, by the WebSocket itself.
pub(crate) struct Messages(WebSocketStream<TcpStream>);

impl Messages {
    /// The messages of a WebSocket.
    pub(crate) fn new(socket: WebSocketStream<TcpStream>) -> Self {
        Self(socket)
    }
}

impl Stream for Messages {
    type Item = Result<ClientMessage, SocketError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(Pin::new(&mut self.0).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(failure(&error)))),
                Some(Ok(message)) => {
                    if let Some(message) = incoming(message) {
                        return Poll::Ready(Some(Ok(message)));
                    }
                }
            }
        }
    }
}

impl Sink<ServerMessage> for Messages {
    type Error = SocketError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Pin::new(&mut self.0)
            .poll_ready(cx)
            .map_err(|error| failure(&error))
    }

    fn start_send(mut self: Pin<&mut Self>, message: ServerMessage) -> Result<(), SocketError> {
        let message = outgoing(message)?;
        Pin::new(&mut self.0)
            .start_send(message)
            .map_err(|error| failure(&error))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Pin::new(&mut self.0)
            .poll_flush(cx)
            .map_err(|error| failure(&error))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SocketError>> {
        Pin::new(&mut self.0)
            .poll_close(cx)
            .map_err(|error| failure(&error))
    }
}

fn incoming(message: Message) -> Option<ClientMessage> {
    match message {
        Message::Text(text) => Some(ClientMessage::Text(Bytes::from(text))),
        Message::Binary(data) => Some(ClientMessage::Binary(data)),
        Message::Close(frame) => Some(ClientMessage::Close(frame.map(|frame| frame.code.into()))),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
    }
}

fn outgoing(message: ServerMessage) -> Result<Message, SocketError> {
    Ok(match message {
        ServerMessage::Text(text) => Message::Text(text.try_into().map_err(|_| SocketError::Unwritable)?),
        ServerMessage::Binary(data) => Message::Binary(data),
        ServerMessage::Close { code, reason } => Message::Close(Some(CloseFrame {
            code: code.into(),
            reason: Utf8Bytes::from_static(reason),
        })),
    })
}

fn failure(error: &Error) -> SocketError {
    match error {
        Error::Capacity(_) => SocketError::TooBig,
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => SocketError::Lost,
        Error::Protocol(_) | Error::Utf8(_) => SocketError::Malformed,
        _ => SocketError::Lost,
    }
}
