//! What expires: the core's deadlines, the client's patience and ours.

use bedside_conversation::io::{FaultKind, Input};
use bedside_conversation::time::AudioPos;
use bedside_protocol::{CloseCode, ErrorCode, ErrorDetail, ErrorType};
use tokio::time::Instant;

use super::connection::Line;
use super::{End, Session};
use crate::clock::bus_time;
use crate::metrics::{Counter, Stage};

impl Session {
    /// Acts on everything that has expired at `now`.
    pub(super) fn expire(&mut self, now: Instant) -> Result<(), End> {
        match self.line {
            Line::Open(_) => self.expire_client(now)?,
            Line::Lost { until } if now >= until => return Err(End::Lost),
            Line::Lost { .. } => {}
        }
        if now >= self.began + self.limits.session {
            return Err(End::Close(CloseCode::TimeLimit, "session time limit"));
        }
        self.egress.forget_old();
        self.camera.forget_old(now);
        self.give_back();
        if self
            .core
            .next_deadline()
            .is_some_and(|deadline| self.clock.instant(deadline) <= now)
        {
            self.tell(Input::Tick)?;
        }
        if let Some(deadline) = self.drain_deadline
            && (now >= deadline || self.line.is_lost() || self.is_quiet())
        {
            return Err(End::Close(CloseCode::GoingAway, "server is draining"));
        }
        Ok(())
    }

    /// Whether nobody speaks, and nothing is being thought about.
    fn is_quiet(&self) -> bool {
        let idle = self.generations.is_idle() && self.synthesis.is_idle() && self.transcription.is_idle();
        idle && self.tools.is_idle() && !self.core.is_answering()
    }

    /// Gives up a client that does not take what it is sent, or sends nothing.
    fn expire_client(&mut self, now: Instant) -> Result<(), End> {
        if self
            .egress
            .blocked_since()
            .is_some_and(|since| now >= since + self.limits.slow_client)
            || self.egress.waiting_bytes() > self.limits.outgoing_bytes
        {
            self.metrics.add(Counter::SlowClients, 1);
            return Err(End::Close(CloseCode::TooSlow, "client too slow"));
        }
        if now >= self.last_message + self.limits.idle {
            self.metrics.add(Counter::IdleClients, 1);
            return Err(End::Close(CloseCode::Idle, "idle"));
        }
        Ok(())
    }

    /// When something expires next.
    pub(super) fn next_alarm(&self) -> Instant {
        let limits = &self.limits;
        let optional = [
            self.core
                .next_deadline()
                .map(|deadline| self.clock.instant(deadline)),
            self.egress
                .blocked_since()
                .map(|since| since + limits.slow_client),
            self.transcription
                .stuck_since()
                .map(|since| since + limits.audio_backlog),
            self.camera.next_old(),
            self.drain_deadline,
            self.egress.next_old().map(|at| self.clock.instant(at)),
            self.echo
                .as_ref()
                .and_then(|echo| echo.next_due())
                .map(|due| self.clock.instant(due)),
        ];
        let client = match self.line {
            Line::Open(_) => self.last_message + limits.idle,
            Line::Lost { until } => until,
        };
        let always = client.min(self.began + limits.session);
        optional.into_iter().flatten().fold(always, Instant::min)
    }

    /// Whether the client is to wait: it does not take what it asked for, or it sends faster than real time and its
    /// audio is not yet taken.
    pub(super) fn holds_client_back(&self) -> bool {
        self.has_much_to_send()
            || self.echo.as_ref().is_some_and(|echo| echo.is_waiting())
            || !self.is_live(self.now)
                && self.overflows(self.detection.backlog().max(self.transcription.backlog()))
    }

    /// Whether more waits for the client than the answers to one message.
    pub(super) fn has_much_to_send(&self) -> bool {
        self.egress.waiting_bytes() > self.limits.outgoing_bytes / 4
    }

    /// Audio that a live client's consumer did not take in time is dropped with the consumer's stream: what is
    /// older than the limit helps nobody. Says so to the client.
    pub(super) fn give_up_on_consumers(&mut self, now: Instant) -> Result<(), End> {
        let live = self.is_live(now);
        let limit = self.limits.audio_backlog;
        let stuck = |since: Option<Instant>| since.is_some_and(|since| now >= since + limit);
        let mut dropped = 0;
        if live && self.overflows(self.detection.backlog()) {
            self.presence.stage_failed(Stage::Detection, FaultKind::Timeout);
            dropped = self.detection.give_up();
            self.count_dropped(Counter::DetectionDroppedMs, dropped);
        }
        if stuck(self.transcription.stuck_since()) || (live && self.overflows(self.transcription.backlog())) {
            self.presence
                .stage_failed(Stage::Transcription, FaultKind::Timeout);
            let given_up = self.transcription.give_up();
            self.count_dropped(Counter::TranscriptionDroppedMs, given_up);
            dropped = dropped.max(given_up);
        }
        if dropped == 0 {
            return Ok(());
        }
        self.count_dropped(Counter::AudioDroppedMs, dropped);
        self.tell(Input::Complaint(Box::new(ErrorDetail {
            kind: ErrorType::ServerError,
            code: Some(ErrorCode::InputAudioBufferOverflow),
            message: "Audio could not be taken in time; the oldest was dropped.".to_owned(),
            param: None,
            event_id: None,
        })))
    }

    fn count_dropped(&self, counter: Counter, samples: u64) {
        let ms = AudioPos::from_samples(samples).as_millis();
        self.metrics.add(counter, ms);
    }

    fn is_live(&self, now: Instant) -> bool {
        self.lead.ahead(now) <= self.limits.audio_backlog
    }

    fn overflows(&self, samples: u64) -> bool {
        bus_time(samples) > self.limits.audio_backlog
    }
}
