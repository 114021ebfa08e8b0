use std::time::{Duration, Instant};

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_inference::scheduler::{Finished, Handle, JobError};

use super::NAME;

/// What a job that can fail answers.
type Answer<T, E> = Result<Finished<Result<T, E>>, JobError>;

/// The result of a job, waited for at most `limit`. Dropping the future cancels the job, and so does the limit.
pub(super) async fn outcome<T, E>(
    handle: Handle<Result<T, E>>,
    limit: Duration,
) -> Result<Finished<T>, StageFault> {
    match tokio::time::timeout(limit, handle).await {
        Err(_) => Err(fault(FaultKind::Timeout)),
        Ok(answer) => result(answer),
    }
}

/// The result of a job that is over.
pub(super) fn result<T, E>(answer: Answer<T, E>) -> Result<Finished<T>, StageFault> {
    let Finished {
        value,
        wait,
        busy,
        late,
    } = answer.map_err(|error| fault(kind(error)))?;
    let value = value.map_err(|_| fault(FaultKind::Internal))?;
    Ok(Finished {
        value,
        wait,
        busy,
        late,
    })
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
