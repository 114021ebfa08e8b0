//! What the scheduler adds to a job.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bedside_inference::scheduler::queue::{Lane, Next, Queue};
use bedside_inference::scheduler::{Class, Config, Scheduler};
use criterion::{Criterion, criterion_group, criterion_main};
use futures::executor::block_on;

/// The policy alone: one job in and one out, beside others that wait.
fn policy(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scheduler policy");
    for waiting in [0, 100] {
        let mut queue = Queue::new(256);
        for deadline in 0..waiting {
            queue.submit(
                Duration::ZERO,
                Class::LaterSynthesis,
                Duration::from_secs(10 + deadline),
                0,
            );
        }
        group.bench_function(format!("{waiting} waiting"), |bencher| {
            bencher.iter(|| {
                let now = Duration::from_millis(5);
                black_box(queue.submit(now, Class::FinalTranscript, Duration::from_millis(300), 1));
                if let Next::Run(running) = queue.next(now, Lane::Any) {
                    black_box(queue.finish(now, running));
                }
            });
        });
    }
    group.finish();
}

/// From submission to the answer, through a thread and back.
fn round_trip(criterion: &mut Criterion) {
    let scheduler = Scheduler::new(Config::default());
    criterion.bench_function("scheduler round trip", |bencher| {
        bencher.iter(|| {
            let deadline = Instant::now() + Duration::from_millis(300);
            block_on(scheduler.submit(Class::FinalTranscript, deadline, || ())).expect("an empty job ends")
        });
    });
}

criterion_group!(benches, policy, round_trip);
criterion_main!(benches);
