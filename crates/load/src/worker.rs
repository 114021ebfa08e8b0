//! A thread of the generator: a share of the sessions, on one core.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::error::LoadError;
use crate::material::Material;
use crate::pacer::Pacer;
use crate::patient::Plan;
use crate::scenario::Scenario;
use crate::session::{Shared, visit};
use crate::tally::Tally;
use crate::target::Target;

/// Reports that may wait to be read; a thread that has so many waits with the next, and goes on with its sessions.
const MOST_REPORTS: usize = 16;

/// What one thread does.
#[derive(Debug)]
pub(crate) struct Job {
    /// In the order in which they are due.
    pub(crate) plans: Vec<Plan>,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) material: Arc<Material>,
    pub(crate) target: Target,
    pub(crate) begin: Instant,
    pub(crate) stop: CancellationToken,
}

/// A second of a thread.
#[derive(Debug)]
pub(crate) struct Report {
    /// When it ended, since the run's beginning.
    pub(crate) at: Duration,
    /// Live sessions at its end.
    pub(crate) live: u64,
    pub(crate) tally: Tally,
    /// Share of a core that the thread used.
    pub(crate) cpu_share: f64,
}

/// Starts a thread. Its reports end when its sessions have.
pub(crate) fn start(job: Job) -> Result<mpsc::Receiver<Report>, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (sender, receiver) = mpsc::channel(MOST_REPORTS);
    thread::Builder::new()
        .name("load".to_owned())
        .spawn(move || runtime.block_on(work(job, sender)))?;
    Ok(receiver)
}

async fn work(job: Job, sender: mpsc::Sender<Report>) {
    let shared = Arc::new(Shared {
        tally: Mutex::new(Tally::new(job.scenario.warm_up())),
        scenario: job.scenario,
        material: job.material,
        target: job.target,
        pacer: Pacer::new(job.begin),
        live: Mutex::new(0),
    });
    let sessions = async {
        let mut visits = JoinSet::new();
        for plan in job.plans {
            shared.pacer.sleep_until(plan.due).await;
            visits.spawn(visit(plan, Arc::clone(&shared)));
        }
        while let Some(ended) = visits.join_next().await {
            if ended.is_err() {
                // A fault of ours is no session that went well.
                let mut tally = shared.tally.lock();
                tally.error("generator_fault");
                tally.sessions.failed += 1;
            }
        }
    };
    tokio::pin!(sessions);
    let wheel = Arc::clone(&shared);
    let mut turning = JoinSet::new();
    turning.spawn(async move { wheel.pacer.turn().await });
    let mut watch = Watch::new(shared.pacer.now());
    for second in 1.. {
        let end = Duration::from_secs(second);
        let over = tokio::select! {
            () = job.stop.cancelled() => return,
            // A wheel that cannot be turned ends the run: its reports end early.
            _ = turning.join_next() => return,
            () = &mut sessions => true,
            () = shared.pacer.sleep_until(end) => false,
        };
        let report = watch.report(&shared);
        if sender.send(report).await.is_err() || over {
            return;
        }
    }
}

/// Measures the thread itself.
struct Watch {
    at: Duration,
    cpu: Duration,
}

impl Watch {
    fn new(at: Duration) -> Self {
        Self { at, cpu: cpu_time() }
    }

    fn report(&mut self, shared: &Shared) -> Report {
        let last = std::mem::replace(self, Self::new(shared.pacer.now()));
        let lasted = (self.at - last.at).as_secs_f64();
        Report {
            at: self.at,
            live: *shared.live.lock(),
            tally: shared.tally.lock().take(),
            cpu_share: (self.cpu - last.cpu).as_secs_f64() / lasted.max(1e-3),
        }
    }
}

/// Processor time of this thread.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
