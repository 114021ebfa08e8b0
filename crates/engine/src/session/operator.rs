//! What operators see of a session, and what they want of it.

use bedside_conversation::io::{StageFault, TranscriptEvent};
use bedside_protocol::CloseCode;
use tokio::time::Instant;

use super::{End, Session};
use crate::clock::bus_time;
use crate::metrics::Stage;
use crate::orders::Order;
use crate::presence::Condition;
use crate::view::{Attachment, Backlog, StageState, Stages};

/// What observers are told of a connection that broke: no close code says so on the wire (RFC 6455, 7.4.1).
const ABNORMAL: u16 = 1006;

impl End {
    /// The close code that tells of it.
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Close(code, _) => code.as_u16(),
            Self::Left => CloseCode::Normal.as_u16(),
            Self::Lost => ABNORMAL,
        }
    }
}

impl Session {
    /// Does what an operator wants.
    pub(super) fn obey(&mut self, order: Order) -> Result<(), End> {
        match order {
            Order::End => Err(End::Close(CloseCode::Operator, "ended by an operator")),
            Order::Watch(answer) => {
                self.presence.admit(answer, self.core.items());
                Ok(())
            }
        }
    }

    /// The node drains, or is in more of a hurry than before.
    pub(super) fn drain_by(&mut self, deadline: Instant) -> Result<(), End> {
        self.drain_deadline = Some(deadline);
        self.stir();
        self.drain = Box::pin(self.admission.draining(Some(deadline)));
        self.expire(Instant::now())
    }

    /// Takes note of how a stage did.
    pub(super) fn judge(&mut self, stage: Stage, fault: Option<&StageFault>) {
        match fault {
            None => self.presence.stage_worked(stage),
            Some(fault) => {
                self.presence.stage_failed(stage, fault.kind);
                let stage = stage.name();
                self.presence
                    .scope()
                    .in_scope(|| tracing::warn!(stage, %fault, "a stage failed"));
            }
        }
    }

    /// Takes note of how the transcriber did with an utterance.
    pub(super) fn judge_transcript(&mut self, event: &TranscriptEvent) {
        let fault = match event {
            TranscriptEvent::Failed { fault, .. } => Some(fault),
            TranscriptEvent::Partial { .. } | TranscriptEvent::Final { .. } => None,
        };
        self.judge(Stage::Transcription, fault);
    }

    /// Shows operators how the session is doing, and the node what it takes.
    pub(super) fn publish(&mut self) {
        self.presence
            .moved(self.egress.sent_bytes(), self.egress.waiting_bytes());
        if !std::mem::take(&mut self.stirred.view) {
            return;
        }
        let scanner = self.vitals.scanner();
        self.admission.recount(|demand| demand.scanned_by(scanner));
        let working = |busy| if busy { StageState::Busy } else { StageState::Idle };
        let off_unless = |used, state| if used { state } else { StageState::Off };
        let connection = if self.line.is_lost() {
            Attachment::Detached
        } else {
            Attachment::Connected
        };
        self.presence.publish(Condition {
            connection,
            stages: Stages {
                detection: off_unless(self.detecting, working(self.detection.is_open())),
                transcription: working(!self.transcription.is_idle()),
                model: working(!self.generations.is_idle()),
                synthesis: working(!self.synthesis.is_idle()),
                vitals: off_unless(self.vitals.is_offered(), working(!self.vitals.is_idle())),
            },
            backlog: Backlog {
                detection: bus_time(self.detection.backlog()),
                transcription: bus_time(self.transcription.backlog()),
                frames: self.vitals.waiting(),
            },
        });
    }
}
