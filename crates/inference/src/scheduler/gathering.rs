//! One run for the work of many: what arrives within a few milliseconds is done together, where a model takes a batch
//! for less than its parts.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::channel::oneshot;
use parking_lot::Mutex;

use super::job::{Answer, Handle, Work, settle};
use super::queue::{Ticket, Timing};
use super::{Class, JobError, Scheduler};

/// How work is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatheringConfig {
    /// The class of each run.
    pub class: Class,
    /// How long the first of a run waits for others. Nobody waits while runs come to no more than one.
    pub linger: Duration,
    /// So many start a run at once.
    pub enough: usize,
    /// Most that wait for a run; more are refused.
    pub capacity: usize,
}

/// What has been gathered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GatheringCounts {
    /// Runs begun.
    pub runs: u64,
    /// Submissions they took.
    pub taken: u64,
    /// Submissions refused for want of room.
    pub refused: u64,
}

/// Gathers inputs of type `I` into runs that give an output of type `O` for each.
pub struct Gathering<I, O> {
    scheduler: Arc<Scheduler>,
    shared: Arc<Shared<I, O>>,
}

struct Shared<I, O> {
    config: GatheringConfig,
    work: Box<dyn Fn(Vec<I>) -> Vec<O> + Send + Sync>,
    state: Mutex<State<I, O>>,
}

struct State<I, O> {
    waiting: Vec<Member<I, O>>,
    /// The run that will take them.
    next: Option<Ticket>,
    /// How many the last run took.
    last: usize,
    counts: GatheringCounts,
}

struct Member<I, O> {
    input: I,
    answer: oneshot::Sender<Answer<O>>,
}

impl<I: Send + 'static, O: Send + 'static> Gathering<I, O> {
    /// `work` must give an output for each input, in their order.
    pub fn new(
        scheduler: Arc<Scheduler>,
        config: GatheringConfig,
        work: impl Fn(Vec<I>) -> Vec<O> + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            waiting: Vec::new(),
            next: None,
            last: 0,
            counts: GatheringCounts::default(),
        };
        let shared = Arc::new(Shared {
            config,
            work: Box::new(work),
            state: Mutex::new(state),
        });
        Self { scheduler, shared }
    }

    /// Has `input` worked on together with what else is there. The run's deadline is that of its first. Dropping the
    /// handle takes the input out, unless its run has begun.
    pub fn submit(&self, deadline: Instant, input: I) -> Handle<O> {
        let config = &self.shared.config;
        let (answer, receiver) = oneshot::channel();
        let mut state = self.shared.state.lock();
        if state.waiting.len() >= config.capacity {
            state.counts.refused += 1;
            drop(state);
            drop(answer.send(Err(JobError::Refused)));
            return Handle::settled(receiver);
        }
        state.waiting.push(Member { input, answer });
        let Some(next) = state.next else {
            let hold = if state.last > 1 {
                config.linger
            } else {
                Duration::ZERO
            };
            let run = Box::new(Run {
                shared: self.shared.clone(),
                begun: false,
                answers: Vec::new(),
                outputs: Vec::new(),
            });
            match self.scheduler.enqueue(config.class, deadline, hold, run) {
                Ok(ticket) => state.next = Some(ticket),
                Err(run) => {
                    drop(state);
                    run.end(Err(JobError::Refused));
                }
            }
            return Handle::settled(receiver);
        };
        let enough = state.waiting.len() == config.enough;
        drop(state);
        if enough {
            self.scheduler.release(next);
        }
        Handle::settled(receiver)
    }

    /// What has been gathered so far.
    pub fn counts(&self) -> GatheringCounts {
        self.shared.state.lock().counts
    }
}

impl<I, O> Shared<I, O> {
    /// Closes the run that was open to more.
    fn take(&self) -> Vec<Member<I, O>> {
        let mut state = self.state.lock();
        state.next = None;
        mem::take(&mut state.waiting)
    }
}

/// One run, as threads see it.
struct Run<I, O> {
    shared: Arc<Shared<I, O>>,
    begun: bool,
    answers: Vec<oneshot::Sender<Answer<O>>>,
    outputs: Vec<O>,
}

impl<I: Send, O: Send> Work for Run<I, O> {
    fn step(&mut self) -> bool {
        let mut members = self.shared.take();
        members.retain(|member| !member.answer.is_canceled());
        let mut state = self.shared.state.lock();
        state.last = members.len();
        state.counts.runs += 1;
        state.counts.taken += members.len() as u64;
        drop(state);
        let inputs;
        self.begun = true;
        (inputs, self.answers) = members.into_iter().map(|m| (m.input, m.answer)).unzip();
        self.outputs = (self.shared.work)(inputs);
        false
    }

    fn is_cancelled(&self) -> bool {
        false
    }

    fn end(self: Box<Self>, outcome: Result<Timing, JobError>) {
        let Self {
            shared,
            begun,
            mut answers,
            outputs,
        } = *self;
        if !begun {
            answers = shared.take().into_iter().map(|member| member.answer).collect();
        }
        let mut outputs = outputs.into_iter();
        for answer in answers {
            settle(answer, outcome, outputs.next());
        }
    }
}

impl<I, O> fmt::Debug for Gathering<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl<I, O> fmt::Debug for Run<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").finish_non_exhaustive()
    }
}
