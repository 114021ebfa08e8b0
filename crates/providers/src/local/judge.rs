use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_inference::scheduler::{Class, Scheduler};
use bedside_speech::turn::EndOfTurn;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{NAME, jobs};
use crate::traits::{TurnJudge, TurnJudgement};

/// The run itself takes some 70 ms; the patient waits for it.
const DEADLINE: Duration = Duration::from_millis(120);

/// Past this the silence itself has told more than the model could. Shorter than the engine's own patience (half a
/// second), so that it learns why.
const LIMIT: Duration = Duration::from_millis(450);

/// End of turn on this machine.
#[derive(Debug, Clone)]
pub struct LocalTurnJudge {
    model: EndOfTurn,
    scheduler: Arc<Scheduler>,
}

impl LocalTurnJudge {
    pub(super) fn new(model: EndOfTurn, scheduler: Arc<Scheduler>) -> Self {
        Self { model, scheduler }
    }
}

impl TurnJudge for LocalTurnJudge {
    fn name(&self) -> &'static str {
        NAME
    }

    fn judge(&self, pcm: Vec<i16>) -> BoxFuture<'static, Result<TurnJudgement, StageFault>> {
        let model = self.model.clone();
        let run = self
            .scheduler
            .submit(Class::EndOfTurn, jobs::deadline(DEADLINE), move || {
                model.judge(&pcm)
            });
        async move {
            let finished = jobs::outcome(run, LIMIT).await?;
            Ok(TurnJudgement {
                probability: finished.value,
                busy: finished.busy,
            })
        }
        .boxed()
    }
}
