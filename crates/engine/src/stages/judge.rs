//! The end-of-turn model: one question at a time, answered in time or not at all.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_providers::traits::{TurnJudge, TurnJudgement};

use crate::stages::{Opening, open_within};

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) utterance: UtteranceId,
    pub(crate) at: AudioPos,
}

/// One session's questions. A new question replaces an unanswered one, whose pause is over.
pub(crate) struct Judging {
    judge: Arc<dyn TurnJudge>,
    limit: Duration,
    pending: Option<(Question, Pin<Box<Opening<TurnJudgement>>>)>,
}

impl Judging {
    pub(crate) fn new(judge: Arc<dyn TurnJudge>, limit: Duration) -> Self {
        Self {
            judge,
            limit,
            pending: None,
        }
    }

    /// The name shown to operators.
    pub(crate) fn name(&self) -> &'static str {
        self.judge.name()
    }

    /// Asks about `pcm`; without audio the answer is a fault.
    pub(crate) fn ask(&mut self, question: Question, pcm: Option<Vec<i16>>) {
        let answer: Pin<Box<Opening<TurnJudgement>>> = match pcm {
            Some(pcm) => Box::pin(open_within(self.limit, "end of turn", self.judge.judge(pcm))),
            None => Box::pin(std::future::ready(Err(StageFault {
                provider: "end of turn",
                kind: FaultKind::Internal,
            }))),
        };
        self.pending = Some((question, answer));
    }

    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(Question, Result<TurnJudgement, StageFault>)> {
        let Some((question, answer)) = &mut self.pending else {
            return Poll::Pending;
        };
        let answered = (*question, ready!(answer.as_mut().poll(cx)));
        self.pending = None;
        Poll::Ready(answered)
    }
}
