//! Figures of the threads that run models, as whoever owns the threads tells them.

use serde::Serialize;

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
}
