//! Cancellation, panics, shutdown and preemption, with threads.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bedside_inference::scheduler::{Class, Config, JobError, Scheduler, Step};
use futures::executor::block_on;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn one_thread() -> Scheduler {
    Scheduler::new(Config {
        threads: 1,
        capacity: 8,
    })
}

/// Occupies the only thread until the sender is used or dropped; returns once it does.
fn occupy(scheduler: &Scheduler) -> mpsc::Sender<()> {
    let (release, gate) = mpsc::channel::<()>();
    let (started, running) = mpsc::channel();
    let handle = scheduler.submit(Class::EndOfTurn, soon(), move || {
        started.send(()).unwrap();
        let _ = gate.recv();
    });
    running.recv().unwrap();
    std::mem::forget(handle);
    release
}

#[test]
fn a_dropped_handle_takes_its_job_out_of_the_queue() {
    let scheduler = one_thread();
    let release = occupy(&scheduler);
    let (ran, runs) = mpsc::channel();
    let handle = scheduler.submit(Class::FinalTranscript, soon(), move || ran.send(()));
    drop(handle);
    drop(release);
    assert!(runs.recv().is_err(), "the job and all it held are gone");
}

#[test]
fn a_running_job_stops_after_the_step_in_which_it_was_cancelled() {
    let scheduler = one_thread();
    let (stepped, steps) = mpsc::channel();
    let (go_on, gate) = mpsc::channel::<()>();
    let handle = scheduler.submit_steps(Class::FinalTranscript, soon(), move || {
        stepped.send(()).unwrap();
        let _ = gate.recv();
        Step::<()>::More
    });
    steps.recv().unwrap();
    drop(handle);
    go_on.send(()).unwrap();
    assert!(steps.recv().is_err(), "no second step");
}

#[test]
fn a_panic_ends_the_job_and_not_the_thread() {
    let scheduler = one_thread();
    let handle = scheduler.submit(Class::FinalTranscript, soon(), || panic!("in a job"));
    assert_eq!(
        block_on(handle).map(|done| done.value),
        Err::<(), _>(JobError::Panicked)
    );
    let handle = scheduler.submit(Class::FinalTranscript, soon(), || 7);
    assert_eq!(block_on(handle).map(|done| done.value), Ok(7));
}

#[test]
fn jobs_left_at_shutdown_are_told() {
    let scheduler = one_thread();
    let release = occupy(&scheduler);
    let waiting = scheduler.submit(Class::FinalTranscript, soon(), || ());
    let (stopping, stopped) = mpsc::channel();
    std::thread::spawn(move || {
        stopping.send(()).unwrap();
        drop(scheduler);
    });
    stopped.recv().unwrap();
    // Held until the shutdown has begun, or the waiting job might still be run; either way the handle settles.
    drop(release);
    assert!(matches!(block_on(waiting), Ok(_) | Err(JobError::Stopped)));
}

#[test]
fn a_more_urgent_job_runs_between_the_steps_of_a_long_one() {
    let scheduler = Arc::new(one_thread());
    let order = Arc::new(Mutex::new(Vec::new()));
    let (note, inner) = (order.clone(), scheduler.clone());
    let mut step = 0;
    let (sent, urgent) = mpsc::channel();
    let long = scheduler.submit_steps(Class::FinalTranscript, soon(), move || {
        step += 1;
        note.lock().unwrap().push(format!("long {step}"));
        if step == 1 {
            let note = note.clone();
            let job = move || note.lock().unwrap().push("urgent".to_owned());
            sent.send(inner.submit(Class::FirstSynthesis, Instant::now(), job))
                .unwrap();
        }
        if step < 3 { Step::More } else { Step::Done(()) }
    });
    assert!(block_on(long).is_ok());
    assert!(block_on(urgent.recv().unwrap()).is_ok());
    assert_eq!(*order.lock().unwrap(), ["long 1", "urgent", "long 2", "long 3"]);
}

#[test]
fn speech_detection_runs_while_every_other_thread_is_busy() {
    let scheduler = one_thread();
    let release = occupy(&scheduler);
    let handle = scheduler.submit(Class::SpeechDetection, soon(), || 3);
    assert_eq!(block_on(handle).map(|done| done.value), Ok(3));
    drop(release);
}

#[test]
fn a_full_queue_tells_the_refused_and_the_evicted() {
    let scheduler = Scheduler::new(Config {
        threads: 1,
        capacity: 1,
    });
    let release = occupy(&scheduler);
    let kept = scheduler.submit(Class::FinalTranscript, soon(), || ());
    let refused = scheduler.submit(Class::FinalTranscript, soon(), || ());
    assert_eq!(block_on(refused).map(|done| done.value), Err(JobError::Refused));
    let evicted = scheduler.submit(Class::PartialTranscript, soon(), || ());
    let newer = scheduler.submit(Class::PartialTranscript, soon(), || ());
    assert_eq!(block_on(evicted).map(|done| done.value), Err(JobError::Evicted));
    drop(release);
    assert!(block_on(kept).is_ok());
    assert!(block_on(newer).is_ok());
}
