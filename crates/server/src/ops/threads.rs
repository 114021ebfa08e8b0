//! Figures of the threads that run models, as whoever owns the threads tells them.

use serde::Serialize;

use crate::metrics::Durations;

/// The threads and their queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelThreads {
    /// Threads that run every kind of job.
    pub threads: usize,
    /// Jobs that wait now.
    pub queued: usize,
    /// The kinds of jobs.
    pub classes: Vec<JobClass>,
}

/// One kind of job; counts are since the process began.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobClass {
    /// Its name.
    pub name: &'static str,
    /// Jobs run to their end.
    pub done: u64,
    /// Jobs dropped because they were late, stale or too many.
    pub dropped: u64,
    /// Of those done, how many after their deadline.
    pub late: u64,
    /// How late one in twenty of those done was at least, ms, to a factor of two; 0 = in time.
    pub lateness_p95_ms: f64,
    /// What only metrics tell.
    #[serde(skip)]
    pub jobs: JobFigures,
}

/// How the jobs of a class fared; counts are since the process began.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobFigures {
    /// Jobs that wait now.
    pub waiting: usize,
    /// Dropped because they came too late to be of use.
    pub shed: u64,
    /// Dropped for newer ones when the queue was full.
    pub evicted: u64,
    /// Refused when the queue was full.
    pub refused: u64,
    /// Cancelled by those who wanted them.
    pub cancelled: u64,
    /// Jobs that panicked.
    pub panicked: u64,
    /// From submission to the first step.
    pub wait: Durations,
    /// Time in steps.
    pub run: Durations,
    /// From deadline to end, of those that were late.
    pub lateness: Durations,
}
