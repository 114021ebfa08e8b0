//! What travels over a connection, whatever carries it.

use bytes::Bytes;

/// A message from the client. Pings and pongs are the carrier's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMessage {
    /// A text message: UTF-8, shared with the carrier's buffer.
    Text(Bytes),
    /// A binary message.
    Binary(Bytes),
    /// The connection was closed, with this code if there was one.
    Close(Option<u16>),
}

impl ClientMessage {
    /// Payload bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(data) | Self::Binary(data) => data.len(),
            Self::Close(_) => 0,
        }
    }
}

/// A message to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// A text message: UTF-8, shared with whoever keeps it.
    Text(Bytes),
    /// A binary message.
    Binary(Bytes),
    /// The last message: close the connection.
    Close {
        /// The close code.
        code: u16,
        /// Why, in words, without patient data; at most 123 bytes.
        reason: &'static str,
    },
}

impl ServerMessage {
    /// Payload bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(data) => data.len(),
            Self::Close { reason, .. } => reason.len() + 2,
        }
    }
}

/// How a connection failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// A message exceeded the carrier's limit; it can still send.
    #[error("message too big")]
    TooBig,
    /// The client broke the carrier's framing; it can still send.
    #[error("malformed framing")]
    Malformed,
    /// A message of ours cannot be written.
    #[error("a message cannot be encoded")]
    Unwritable,
    /// The connection is gone.
    #[error("connection lost")]
    Lost,
}
