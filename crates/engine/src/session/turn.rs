//! One turn of the loop, in fixed order: expired timers, outputs, then inputs under a work budget.

use std::future::Future;
use std::task::{Context, Poll};

use bedside_conversation::io::Input;
use bedside_protocol::CloseCode;
use tokio::time::Instant;

use super::connection::Line;
use super::{End, Session, Stirred};
use crate::bell::Ringer;
use crate::message::SocketError;
use crate::metrics::Counter;

impl Session {
    /// Works until there is nothing to do, then sleeps until something happens.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let woken = Instant::now();
        self.now = woken;
        self.bell.wakes(cx.waker());
        if let Some(late) = woken.checked_duration_since(self.alarm_at) {
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
            if self.may_expire() {
                self.expire(self.now)?;
                self.carry_out()?;
            }
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
            if self.poll_alarm().is_pending() {
                return Ok(());
            }
            self.now = Instant::now();
            budget = budget.saturating_sub(1);
            if budget == 0 {
                self.metrics.add(Counter::BudgetExceeded, 1);
                cx.waker().wake_by_ref();
                return Ok(());
            }
        }
    }

    /// Whether anything can have expired since this was last looked at.
    fn may_expire(&self) -> bool {
        self.stirred.deadlines || self.now >= self.alarm_at || self.egress.blocked_since().is_some()
    }

    /// Sets the alarm, unless nothing can have brought it forward: one that is too early does no harm.
    fn poll_alarm(&mut self) -> Poll<()> {
        if !self.may_expire() {
            return Poll::Pending;
        }
        self.stirred.deadlines = false;
        let next = self.next_alarm();
        if next < self.alarm_at || self.alarm.is_elapsed() {
            self.alarm.as_mut().reset(next);
            self.alarm_at = next;
        }
        let ring = self.bell.waker(Ringer::Anyone);
        self.alarm.as_mut().poll(&mut Context::from_waker(&ring))
    }

    /// Has everything looked at again before the session sleeps.
    pub(super) fn stir(&mut self) {
        self.stirred = Stirred::ALL;
    }

    /// Tells the core, and does what it wants done at once.
    pub(super) fn tell(&mut self, input: Input) -> Result<(), End> {
        self.stir();
        self.tell_aside(input)
    }

    /// Tells the core of what concerns nobody else, unless the core wants something done.
    pub(super) fn tell_aside(&mut self, input: Input) -> Result<(), End> {
        self.stirred.deadlines = true;
        self.now = Instant::now();
        while self.tell_unsent()? {}
        self.core.handle(self.clock.at(self.now), input);
        self.carry_out()
    }

    /// Tells the core how much audio the client has not taken; whether that has changed.
    fn tell_unsent(&mut self) -> Result<bool, End> {
        if self.echo.is_some() {
            // None of it is the core's.
            return Ok(false);
        }
        let audio = self.egress.waiting_audio();
        let changed = audio != self.unsent;
        if changed {
            self.stir();
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
