//! The session's connection: there, or lost and to be replaced by the one its client comes back with.

use std::future::poll_fn;
use std::mem;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::Input;
use bedside_protocol::CloseCode;
use tokio::time::Instant;

use super::{End, Session};
use crate::carrier::{Connection, LastWords, farewell};
use crate::metrics::Counter;
use crate::resume::{Claim, Door, ResumeRequest, SESSION_ENDED};

/// A client that was let in has its connection within this, or never.
const ARRIVAL: Duration = Duration::from_secs(5);

/// What a client is told that was let in, and whose missed events were pushed out while its connection was made.
const TOO_LATE: LastWords = (CloseCode::Policy, "the missed events are no longer kept");

/// What its client is told over a connection that it replaced.
const REPLACED: LastWords = (CloseCode::Replaced, "replaced by a resumed connection");

/// The way to the client.
pub(super) enum Line {
    /// It stands.
    Open(Connection),
    /// It is lost; the session waits for its client until then.
    Lost { until: Instant },
}

impl End {
    /// What the client is told, if it is we who end it.
    fn last_words(self) -> Option<LastWords> {
        match self {
            Self::Close(code, reason) => Some((code, reason)),
            Self::Left | Self::Lost => None,
        }
    }
}

impl Line {
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }

    /// Gives up the connection, if there is one.
    fn lose(&mut self, until: Instant) -> Option<Connection> {
        match mem::replace(self, Self::Lost { until }) {
            Self::Open(connection) => Some(connection),
            Self::Lost { .. } => None,
        }
    }
}

impl Session {
    /// Keeps the session after its connection has ended, if it did not end on purpose and its client knows how to come
    /// back.
    pub(super) fn outlive(&mut self, end: End) -> Result<(), End> {
        let by_accident = matches!(end, End::Lost | End::Close(CloseCode::TooSlow, _));
        let can_return = self.door.is_some() && self.egress.keeps_events() && self.drain_deadline.is_none();
        if !by_accident || !can_return || self.line.is_lost() {
            return Err(end);
        }
        self.metrics.add(Counter::ConnectionsLost, 1);
        if let Some(connection) = self.lose_connection()? {
            self.dismiss(connection, end.last_words());
        }
        Ok(())
    }

    /// Hears clients that want to come back, and takes those that do.
    pub(super) fn poll_return(&mut self, cx: &mut Context<'_>) -> Result<u32, End> {
        let Some(door) = &mut self.door else { return Ok(0) };
        let mut handled = 0;
        if let Poll::Ready(claim) = door.poll_claim(cx) {
            handled += 1;
            if self.egress.can_go_on(&claim.request.last_event_id) {
                self.expect_client(*claim);
            } else {
                Door::refuse(*claim);
            }
        }
        if let Some(door) = &mut self.door
            && let Poll::Ready((connection, request)) = door.poll_arrival(cx)
        {
            handled += 1;
            self.welcome(connection, &request)?;
        }
        Ok(handled)
    }

    /// A client that asked in time is waited for while its connection is being made.
    fn expect_client(&mut self, claim: Claim) {
        if let Line::Lost { until } = &mut self.line {
            *until = (*until).max(Instant::now() + ARRIVAL);
        }
        if let Some(door) = &mut self.door {
            door.admit(claim);
        }
    }

    /// The client is back: it is told what it missed, and the conversation goes on.
    fn welcome(&mut self, connection: Connection, request: &ResumeRequest) -> Result<(), End> {
        if !self.egress.can_go_on(&request.last_event_id) {
            self.dismiss(connection, Some(TOO_LATE));
            return Ok(());
        }
        if let Some(replaced) = self.lose_connection()? {
            self.dismiss(replaced, Some(REPLACED));
        }
        let Some(unreceived) = self.egress.reconnect(&request.last_event_id) else {
            self.dismiss(connection, Some(TOO_LATE));
            return Ok(());
        };
        self.metrics.add(Counter::SessionsResumed, 1);
        self.line = Line::Open(connection);
        self.last_message = Instant::now();
        self.ingress.reconnected();
        self.tell(Input::ConnectionBack {
            repeat_unheard: request.repeat_unheard,
            unreceived,
        })
    }

    /// Nothing is sent from now on; gives the connection, if there still was one.
    fn lose_connection(&mut self) -> Result<Option<Connection>, End> {
        let Some(connection) = self.line.lose(Instant::now() + self.limits.resume) else {
            return Ok(None);
        };
        self.tell(Input::ConnectionLost)?;
        self.egress.disconnect();
        if let Some(echo) = &mut self.echo {
            echo.clear();
        }
        Ok(Some(connection))
    }

    /// Says goodbye over a connection that is no longer the session's. The session does not wait for it.
    fn dismiss(&self, connection: Connection, last: Option<LastWords>) {
        tokio::spawn(farewell(connection, last, self.limits.farewell));
    }

    /// Nobody comes back from now on. A client that has just come is told how the session ends.
    pub(super) fn shut_door(&mut self, end: End) {
        if let Some(arrived) = self.door.take().and_then(Door::shut) {
            self.dismiss(arrived, end.last_words().or(Some(SESSION_ENDED)));
        }
    }

    /// Ends the session: says goodbye, as far as the client still listens.
    pub(super) async fn part(&mut self, end: End) -> Option<CloseCode> {
        let last = end.last_words();
        let limit = self.limits.farewell;
        let code = last.map(|(code, _)| code);
        let Some(mut connection) = self.line.lose(Instant::now()) else {
            return code;
        };
        let began = Instant::now();
        if last.is_some() {
            // Nobody will hear it.
            self.egress.drop_audio();
            let flushed = poll_fn(|cx| self.egress.poll_send(cx, &mut connection));
            if !matches!(tokio::time::timeout(limit, flushed).await, Ok(Ok(()))) {
                return code;
            }
        }
        farewell(connection, last, limit.saturating_sub(began.elapsed())).await;
        code
    }
}
