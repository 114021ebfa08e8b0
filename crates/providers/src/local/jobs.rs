use std::time::{Duration, Instant};

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_inference::scheduler::{Finished, Handle, JobError};

use super::NAME;

/// The result of a job, waited for at most `limit`. Dropping the future cancels the job, and so does the limit.
pub(super) async fn outcome<T, E>(
    handle: Handle<Result<T, E>>,
    limit: Duration,
) -> Result<Finished<T>, StageFault> {
    let finished = match tokio::time::timeout(limit, handle).await {
        Err(_) => return Err(fault(FaultKind::Timeout)),
        Ok(Err(error)) => return Err(fault(kind(error))),
        Ok(Ok(finished)) => finished,
    };
    let Finished {
        value,
        wait,
        busy,
        late,
    } = finished;
    match value {
        Ok(value) => Ok(Finished {
            value,
            wait,
            busy,
            late,
        }),
        Err(_) => Err(fault(FaultKind::Internal)),
    }
}

/// The moment `within` from now.
pub(super) fn deadline(within: Duration) -> Instant {
    Instant::now() + within
}

pub(super) fn fault(kind: FaultKind) -> StageFault {
    StageFault { provider: NAME, kind }
}

fn kind(error: JobError) -> FaultKind {
    match error {
        JobError::Refused | JobError::Evicted => FaultKind::Overloaded,
        JobError::Shed => FaultKind::Timeout,
        JobError::Panicked | JobError::Stopped => FaultKind::Internal,
    }
}
