//! An axum WebSocket as the engine's stream and sink of messages.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bedside_engine::{ClientMessage, ServerMessage, SocketError};
use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt, future};
use tokio_tungstenite::tungstenite;

/// Translates both directions without copying payloads. Pings are answered below this, by the WebSocket itself.
pub(crate) fn messages(
    socket: WebSocket,
) -> impl Stream<Item = Result<ClientMessage, SocketError>> + Sink<ServerMessage, Error = SocketError> + Send + Unpin
{
    socket
        .sink_map_err(failure)
        .with(|message| future::ready(outgoing(message)))
        .filter_map(|message| future::ready(message.map_err(failure).map(incoming).transpose()))
}

fn incoming(message: Message) -> Option<ClientMessage> {
    match message {
        Message::Text(text) => Some(ClientMessage::Text(Bytes::from(text))),
        Message::Binary(data) => Some(ClientMessage::Binary(data)),
        Message::Close(frame) => Some(ClientMessage::Close(frame.map(|frame| frame.code))),
        Message::Ping(_) | Message::Pong(_) => None,
    }
}

fn outgoing(message: ServerMessage) -> Result<Message, SocketError> {
    Ok(match message {
        ServerMessage::Text(text) => Message::Text(text.try_into().map_err(|_| SocketError::Unwritable)?),
        ServerMessage::Binary(data) => Message::Binary(data),
        ServerMessage::Close { code, reason } => Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })),
    })
}

fn failure(error: axum::Error) -> SocketError {
    match error
        .into_inner()
        .downcast::<tungstenite::Error>()
        .map(|error| *error)
    {
        Ok(tungstenite::Error::Capacity(_)) => SocketError::TooBig,
        Ok(tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => {
            SocketError::Lost
        }
        Ok(tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_)) => SocketError::Malformed,
        _ => SocketError::Lost,
    }
}
