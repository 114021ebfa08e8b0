//! What a thread does: take the most urgent job, run a step, give it back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::queue::{GivenUp, Lane, Next, Running};
use super::{JobError, Shared, Work};

pub(super) fn run(shared: &Shared, lane: Lane) {
    let signal = match lane {
        Lane::Any => &shared.work,
        Lane::Reflex => &shared.reflex,
    };
    let mut state = shared.state.lock();
    while !state.stopping {
        match state.queue.next(shared.now(), lane) {
            // Held jobs are watched by one thread; a busy one will look when it is done.
            Next::Idle => match state.queue.held_until().filter(|_| lane == Lane::Reflex) {
                None => signal.wait(&mut state),
                Some(until) => {
                    signal.wait_for(&mut state, until.saturating_sub(shared.now()));
                }
            },
            Next::Shed(job) => {
                drop(state);
                job.end(Err(JobError::Shed));
                state = shared.state.lock();
            }
            Next::Run(running) => {
                drop(state);
                step(shared, running);
                state = shared.state.lock();
            }
        }
    }
}

fn step(shared: &Shared, mut running: Running<Box<dyn Work>>) {
    let cancelled = |running: Running<_>| {
        let job = shared.state.lock().queue.give_up(running, GivenUp::Cancelled);
        drop(job);
    };
    if running.job.is_cancelled() {
        return cancelled(running);
    }
    let more = catch_unwind(AssertUnwindSafe(|| running.job.step()));
    match more {
        Ok(true) if running.job.is_cancelled() => cancelled(running),
        Ok(true) => shared.state.lock().queue.put_back(shared.now(), running),
        Ok(false) => {
            let (job, timing) = shared.state.lock().queue.finish(shared.now(), running);
            job.end(Ok(timing));
        }
        Err(_) => {
            let job = shared.state.lock().queue.give_up(running, GivenUp::Panicked);
            job.end(Err(JobError::Panicked));
        }
    }
}
