//! One turn of the loop, in fixed order: expired timers, outputs, then inputs under a work budget.

use std::future::Future;
use std::task::{Context, Poll};

use bedside_conversation::io::Input;
use bedside_protocol::CloseCode;
use tokio::time::Instant;

use super::connection::Line;
use super::{End, Session};
use crate::message::SocketError;
use crate::metrics::Counter;

impl Session {
    /// Works until there is nothing to do, then sleeps until something happens.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let woken = Instant::now();
        if let Some(late) = woken.checked_duration_since(self.alarm.deadline()) {
            self.metrics.record_alarm(late);
        }
        let ended = self.work(cx);
        self.publish();
        self.metrics.record_turn(woken.elapsed());
        match ended {
            Err(end) => Poll::Ready(end),
            Ok(()) => Poll::Pending,
        }
    }

    fn work(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let mut budget = self.limits.inputs_per_turn;
        loop {
            self.expire(Instant::now())?;
            self.carry_out()?;
            self.send(cx)?;
            loop {
                let handled = self.poll_inputs(cx)?;
                if handled == 0 {
                    break;
                }
                budget = budget.saturating_sub(handled);
                if budget == 0 {
                    self.metrics.add(Counter::BudgetExceeded, 1);
                    self.send(cx)?;
                    cx.waker().wake_by_ref();
                    return Ok(());
                }
            }
            self.send(cx)?;
            let next = self.next_alarm();
            self.alarm.as_mut().reset(next);
            if self.alarm.as_mut().poll(cx).is_pending() {
                return Ok(());
            }
            budget = budget.saturating_sub(1);
            if budget == 0 {
                self.metrics.add(Counter::BudgetExceeded, 1);
                cx.waker().wake_by_ref();
                return Ok(());
            }
        }
    }

    /// Tells the core, and does what it wants done at once.
    pub(super) fn tell(&mut self, input: Input) -> Result<(), End> {
        while self.tell_unsent()? {}
        self.core.handle(self.clock.now(), input);
        self.carry_out()
    }

    /// Tells the core how much audio the client has not taken; whether that has changed.
    fn tell_unsent(&mut self) -> Result<bool, End> {
        let audio = self.egress.waiting_audio();
        let changed = audio != self.unsent;
        if changed {
            self.unsent = audio;
            self.core.handle(self.clock.now(), Input::Unsent { audio });
            self.carry_out()?;
        }
        Ok(changed)
    }

    pub(super) fn send(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            let Line::Open(connection) = &mut self.line else {
                return Ok(());
            };
            if let Poll::Ready(Err(error)) = self.egress.poll_send(cx, connection) {
                return Err(end_of(error));
            }
            if !self.tell_unsent()? {
                return Ok(());
            }
        }
    }
}

/// What it means for the session that the client's side closed the connection: a client that means it gives the usual
/// codes or none, and whoever stands between us may give others.
pub(super) fn end_by_client(code: Option<u16>) -> End {
    let codes = [CloseCode::Normal, CloseCode::GoingAway];
    let meant = code.is_none_or(|code| codes.iter().any(|known| known.as_u16() == code));
    if meant { End::Left } else { End::Lost }
}

/// What a failed connection means for the session.
pub(super) fn end_of(error: SocketError) -> End {
    match error {
        SocketError::TooBig => End::Close(CloseCode::TooBig, "message too big"),
        SocketError::Malformed => End::Close(CloseCode::Policy, "malformed framing"),
        SocketError::Unwritable => End::Close(CloseCode::Internal, "internal error"),
        SocketError::Lost => End::Lost,
    }
}
