//! What many submit within a few milliseconds is one run, and every submitter has its own answer.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bedside_inference::scheduler::{
    Class, Config, Finished, Gathering, GatheringConfig, Handle, JobError, Scheduler,
};
use futures::executor::block_on;
use parking_lot::Mutex;

/// Longer than any test: only enough members, or having been alone, starts a run.
const FOREVER: Duration = Duration::from_secs(600);

fn gathering(
    config: GatheringConfig,
    work: impl Fn(Vec<u32>) -> Vec<u32> + Send + Sync + 'static,
) -> Gathering<u32, u32> {
    let scheduler = Scheduler::new(Config {
        threads: 1,
        ..Config::default()
    });
    Gathering::new(Arc::new(scheduler), config, work)
}

fn config(enough: usize) -> GatheringConfig {
    GatheringConfig {
        class: Class::SpeechDetection,
        linger: FOREVER,
        enough,
        capacity: 8,
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(1)
}

fn values(handles: Vec<Handle<u32>>) -> Vec<Result<u32, JobError>> {
    let value = |finished: Finished<u32>| finished.value;
    handles
        .into_iter()
        .map(|handle| block_on(handle).map(value))
        .collect()
}

/// Work that says what it was given, and begins when it is told to.
struct Held {
    given: Receiver<Vec<u32>>,
    go: Sender<()>,
}

fn held() -> (Held, impl Fn(Vec<u32>) -> Vec<u32> + Send + Sync) {
    let (tell, given) = channel();
    let (go, wait) = channel();
    let ends = Mutex::new((tell, wait));
    let work = move |inputs: Vec<u32>| {
        let ends = ends.lock();
        ends.0.send(inputs.clone()).expect("the test listens");
        ends.1.recv().expect("the test goes on");
        inputs.into_iter().map(|input| input * 10).collect()
    };
    (Held { given, go }, work)
}

#[test]
fn one_alone_does_not_wait() {
    let gathering = gathering(config(4), |inputs| inputs);
    for input in 0..3 {
        assert_eq!(values(vec![gathering.submit(soon(), input)]), [Ok(input)]);
    }
    assert_eq!(gathering.counts().runs, 3);
}

#[test]
fn after_company_the_first_waits_until_there_are_enough() {
    let scheduler = Arc::new(Scheduler::new(Config {
        threads: 1,
        ..Config::default()
    }));
    let gathering = Gathering::new(scheduler.clone(), config(3), |inputs: Vec<u32>| inputs);
    // Both threads are kept busy, so that two submissions find each other.
    let (go, wait) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let busy = [(); 2].map(|()| {
        let wait = wait.clone();
        scheduler.submit(Class::SpeechDetection, Instant::now(), move || {
            wait.lock().recv().is_ok()
        })
    });
    let company = vec![gathering.submit(soon(), 1), gathering.submit(soon(), 2)];
    (0..2).for_each(|_| go.send(()).expect("the jobs wait"));
    for job in busy {
        block_on(job).expect("the job ends");
    }
    assert_eq!(values(company), [Ok(1), Ok(2)]);
    assert_eq!(gathering.counts().runs, 1);
    let three = (3..6).map(|input| gathering.submit(soon(), input)).collect();
    assert_eq!(values(three), [Ok(3), Ok(4), Ok(5)]);
    assert_eq!((gathering.counts().runs, gathering.counts().taken), (2, 5));
}

#[test]
fn one_that_leaves_does_not_keep_the_others_from_their_answers() {
    let (held, work) = held();
    let gathering = gathering(config(2), work);
    let busy = [gathering.submit(soon(), 0), gathering.submit(soon(), 0)];
    assert_eq!(held.given.recv().map(|given| given.contains(&0)), Ok(true));
    let leaving = gathering.submit(soon(), 5);
    let staying = gathering.submit(soon(), 6);
    drop(leaving);
    (0..4).for_each(|_| held.go.send(()).expect("the gathering lives"));
    assert_eq!(values(vec![staying]), [Ok(60)]);
    drop(busy);
}

#[test]
fn beyond_its_room_it_refuses() {
    let (held, work) = held();
    let gathering = gathering(config(100), work);
    let first = gathering.submit(soon(), 0);
    assert_eq!(held.given.recv(), Ok(vec![0]));
    let waiting: Vec<_> = (0..30).map(|input| gathering.submit(soon(), input)).collect();
    assert!(gathering.counts().refused > 0);
    (0..40).for_each(|_| held.go.send(()).expect("the gathering lives"));
    let answers = values(waiting);
    assert!(answers.contains(&Err(JobError::Refused)));
    drop(first);
}

#[test]
fn a_panic_is_told_to_everyone_in_the_run_and_the_next_run_goes_on() {
    let gathering = gathering(config(4), |inputs: Vec<u32>| {
        assert!(!inputs.contains(&13), "unlucky");
        inputs
    });
    assert_eq!(
        values(vec![gathering.submit(soon(), 13)]),
        [Err(JobError::Panicked)]
    );
    assert_eq!(values(vec![gathering.submit(soon(), 1)]), [Ok(1)]);
}
