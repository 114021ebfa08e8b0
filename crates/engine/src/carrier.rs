//! A connection to a client, whatever carries it.

use std::fmt;

use futures::{Sink, Stream};

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
