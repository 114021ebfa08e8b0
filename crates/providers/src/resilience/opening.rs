//! Streams being opened.

use std::sync::Arc;

use bedside_conversation::io::{FaultKind, StageFault};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::timeout;

use super::chain::{Links, Member};
use crate::report::Reporter;

/// A stream being opened, within the link's limit.
pub(super) type Opening<T> = BoxFuture<'static, Result<T, FaultKind>>;

/// Opens a stream within the link's limit.
pub(super) fn open_within<P: ?Sized, T: 'static>(
    link: &Member<P>,
    opening: BoxFuture<'static, Result<T, StageFault>>,
) -> Opening<T> {
    let limit = link.limits.open;
    async move {
        match timeout(limit, opening).await {
            Ok(opened) => opened.map_err(|fault| fault.kind),
            Err(_) => Err(FaultKind::Timeout),
        }
    }
    .boxed()
}

/// Opens the stream of the only link there is, for its consumer to deal with directly.
pub(super) async fn open_only<P: ?Sized, T: 'static>(
    chain: Arc<Links<P>>,
    session: Reporter,
    opening: BoxFuture<'static, Result<T, StageFault>>,
) -> Result<T, StageFault> {
    let permit = chain.members[0].health.force();
    match open_within(&chain.members[0], opening).await {
        Ok(stream) => {
            permit.succeeded();
            chain.serves(&session, 0, false);
            Ok(stream)
        }
        Err(kind) => {
            permit.failed(kind);
            Err(chain.fails(&session, 0, kind))
        }
    }
}
