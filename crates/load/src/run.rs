//! A run: sessions are dealt to threads, and what they measured is put together second by second.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::chance::Chance;
use crate::error::LoadError;
use crate::figures::{Cost, FigureName, Generator, Run, Second};
use crate::material::Material;
use crate::patient::Plan as SessionPlan;
use crate::scenario::{Kind, Scenario};
use crate::server_use::{self, Gauge, Means, Sample};
use crate::tally::Tally;
use crate::target::Target;
use crate::worker::{self, Job, Report};

/// Threads need a moment to start; the run begins when all have.
const HEAD_START: Duration = Duration::from_millis(200);

/// A thread that used more than this share of its core may have been late for lack of it.
const MOST_CPU: f64 = 0.9;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is asked of the server.
    pub scenario: Scenario,
    /// The scenario as it was read, TOML.
    pub text: String,
    /// What patients say and show.
    pub material: Arc<Material>,
    /// Threads of the generator, each good for about a core.
    pub threads: usize,
}

/// Runs `plan` against `target`, and tells every second of it. Dropped, it stops.
pub async fn run(plan: &Plan, target: &Target, mut progress: impl FnMut(&Second)) -> Result<Run, LoadError> {
    plan.scenario.check()?;
    target.request("")?;
    let gauge = Gauge::new(target);
    let before = gauge.means().await;
    let base = gauge.read().await;
    let began = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let stop = CancellationToken::new();
    let _stops_when_dropped = stop.clone().drop_guard();
    let mut threads = deal(plan, target, &stop)?;
    let expected = plan.scenario.arrivals().len() as u64;
    let mut whole = Whole::new(&plan.scenario);
    let mut last_sample = base.map(|sample| (Instant::now(), sample));
    while let Some(reports) = next_second(&mut threads).await {
        let sample = gauge.read().await.map(|sample| (Instant::now(), sample));
        let second = whole.add(&reports, sample, last_sample);
        last_sample = sample.or(last_sample);
        progress(&second);
        whole.timeline.push(second);
    }
    if whole.tally.sessions.due < expected {
        return Err(LoadError::Worker);
    }
    let after = gauge.means().await;
    let mut run = whole.sum_up(&plan.scenario, base, (&before, &after));
    run.scenario_text.clone_from(&plan.text);
    run.target.clone_from(&target.url);
    run.began_at_ms = began.as_millis() as u64;
    run.objectives = plan
        .scenario
        .objectives
        .iter()
        .map(|objective| objective.judge(&run))
        .collect();
    Ok(run)
}

/// Starts the threads, and deals the sessions round.
fn deal(
    plan: &Plan,
    target: &Target,
    stop: &CancellationToken,
) -> Result<Vec<mpsc::Receiver<Report>>, LoadError> {
    let scenario = Arc::new(plan.scenario.clone());
    let count = plan.threads.max(1);
    let mut hands = vec![Vec::new(); count];
    for (session, hand) in session_plans(&scenario).into_iter().zip((0..count).cycle()) {
        hands[hand].push(session);
    }
    let begin = Instant::now() + HEAD_START;
    let start = |plans| {
        worker::start(Job {
            plans,
            scenario: Arc::clone(&scenario),
            material: Arc::clone(&plan.material),
            target: target.clone(),
            begin,
            stop: stop.clone(),
        })
    };
    hands.into_iter().map(start).collect()
}

/// What is fixed of every session before the run.
fn session_plans(scenario: &Scenario) -> Vec<SessionPlan> {
    let mut chance = Chance::new(scenario.seed, u64::MAX);
    let end = scenario.duration();
    let length = scenario.session_s.map(Duration::from_secs_f64);
    let plan = |(number, due): (usize, Duration)| {
        let kind = scenario.draw_kind(&mut chance);
        SessionPlan {
            number: number as u64,
            due,
            ends: length.map_or(end, |length| end.min(due + length)),
            kind,
            loses: chance.happens(scenario.reconnects) && kind != Kind::Echo,
        }
    };
    scenario.arrivals().into_iter().enumerate().map(plan).collect()
}

/// The next report of every thread that still runs; `None` if none does.
async fn next_second(threads: &mut Vec<mpsc::Receiver<Report>>) -> Option<Vec<Report>> {
    let mut reports = Vec::new();
    for thread in threads.iter_mut() {
        // A thread reports every second; one that cannot has ended.
        reports.extend(thread.recv().await);
    }
    threads.retain(|thread| !thread.is_closed() || !thread.is_empty());
    (!reports.is_empty()).then_some(reports)
}

