//! The providers' streams of one session. Each stage owns its streams, bounds how long they may take to open, reopens
//! what broke, and cancels by dropping. What a fault means is the core's decision.

pub(crate) mod detection;
pub(crate) mod judge;
pub(crate) mod model;
pub(crate) mod synthesis;
pub(crate) mod tools;
pub(crate) mod transcription;
pub(crate) mod vitals;

use std::future::Future;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use futures::future::BoxFuture;

/// A stream being opened, within its limit.
pub(crate) type Opening<T> = dyn Future<Output = Result<T, StageFault>> + Send;

/// Waits for `opening`, but no longer than `limit`.
pub(crate) async fn open_within<T>(
    limit: Duration,
    provider: &'static str,
    opening: BoxFuture<'static, Result<T, StageFault>>,
) -> Result<T, StageFault> {
    tokio::time::timeout(limit, opening)
        .await
        .unwrap_or(Err(StageFault {
            provider,
            kind: FaultKind::Timeout,
        }))
}
