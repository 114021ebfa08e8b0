//! Sockets to vendors: dialling, sending and receiving with limits on time and memory, and sockets kept warm.

mod dial;
mod id;
mod pool;
mod query;

use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::FaultKind;
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) use dial::Dial;
pub(crate) use id::random_id;
pub(crate) use pool::{Lease, Pool, Warmth};
pub(crate) use query::encode;

use crate::fault::ConfigFault;
use crate::http;

/// A vendor that takes nothing for so long is gone.
const SEND_LIMIT: Duration = Duration::from_secs(3);

/// After a failed write: how long to look for the close frame that says why.
const FAREWELL_LIMIT: Duration = Duration::from_millis(100);

/// An open WebSocket.
#[derive(Debug)]
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a vendor sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Received {
    /// A text message.
    Text(Utf8Bytes),
    /// A binary message.
    Binary(Bytes),
}

/// Why work on a socket ends before it is done.
pub(crate) enum End {
    /// The vendor has failed.
    Fault(FaultKind),
    /// Nobody listens any more.
    Unheard,
}

impl From<FaultKind> for End {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind)
    }
}

impl Socket {
    /// Sends messages in one write, if they fit its buffer.
    pub(crate) async fn send(
        &mut self,
        messages: impl IntoIterator<Item = Message>,
    ) -> Result<(), FaultKind> {
        let sending = async {
            for message in messages {
                self.0.feed(message).await?;
            }
            self.0.flush().await
        };
        match timeout(SEND_LIMIT, sending).await {
            Err(_) => Err(FaultKind::Timeout),
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.farewell(&error).await),
        }
    }

    /// The next message; an error once the vendor has closed. Cancel safe.
    pub(crate) async fn receive(&mut self) -> Result<Received, FaultKind> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Received::Text(text)),
                Some(Ok(Message::Binary(data))) => return Ok(Received::Binary(data)),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(frame))) => return Err(close_kind(frame.as_ref())),
                Some(Err(error)) => return Err(error_kind(&error)),
                None => return Err(FaultKind::Disconnected),
            }
        }
    }

    /// Looks after a socket that nobody uses: ready once it is of no more use. What still comes is of an answer that
    /// nobody wants.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match std::task::ready!(self.0.poll_next_unpin(cx)) {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Poll::Ready(()),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Says goodbye without waiting for the answer.
    pub(crate) async fn close(mut self) {
        // Whether it hears it or not, it is left alone.
        drop(timeout(FAREWELL_LIMIT, self.0.close(None)).await);
    }

    /// Why a write failed: the vendor may have said so before.
    async fn farewell(&mut self, error: &Error) -> FaultKind {
        let reason = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(frame))) => return Some(close_kind(frame.as_ref())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        match timeout(FAREWELL_LIMIT, reason).await {
            Ok(Some(kind)) => kind,
            Ok(None) | Err(_) => error_kind(error),
        }
    }
}

/// Whether `url` is that of a vendor's sockets, to which an adapter adds a path and a query.
pub(crate) fn check(url: &str) -> Result<(), ConfigFault> {
    let host = url.strip_prefix("wss://").or_else(|| url.strip_prefix("ws://"));
    if host.is_none_or(|host| host.is_empty() || host.contains(['?', '#'])) {
        return Err(ConfigFault::new(
            "url",
            "must begin with wss:// or ws:// and have no query",
        ));
    }
    Ok(())
}

/// What a close frame means while work goes on.
fn close_kind(frame: Option<&CloseFrame>) -> FaultKind {
    match frame.map(|frame| frame.code) {
        Some(CloseCode::Policy) => FaultKind::Refused,
        Some(CloseCode::Again) => FaultKind::Overloaded,
        // An end as if all were done, or a complaint about the protocol.
        Some(
            CloseCode::Normal
            | CloseCode::Protocol
            | CloseCode::Unsupported
            | CloseCode::Invalid
            | CloseCode::Size
            | CloseCode::Extension,
        ) => FaultKind::Internal,
        _ => FaultKind::Disconnected,
    }
}

/// What an error on an open socket or in its handshake means.
fn error_kind(error: &Error) -> FaultKind {
    match error {
        Error::Http(response) => http::of_status(response.status().as_u16()),
        Error::Protocol(
            ProtocolError::HandshakeIncomplete
            | ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::SendAfterClosing
            | ProtocolError::ReceivedAfterClosing,
        )
        | Error::Io(_)
        | Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::WriteBufferFull(_) => FaultKind::Disconnected,
        Error::Url(_) => FaultKind::Refused,
        _ => FaultKind::Internal,
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
