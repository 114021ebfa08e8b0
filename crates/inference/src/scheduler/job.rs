//! A job, from the side that submits it and the side that runs it.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::channel::oneshot;

use super::Shared;
use super::queue::{Ticket, Timing};

/// What one step of a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<T> {
    /// There is more to do; others may go first.
    More,
    /// The result.
    Done(T),
}

/// A job's result and how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finished<T> {
    /// What the job returned.
    pub value: T,
    /// From submission to the first step.
    pub wait: Duration,
    /// Time the job itself ran.
    pub busy: Duration,
    /// How long after its deadline it was done; zero if in time.
    pub late: Duration,
}

/// Why a job has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Its class's queue was full.
    #[error("the queue for this class of jobs is full")]
    Refused,
    /// Its class's queue was full and a newer job took its place.
    #[error("a newer job of its class took its place")]
    Evicted,
    /// Its deadline passed before it was done, and its class is not worth running late.
    #[error("its deadline passed before it was done")]
    Shed,
    /// It panicked.
    #[error("it panicked")]
    Panicked,
    /// The scheduler is gone.
    #[error("the scheduler was shut down")]
    Stopped,
}

pub(super) type Answer<T> = Result<Finished<T>, JobError>;

/// The way to a job's result. Dropping it cancels the job: at once if it waits, after the current step if it runs.
pub struct Handle<T> {
    answer: oneshot::Receiver<Answer<T>>,
    cancel: Option<(Arc<AtomicBool>, Weak<Shared>, Ticket)>,
}

impl<T> Handle<T> {
    pub(super) fn settled(answer: oneshot::Receiver<Answer<T>>) -> Self {
        Self { answer, cancel: None }
    }

    pub(super) fn waiting(
        answer: oneshot::Receiver<Answer<T>>,
        cancelled: Arc<AtomicBool>,
        shared: Weak<Shared>,
        ticket: Ticket,
    ) -> Self {
        Self {
            answer,
            cancel: Some((cancelled, shared, ticket)),
        }
    }
}

impl<T> Future for Handle<T> {
    type Output = Answer<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.answer).poll(cx);
        if answer.is_ready() {
            self.cancel = None;
        }
        answer.map(|answer| answer.unwrap_or(Err(JobError::Stopped)))
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        if let Some((cancelled, shared, ticket)) = self.cancel.take() {
            cancelled.store(true, Ordering::Relaxed);
            if let Some(shared) = shared.upgrade() {
                shared.cancel(ticket);
            }
        }
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// Tells a submitter what became of its job.
pub(super) fn settle<T>(
    answer: oneshot::Sender<Answer<T>>,
    outcome: Result<Timing, JobError>,
    value: Option<T>,
) {
    let result = outcome.and_then(|Timing { wait, busy, late }| {
        let value = value.ok_or(JobError::Stopped)?;
        Ok(Finished {
            value,
            wait,
            busy,
            late,
        })
    });
    // A submitter that is gone wants no answer.
    drop(answer.send(result));
}

/// A job as threads see it.
pub(super) trait Work: Send + fmt::Debug {
    /// Runs a step; true if there is more to do.
    fn step(&mut self) -> bool;

    /// Whether its handle was dropped.
    fn is_cancelled(&self) -> bool;

    /// Answers the submitter: with the result, after a step that said there is no more to do, or why there is none.
    fn end(self: Box<Self>, outcome: Result<Timing, JobError>);
}

/// A job and the way back to its submitter.
pub(super) struct Task<T, F> {
    run: F,
    value: Option<T>,
    answer: oneshot::Sender<Answer<T>>,
    cancelled: Arc<AtomicBool>,
}

impl<T, F: FnMut() -> Step<T>> Task<T, F> {
    pub(super) fn new(run: F) -> (Self, oneshot::Receiver<Answer<T>>, Arc<AtomicBool>) {
        let (answer, receiver) = oneshot::channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        (
            Self {
                run,
                value: None,
                answer,
                cancelled: cancelled.clone(),
            },
            receiver,
            cancelled,
        )
    }
}

impl<T: Send, F: FnMut() -> Step<T> + Send> Work for Task<T, F> {
    fn step(&mut self) -> bool {
        match (self.run)() {
            Step::More => true,
            Step::Done(value) => {
                self.value = Some(value);
                false
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn end(self: Box<Self>, outcome: Result<Timing, JobError>) {
        let Self {
            run, value, answer, ..
        } = *self;
        // What the job holds is released before its submitter goes on.
        drop(run);
        settle(answer, outcome, value);
    }
}

impl<T, F> fmt::Debug for Task<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
