//! A connection to a client, whatever carries it.

use std::fmt;
use std::time::Duration;

use bedside_protocol::CloseCode;
use futures::{Sink, SinkExt, Stream, StreamExt};

use crate::message::{ClientMessage, ServerMessage, SocketError};

/// A stream of what a client says and a sink for what it is told.
pub trait Carrier:
    Stream<Item = Result<ClientMessage, SocketError>> + Sink<ServerMessage, Error = SocketError> + Send + Unpin
{
}

impl<C> Carrier for C where
    C: Stream<Item = Result<ClientMessage, SocketError>>
        + Sink<ServerMessage, Error = SocketError>
        + Send
        + Unpin
{
}

impl fmt::Debug for dyn Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carrier")
    }
}

/// Boxed, so that it can be handed from the task that accepted it to the task of its session.
pub type Connection = Box<dyn Carrier>;

/// A close code, and why, in words without patient data.
pub type LastWords = (CloseCode, &'static str);

/// Closes a connection within `limit`, with a last message if we are the one to close it.
pub async fn farewell(mut connection: Connection, last: Option<LastWords>, limit: Duration) {
    // Whether the client takes the last message is its own affair.
    let _ = tokio::time::timeout(limit, async {
        if let Some((code, reason)) = last {
            let code = code.as_u16();
            connection.send(ServerMessage::Close { code, reason }).await?;
        }
        connection.close().await?;
        // A connection dropped with something unread is reset, and the last message lost with it.
        while let Some(Ok(_)) = connection.next().await {}
        Ok::<(), SocketError>(())
    })
    .await;
}
