//! One question, one answer.

use std::sync::Arc;

use bedside_conversation::io::{FaultKind, StageFault};
use futures::future::BoxFuture;
use tokio::time::{Instant, timeout};

use super::chain::{Chosen, Links, Provider};
use super::select::Standing;
use crate::report::Reporter;

/// Asks link after link until one answers within its limit for the first event.
pub(super) async fn ask<P: Provider + ?Sized, T>(
    chain: Arc<Links<P>>,
    session: Reporter,
    mut ask: impl FnMut(&Arc<P>, Reporter) -> BoxFuture<'static, Result<T, StageFault>>,
) -> Result<T, StageFault> {
    let mut route = chain.route(|_| Standing::Free);
    let mut lost = None;
    while let Some(Chosen { link, permit }) = chain.choose(&mut route) {
        if let Some(fault) = lost.take() {
            session.failed(chain.stage, fault);
        }
        let member = &chain.members[link];
        let asked = Instant::now();
        let answer = ask(&member.provider, chain.reporter(link, &session));
        let kind = match timeout(member.limits.first, answer).await {
            Ok(Ok(answer)) => {
                permit.answered_after(asked.elapsed());
                permit.succeeded();
                chain.serves(&session, link, false);
                return Ok(answer);
            }
            Ok(Err(fault)) => fault.kind,
            Err(_) => FaultKind::Timeout,
        };
        permit.failed(kind);
        lost = Some(chain.fails(&session, link, kind));
    }
    Err(lost.unwrap_or(StageFault {
        provider: chain.name(),
        kind: FaultKind::Refused,
    }))
}
