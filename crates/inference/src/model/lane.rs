//! The threads models run on.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use rten::ThreadPool;

use super::Threads;

thread_local! {
    /// One-thread pools are never shared: two callers on one would wait for each other.
    static LANE: OnceCell<Arc<ThreadPool>> = const { OnceCell::new() };
}

/// The pool a run from the calling thread uses.
pub(super) fn pool(threads: Threads) -> Arc<ThreadPool> {
    static PAIR: OnceLock<Arc<ThreadPool>> = OnceLock::new();
    match threads {
        Threads::One => LANE.with(|lane| {
            lane.get_or_init(|| Arc::new(ThreadPool::with_num_threads(1)))
                .clone()
        }),
        Threads::Two => PAIR
            .get_or_init(|| Arc::new(ThreadPool::with_num_threads(2)))
            .clone(),
    }
}

/// Runs `work` on the calling thread's own lane, for kernels that are called outside a [`Model`](super::Model): they
/// would spread over all processors otherwise.
pub fn in_lane<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    pool(Threads::One).run(work)
}

/// Runs `work` on a lane of its own, where a model run needs no hop to another thread and back.
pub(crate) fn with_own_lane<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let pool = Arc::new(ThreadPool::with_num_threads(1));
    let own = pool.clone();
    pool.run(move || {
        LANE.with(|lane| drop(lane.set(own)));
        work()
    })
}
