//! A session's own side of what operators see and want of it.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bedside_conversation::io::FaultKind;
use bedside_protocol::{Item, ResponseStatus, ServerEvent, ServerEventKind, TurnMetrics};
use tokio::sync::oneshot;
use tracing::Span;

use crate::metrics::{Counter, FinishedTurn, Metrics, Stage, TurnTimes};
use crate::observers::{Observer, Observers, snapshot};
use crate::orders::Order;
use crate::roll::Roll;
use crate::scope::Scope;
use crate::view::{Attachment, Backlog, ScanState, SessionState, SessionView, StageState, Stages, Talk};

/// Shows a session for as long as it lives. What is noted here can be seen by others after
/// [`publish`](Self::publish).
#[derive(Debug)]
pub(crate) struct Presence {
    roll: Roll,
    view: Arc<SessionView>,
    metrics: Arc<Metrics>,
    state: SessionState,
    received: u64,
    talk: Talk,
    failed: [bool; Stage::ALL.len()],
    observers: Observers,
    scope: Scope,
    /// How the newest answer ended.
    outcome: ResponseStatus,
}

/// What a session knows of itself at the end of a wake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Condition {
    pub(crate) connection: Attachment,
    /// Apart from failures, which are known here.
    pub(crate) stages: Stages,
    pub(crate) backlog: Backlog,
}

impl Presence {
    /// The session begins.
    pub(crate) fn enter(roll: Roll, view: SessionView, metrics: Arc<Metrics>) -> Self {
        let view = Arc::new(view);
        roll.enter(&view);
        let scope = Scope::of(view.id());
        Self {
            roll,
            view,
            metrics,
            state: SessionState::default(),
            received: 0,
            talk: Talk::default(),
            failed: Default::default(),
            observers: Observers::default(),
            scope,
            outcome: ResponseStatus::InProgress,
        }
    }

    /// The client is told something.
    pub(crate) fn told(&mut self, event: &ServerEvent) {
        match &event.kind {
            ServerEventKind::BedsideTurnMetrics(metrics) => {
                let times = TurnTimes::of(metrics);
                self.state.turns += 1;
                self.state.last_turn = times.or(self.state.last_turn);
                self.metrics.turn_ended(metrics);
            }
            ServerEventKind::VitalsScanStarted { .. } => self.state.scan = ScanState::Scanning,
            ServerEventKind::VitalsScanCompleted(_) => {
                self.state.scan = ScanState::Completed;
                self.metrics.add(Counter::ScansCompleted, 1);
            }
            ServerEventKind::VitalsScanFailed { .. } => {
                self.state.scan = ScanState::Failed;
                self.metrics.add(Counter::ScansFailed, 1);
            }
            ServerEventKind::BedsideProviderChanged(change) => {
                self.metrics.failed_over(Stage::of(change.stage));
            }
            kind => {
                self.note_response(kind);
                self.talk.note(kind);
            }
        }
        let dropped = self.observers.tell(event);
        self.metrics.add(Counter::ObserverEventsDropped, dropped);
    }

    fn note_response(&mut self, kind: &ServerEventKind) {
        match kind {
            ServerEventKind::ResponseCreated { response } => self.scope.answers(&response.id),
            ServerEventKind::ResponseDone { response } => {
                let outcome = response.status.name();
                self.scope()
                    .in_scope(|| tracing::debug!(outcome, "an answer ended"));
                self.scope.has_answered();
                self.outcome = response.status;
                if let Some(counter) = counter(response.status) {
                    self.metrics.add(counter, 1);
                }
            }
            _ => {}
        }
    }

    /// The client is told the times of an answer that has ended just now, which count from so long `ago`.
    pub(crate) fn turn_over(&self, metrics: &TurnMetrics, ago: Duration) {
        if self.metrics.traces_turns() {
            let now = SystemTime::now();
            self.metrics.turn_finished(FinishedTurn {
                session: self.view.id().to_owned(),
                outcome: self.outcome,
                voiced_at: now.checked_sub(ago).unwrap_or(now),
                metrics: metrics.clone(),
            });
        }
    }

    /// What a log line is to stand under now.
    pub(crate) fn scope(&self) -> Span {
        self.scope.span()
    }

    /// The client sent so many bytes.
    pub(crate) fn received(&mut self, bytes: usize) {
        self.received += bytes as u64;
    }

    /// A stage did what it should.
    pub(crate) fn stage_worked(&mut self, stage: Stage) {
        self.failed[stage as usize] = false;
        self.metrics.stage_worked(stage);
    }

    /// A stage failed.
    pub(crate) fn stage_failed(&mut self, stage: Stage, kind: FaultKind) {
        self.failed[stage as usize] = true;
        self.metrics.stage_failed(stage, kind);
    }

    /// Lets operators see how much was handed to the connection and how much waits for it, in bytes of payload.
    pub(crate) fn moved(&self, sent: u64, waiting: usize) {
        let traffic = &self.view.traffic;
        traffic.sent.store(sent, Ordering::Relaxed);
        traffic.received.store(self.received, Ordering::Relaxed);
        traffic.waiting.store(waiting as u64, Ordering::Relaxed);
    }

    /// Lets operators see what else has been noted.
    pub(crate) fn publish(&mut self, condition: Condition) {
        let recognising = condition.stages.transcription == StageState::Busy;
        let shown = |state, stage| match state {
            StageState::Idle | StageState::Busy if self.failed[stage as usize] => StageState::Failed,
            state => state,
        };
        let stages = condition.stages;
        self.state.stages = Stages {
            detection: shown(stages.detection, Stage::Detection),
            transcription: shown(stages.transcription, Stage::Transcription),
            model: shown(stages.model, Stage::Model),
            synthesis: shown(stages.synthesis, Stage::Synthesis),
            vitals: shown(stages.vitals, Stage::Vitals),
        };
        self.state.connection = condition.connection;
        self.state.activity = self.talk.activity(recognising);
        self.state.backlog = condition.backlog;
        self.view.publish(self.state);
    }

    /// What an operator wants.
    pub(crate) fn poll_order(&self, cx: &mut Context<'_>) -> Poll<Order> {
        self.view.orders.poll(cx)
    }

    /// Lets someone listen in, from the conversation as it is now on.
    pub(crate) fn admit<'a>(
        &mut self,
        answer: oneshot::Sender<Observer>,
        items: impl DoubleEndedIterator<Item = Cow<'a, Item>>,
    ) {
        if let Some(observer) = self.observers.admit(|| snapshot(items)) {
            // Whoever asked may have given up.
            let _ = answer.send(observer);
        }
    }

    /// The session ends with this close code.
    pub(crate) fn end(&mut self, code: u16) {
        self.view.orders.close();
        self.observers.end(code);
    }
}

/// Where responses that ended so are counted.
const fn counter(status: ResponseStatus) -> Option<Counter> {
    match status {
        ResponseStatus::InProgress => None,
        ResponseStatus::Completed => Some(Counter::ResponsesCompleted),
        ResponseStatus::Cancelled => Some(Counter::ResponsesCancelled),
        ResponseStatus::Incomplete => Some(Counter::ResponsesIncomplete),
        ResponseStatus::Failed => Some(Counter::ResponsesFailed),
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.view.orders.close();
        self.roll.leave(&self.view);
    }
}
