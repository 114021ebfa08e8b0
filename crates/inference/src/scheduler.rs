//! The deadline scheduler: a fixed set of threads on which all models run.
//!
//! The policy is a pure structure ([`queue::Queue`]) that is told the time; this module is the thin shell of threads
//! around it. One further thread takes nothing but speech detection, whose jobs last a third of a millisecond: when all
//! other threads sit in long runs, the operating system's time slices let it through.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use bedside_inference::scheduler::{Class, Config, Scheduler, Step};
//!
//! let scheduler = Scheduler::new(Config { threads: 1, ..Config::default() });
//! let mut tokens = 0;
//! let handle = scheduler.submit_steps(Class::FinalTranscript, Instant::now() + Duration::from_secs(1), move || {
//!     tokens += 1;
//!     if tokens < 3 { Step::More } else { Step::Done(tokens) }
//! });
//! assert_eq!(futures::executor::block_on(handle).map(|done| done.value), Ok(3));
//! ```

mod class;
mod gathering;
mod job;
mod metrics;
pub mod queue;
mod worker;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

pub use class::{Band, Class, Overflow};
pub use gathering::{Gathering, GatheringConfig, GatheringCounts};
pub use job::{Finished, Handle, JobError, Step};
pub use metrics::{BOUNDS, ClassMetrics, Histogram};

use job::{Task, Work};
use queue::{Admission, Queue};

/// How a scheduler is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Threads for all classes; one more takes speech detection alone.
    pub threads: usize,
    /// Most jobs waiting, for each class.
    pub capacity: usize,
}

impl Default for Config {
    /// A thread per processor, and room for a job of each class from every session of a full node: after a freeze all
    /// come at once.
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, usize::from),
            capacity: 4_096,
        }
    }
}

/// The threads and their queue. Dropping it ends running jobs' current steps, drops the rest, and joins the threads.
#[derive(Debug)]
pub struct Scheduler {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    for_all: usize,
}

/// What threads and handles share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Signalled when there is work for any thread.
    work: Condvar,
    /// Signalled when there is speech detection to do.
    reflex: Condvar,
    started: Instant,
}

#[derive(Debug)]
struct State {
    queue: Queue<Box<dyn Work>>,
    stopping: bool,
}

impl Shared {
    /// The queue's time.
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes a waiting job out of the queue. A running one is left: its thread sees the cancellation after this step.
    fn cancel(&self, ticket: queue::Ticket) {
        let cancelled = self.state.lock().queue.cancel(ticket);
        drop(cancelled);
    }
}

impl Scheduler {
    /// Starts the threads.
    pub fn new(config: Config) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                queue: Queue::new(config.capacity),
                stopping: false,
            }),
            work: Condvar::new(),
            reflex: Condvar::new(),
            started: Instant::now(),
        });
        let for_all = config.threads.max(1);
        let lanes = (0..for_all)
            .map(|_| queue::Lane::Any)
            .chain([queue::Lane::Reflex]);
        let threads = lanes
            .map(|lane| {
                let shared = shared.clone();
                thread::spawn(move || crate::model::with_own_lane(move || worker::run(&shared, lane)))
            })
            .collect();
        Self {
            shared,
            threads,
            for_all,
        }
    }

    /// Threads for all classes; one more takes speech detection alone.
    pub fn threads(&self) -> usize {
        self.for_all
    }

    /// Runs `job` in one go. The result, or why there is none, comes through the handle; dropping the handle cancels.
    pub fn submit<T: Send + 'static>(
        &self,
        class: Class,
        deadline: Instant,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T> {
        let mut job = Some(job);
        self.submit_steps(class, deadline, move || {
            job.take().map_or(Step::More, |job| Step::Done(job()))
        })
    }

    /// Runs `step` until it is done, letting more urgent jobs in between steps. Cancellation and the shedding of late
    /// jobs happen there too.
    pub fn submit_steps<T: Send + 'static>(
        &self,
        class: Class,
        deadline: Instant,
        step: impl FnMut() -> Step<T> + Send + 'static,
    ) -> Handle<T> {
        let (task, answer, cancelled) = Task::new(step);
        match self.enqueue(class, deadline, Duration::ZERO, Box::new(task)) {
            Ok(ticket) => Handle::waiting(answer, cancelled, Arc::downgrade(&self.shared), ticket),
            Err(task) => {
                task.end(Err(JobError::Refused));
                Handle::settled(answer)
            }
        }
    }

    /// Queues work that starts after `hold` at the earliest; gives it back if there is no room.
    fn enqueue(
        &self,
        class: Class,
        deadline: Instant,
        hold: Duration,
        work: Box<dyn Work>,
    ) -> Result<queue::Ticket, Box<dyn Work>> {
        let mut state = self.shared.state.lock();
        let now = self.shared.now();
        let deadline = deadline.saturating_duration_since(self.shared.started);
        let admission = state.queue.submit(now, class, deadline, work);
        if let Admission::Admitted(ticket) = admission
            && !hold.is_zero()
        {
            state.queue.hold(ticket, now + hold);
        }
        drop(state);
        let ticket = match admission {
            Admission::Admitted(ticket) => ticket,
            Admission::Evicted { ticket, oldest } => {
                oldest.end(Err(JobError::Evicted));
                ticket
            }
            Admission::Refused(work) => return Err(work),
        };
        self.signal(class);
        Ok(ticket)
    }

    /// Lets held work start.
    fn release(&self, ticket: queue::Ticket) {
        self.shared.state.lock().queue.release(ticket);
        self.signal(ticket.class());
    }

    fn signal(&self, class: Class) {
        if class.band() == Band::Reflex {
            self.shared.reflex.notify_one();
        }
        self.shared.work.notify_one();
    }

    /// What has happened so far, by class.
    pub fn metrics(&self) -> [(Class, ClassMetrics); Class::ALL.len()] {
        let state = self.shared.state.lock();
        Class::ALL.map(|class| (class, state.queue.metrics(class)))
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.shared.state.lock().stopping = true;
        self.shared.work.notify_all();
        self.shared.reflex.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a model thread panicked outside any job");
            }
        }
    }
}
