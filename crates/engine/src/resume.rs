//! Coming back: a client that lost its connection finds its session by the token of its ticket, is told whether it can
//! go on where it was, and hands its new connection over.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_protocol::CloseCode;
use tokio::sync::{mpsc, oneshot};

use crate::carrier::{Connection, LastWords};

/// Claims that wait for a session. Overflow policy: the client is told to try again.
const CLAIMS: usize = 2;

/// A session that lives answers within this.
const ANSWER: Duration = Duration::from_secs(2);

/// What a client is told that was let in, and whose session ended before it came.
pub const SESSION_ENDED: LastWords = (CloseCode::Policy, "the session has ended");

/// The sessions of this node that can be come back to. Clones share them.
#[derive(Clone, Default)]
pub struct Resumptions {
    /// By token. Boxed claims: a channel makes room for many at once.
    sessions: Arc<Mutex<HashMap<String, mpsc::Sender<Box<Claim>>>>>,
}

/// Where a client wants to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeRequest {
    /// The last event it got, audio included.
    pub last_event_id: String,
    /// Whether it wants to hear the rest of an answer that was cut off.
    pub repeat_unheard: bool,
}

/// Why a client cannot come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResumeError {
    /// No session has this token: it never had, or it has ended.
    #[error("no session waits for this token")]
    NotFound,
    /// What the client missed is no longer kept, or its last event is none of this session's.
    #[error("the events after the last one named are no longer kept")]
    Expired,
    /// The session is busy with others who claim it.
    #[error("the session does not answer")]
    Busy,
}

/// A session's word that the client can come in. It may be dropped unused.
#[derive(Debug)]
pub struct Seat(oneshot::Sender<Connection>);

impl Seat {
    /// Hands the client's new connection to the session; gives it back if the session has ended meanwhile.
    pub fn take(self, connection: Connection) -> Result<(), Connection> {
        self.0.send(connection)
    }
}

impl fmt::Debug for Resumptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumptions")
            .field("sessions", &self.sessions().len())
            .finish()
    }
}

impl Resumptions {
    /// Opens a session's door to whoever knows `token`, which must be unguessable.
    pub fn open(&self, token: String) -> Door {
        let (sender, claims) = mpsc::channel(CLAIMS);
        self.sessions().insert(token.clone(), sender);
        Door {
            token,
            claims,
            coming: None,
            resumptions: self.clone(),
        }
    }

    /// Asks the session of `token` to go on with its client.
    pub async fn claim(&self, token: &str, request: ResumeRequest) -> Result<Seat, ResumeError> {
        let session = self.sessions().get(token).cloned();
        let session = session.ok_or(ResumeError::NotFound)?;
        let (answer, answered) = oneshot::channel();
        let claim = Box::new(Claim { request, answer });
        session.try_send(claim).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => ResumeError::Busy,
            mpsc::error::TrySendError::Closed(_) => ResumeError::NotFound,
        })?;
        match tokio::time::timeout(ANSWER, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(ResumeError::NotFound),
            Err(_) => Err(ResumeError::Busy),
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, mpsc::Sender<Box<Claim>>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client that asks to come back.
pub(crate) struct Claim {
    pub(crate) request: ResumeRequest,
    answer: oneshot::Sender<Result<Seat, ResumeError>>,
}

/// A session's side: who asks to come back to it, and who does. Dropping it ends the ticket.
pub struct Door {
    token: String,
    claims: mpsc::Receiver<Box<Claim>>,
    coming: Option<Coming>,
    resumptions: Resumptions,
}

/// A client that was let in and whose connection is being made.
struct Coming {
    connection: oneshot::Receiver<Connection>,
    request: ResumeRequest,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Door {
    /// What opens it.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The next client that asks.
    pub(crate) fn poll_claim(&mut self, cx: &mut Context<'_>) -> Poll<Box<Claim>> {
        match self.claims.poll_recv(cx) {
            Poll::Ready(Some(claim)) => Poll::Ready(claim),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Lets a client in. One that was let in before and has not come yet will be turned away.
    pub(crate) fn admit(&mut self, claim: Claim) {
        let (seat, connection) = oneshot::channel();
        // Who no longer waits for the answer does not come either.
        if claim.answer.send(Ok(Seat(seat))).is_ok() {
            self.coming = Some(Coming {
                connection,
                request: claim.request,
            });
        }
    }

    /// Tells a client that what it missed is gone.
    pub(crate) fn refuse(claim: Claim) {
        // As above.
        let _ = claim.answer.send(Err(ResumeError::Expired));
    }

    /// The client that was let in, with its connection.
    pub(crate) fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<(Connection, ResumeRequest)> {
        let Some(coming) = &mut self.coming else {
            return Poll::Pending;
        };
        let arrived = std::task::ready!(Pin::new(&mut coming.connection).poll(cx));
        match (arrived, self.coming.take()) {
            (Ok(connection), Some(coming)) => Poll::Ready((connection, coming.request)),
            _ => Poll::Pending,
        }
    }
}

impl Door {
    /// Lets nobody in any more; gives the connection of a client that has just come.
    pub(crate) fn shut(mut self) -> Option<Connection> {
        let mut coming = self.coming.take()?.connection;
        coming.close();
        coming.try_recv().ok()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.resumptions.sessions().remove(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    fn request() -> ResumeRequest {
        ResumeRequest {
            last_event_id: "event_1".to_owned(),
            repeat_unheard: false,
        }
    }

    #[tokio::test]
    async fn a_session_is_found_while_its_door_stands_and_only_by_its_token() {
        let resumptions = Resumptions::default();
        let mut door = resumptions.open("token".to_owned());
        let claim = async { resumptions.claim("token", request()).await };
        let answer = async {
            let claim = poll_fn(|cx| door.poll_claim(cx)).await;
            assert_eq!(claim.request, request());
            door.admit(*claim);
        };
        assert!(tokio::join!(claim, answer).0.is_ok());
        let foreign = resumptions.claim("another", request()).await;
        assert_eq!(foreign.err(), Some(ResumeError::NotFound));
        drop(door);
        let ended = resumptions.claim("token", request()).await;
        assert_eq!(ended.err(), Some(ResumeError::NotFound));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_that_does_not_answer_is_busy() {
        let resumptions = Resumptions::default();
        let _door = resumptions.open("token".to_owned());
        let claims = (0..3).map(|_| resumptions.claim("token", request()));
        for claim in futures::future::join_all(claims).await {
            assert_eq!(claim.err(), Some(ResumeError::Busy));
        }
    }
}