/// What came together so far.
struct Whole {
    tally: Tally,
    timeline: Vec<Second>,
    most_at_once: u64,
    warm_up: Duration,
    seconds: f64,
    /// Sum and greatest of the threads' shares of a core, of seconds that count.
    cpu: Vec<f64>,
}

impl Whole {
    fn new(scenario: &Scenario) -> Self {
        Self {
            tally: Tally::new(scenario.warm_up()),
            timeline: Vec::new(),
            most_at_once: 0,
            warm_up: scenario.warm_up(),
            seconds: 0.0,
            cpu: Vec::new(),
        }
    }

    fn add(
        &mut self,
        reports: &[Report],
        sample: Option<(Instant, Sample)>,
        before: Option<(Instant, Sample)>,
    ) -> Second {
        let mut tally = Tally::new(self.warm_up);
        for report in reports {
            tally.merge(&report.tally);
        }
        let live = reports.iter().map(|report| report.live).sum();
        let at = reports.iter().map(|report| report.at).max().unwrap_or_default();
        if at > self.warm_up {
            self.cpu.extend(reports.iter().map(|report| report.cpu_share));
        }
        self.most_at_once = self.most_at_once.max(live);
        self.seconds = at.as_secs_f64();
        self.tally.merge(&tally);
        let cores = sample.zip(before).map(|((now, sample), (then, before))| {
            (sample.cpu_s - before.cpu_s) / (now - then).as_secs_f64().max(1e-3)
        });
        Second {
            at: self.seconds,
            live,
            refused: tally.sessions.refused,
            errors: tally.errors.values().sum(),
            p99: tally.p99(),
            server_cores: cores,
            server_rss: sample.map(|(_, sample)| sample.rss),
        }
    }

    fn sum_up(self, scenario: &Scenario, base: Option<Sample>, means: (&Means, &Means)) -> Run {
        let figures = self.tally.figures();
        let lag = figures.get(&FigureName::OwnLag).map_or(0.0, |lag| lag.p99);
        let cpu_share = self.cpu.iter().sum::<f64>() / self.cpu.len().max(1) as f64;
        let session_minutes = self.timeline.iter().map(|second| second.live).sum::<u64>() as f64 / 60.0;
        let mut sessions = self.tally.sessions;
        sessions.most_at_once = self.most_at_once;
        Run {
            scenario: scenario.name.clone(),
            seed: scenario.seed,
            seconds: self.seconds,
            sessions,
            figures,
            drops: self.tally.drops,
            errors: self.tally.errors,
            server: server_use::sum_up(base, &self.timeline, means),
            generator: Generator {
                cpu_share,
                invalid: faults(lag, cpu_share, scenario.own_lag_ms),
            },
            cost: self.tally.cost.map(|(total, currency)| Cost {
                currency,
                total,
                per_session_minute: total / session_minutes.max(f64::MIN_POSITIVE),
            }),
            timeline: self.timeline,
            ..Run::default()
        }
    }
}

/// Why a run with these says nothing about the server.
fn faults(lag_ms: f64, cpu_share: f64, most_lag_ms: f64) -> Vec<String> {
    let late = (lag_ms > most_lag_ms).then(|| {
        format!(
            "the generator was late: 99th percentile of its own lag {lag_ms:.1} ms, at most {most_lag_ms} ms allowed"
        )
    });
    let busy = (cpu_share > MOST_CPU).then(|| {
        let (percent, most) = (cpu_share * 100.0, MOST_CPU * 100.0);
        format!("the generator used {percent:.0} % of its cores, at most {most:.0} % allowed")
    });
    late.into_iter().chain(busy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_or_busy_generator_says_so() {
        assert!(faults(4.9, 0.89, 5.0).is_empty());
        let both = faults(7.25, 0.95, 5.0);
        assert!(both[0].contains("7.2 ms") && both[1].contains("95 %"), "{both:?}");
    }

    #[test]
    fn sessions_are_fixed_by_the_seed() {
        let text = "name='a'\nsessions=50\nduration_s=20\nsession_s=5\nreconnects=0.5\n\
                    arrival={kind='poisson',per_second=5}\nkinds={voice=1,scan=1}";
        let scenario = Scenario::parse(text).unwrap();
        let shown = |scenario: &Scenario| format!("{:?}", session_plans(scenario));
        assert_eq!(shown(&scenario), shown(&scenario));
        let other = Scenario {
            seed: 2,
            ..scenario.clone()
        };
        assert_ne!(shown(&scenario), shown(&other));
        let plans = session_plans(&scenario);
        assert!(plans.iter().any(|plan| plan.loses) && plans.iter().any(|plan| !plan.loses));
        assert!(
            plans
                .iter()
                .all(|plan| plan.ends == scenario.duration().min(plan.due + Duration::from_secs(5)))
        );
    }
}
