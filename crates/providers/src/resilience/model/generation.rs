use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::super::chain::{Chosen, Links, Route};
use super::super::health::Permit;
use crate::report::Reporter;
use crate::traits::ChatModel;

/// One answer, by whichever link gives it.
pub(super) struct Generation {
    chain: Arc<Links<dyn ChatModel>>,
    request: ChatRequest,
    reporter: Reporter,
    route: Route,
    phase: Phase,
}

enum Phase {
    /// Nobody has said anything yet.
    Racing,
    /// It has been said who answers, but not yet what came first.
    Named(Attempt, ModelEvent),
    Answering(Attempt),
    Over,
}

/// One link's work at the answer.
struct Attempt {
    link: usize,
    permit: Permit,
    events: BoxStream<'static, Result<ModelEvent, StageFault>>,
    began: Instant,
}

/// What happens while links race.
enum Race {
    Said(usize, Option<Result<ModelEvent, StageFault>>),
    Late(usize),
    /// The only runner is slower than usual.
    Slow,
}

impl Generation {
    pub(super) fn new(
        chain: Arc<Links<dyn ChatModel>>,
        request: ChatRequest,
        reporter: Reporter,
        route: Route,
    ) -> Self {
        Self {
            chain,
            request,
            reporter,
            route,
            phase: Phase::Racing,
        }
    }

    /// The next event; `None` after the last.
    pub(super) async fn next(&mut self) -> Option<Result<ModelEvent, StageFault>> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Racing => match self.race().await {
                Ok((winner, first)) if self.chain.members.len() > 1 => {
                    let name = self.chain.members[winner.link].name;
                    self.phase = Phase::Named(winner, first);
                    Some(Ok(ModelEvent::ServedBy(name)))
                }
                Ok((winner, first)) => Some(Ok(self.pass_on(winner, first))),
                Err(fault) => Some(Err(fault)),
            },
            Phase::Named(answering, first) => Some(Ok(self.pass_on(answering, first))),
            Phase::Answering(answering) => Some(self.answer(answering).await),
            Phase::Over => None,
        }
    }

    /// Runs links, one after the other or two at a time, until one says something.
    async fn race(&mut self) -> Result<(Attempt, ModelEvent), StageFault> {
        let mut runners: Vec<Attempt> = Vec::new();
        let mut lost: Option<StageFault> = None;
        loop {
            if runners.is_empty() {
                let Some(chosen) = self.chain.choose(&mut self.route) else {
                    return Err(lost.unwrap_or(StageFault {
                        provider: self.chain.name(),
                        kind: FaultKind::Refused,
                    }));
                };
                runners.push(self.start(chosen));
            }
            if let Some(fault) = lost.take() {
                self.reporter.failed(self.chain.stage, fault);
            }
            let hedges = self.route.has_free();
            let (runner, kind) = match watch(&self.chain, &mut runners, hedges).await {
                Race::Slow => {
                    if let Some(chosen) = self.chain.choose_rival(&mut self.route) {
                        runners.push(self.start(chosen));
                    }
                    continue;
                }
                Race::Said(_, Some(Ok(ModelEvent::ServedBy(_)))) => continue,
                Race::Said(runner, Some(Ok(first))) => {
                    let winner = runners.remove(runner);
                    let outran = runners.iter().any(|loser| loser.began < winner.began);
                    for loser in runners.iter().chain([&winner]) {
                        loser.permit.answered_after(loser.began.elapsed());
                    }
                    self.chain.serves(&self.reporter, winner.link, outran);
                    return Ok((winner, first));
                }
                Race::Said(runner, Some(Err(fault))) => (runner, fault.kind),
                Race::Said(runner, None) => (runner, FaultKind::Disconnected),
                Race::Late(runner) => (runner, FaultKind::Timeout),
            };
            let Attempt { link, permit, .. } = runners.remove(runner);
            permit.failed(kind);
            lost = Some(self.chain.fails(&self.reporter, link, kind));
        }
    }

    fn start(&self, Chosen { link, permit }: Chosen) -> Attempt {
        let mut request = self.request.clone();
        request.avoid.clear();
        let reporter = self.chain.reporter(link, &self.reporter);
        Attempt {
            link,
            permit,
            events: self.chain.members[link].provider.generate(request, reporter),
            began: Instant::now(),
        }
    }

    async fn answer(&mut self, mut answering: Attempt) -> Result<ModelEvent, StageFault> {
        let limit = self.chain.members[answering.link].limits.next;
        let kind = loop {
            match timeout(limit, answering.events.next()).await {
                Ok(Some(Ok(ModelEvent::ServedBy(_)))) => {}
                Ok(Some(Ok(event))) => return Ok(self.pass_on(answering, event)),
                Ok(Some(Err(fault))) => break fault.kind,
                Ok(None) => break FaultKind::Disconnected,
                Err(_) => break FaultKind::Timeout,
            }
        };
        answering.permit.failed(kind);
        Err(self.chain.fails(&self.reporter, answering.link, kind))
    }

    fn pass_on(&mut self, answering: Attempt, event: ModelEvent) -> ModelEvent {
        if let ModelEvent::Done { usage, .. } = &event {
            let link = self.chain.reporter(answering.link, &self.reporter);
            link.used_tokens(*usage);
            answering.permit.succeeded();
        } else {
            self.phase = Phase::Answering(answering);
        }
        event
    }
}

/// Waits for what happens next among the runners.
async fn watch(chain: &Links<dyn ChatModel>, runners: &mut [Attempt], hedges: bool) -> Race {
    let late = |attempt: &Attempt| attempt.began + chain.members[attempt.link].limits.first;
    let latest = runners.iter().map(late).enumerate().min_by_key(|&(_, at)| at);
    let slow = match runners {
        [only] if hedges => {
            let after = chain.hedged_after(only.link);
            after
                .map(|after| only.began + after)
                .filter(|&at| Instant::now() < at)
        }
        _ => None,
    };
    let said = poll_fn(|cx| {
        for (runner, attempt) in runners.iter_mut().enumerate() {
            if let Poll::Ready(event) = attempt.events.poll_next_unpin(cx) {
                return Poll::Ready(Race::Said(runner, event));
            }
        }
        Poll::Pending
    });
    let until = |at: Option<Instant>| async move {
        match at {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        said = said => said,
        () = until(latest.map(|(_, at)| at)) => Race::Late(latest.map_or(0, |(runner, _)| runner)),
        () = until(slow) => Race::Slow,
    }
}
