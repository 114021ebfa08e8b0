//! The search, driven by real runs.

use std::collections::BTreeMap;

use super::judge::trial;
use super::limiting::limiting;
use super::search::{Bounds, Ended, Found, Next, Outcome, Search};
use super::{Broken, Capacity, Trial};
use crate::figures::Run;

/// Why no capacity was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError<E> {
    /// There is nothing to keep.
    #[error("a capacity is the most sessions that keep the objectives, and the scenario states none")]
    NoObjectives,
    /// The scenario never has as many patients there together as it is asked for.
    #[error(
        "of {sessions} sessions at most {most} were live at a time: let them come faster or stay longer, so that all are"
    )]
    NeverLive {
        /// How many sessions there were to be.
        sessions: u64,
        /// How many there were at most.
        most: u64,
    },
    /// A run could not be made.
    #[error("the run with {sessions} sessions failed")]
    Run {
        /// How many sessions it was to have.
        sessions: u64,
        /// Why.
        #[source]
        source: E,
    },
}

/// A capacity, and the run that shows it best.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What was found.
    pub capacity: Capacity,
    /// The last run with that many sessions; the last of all if none held.
    pub run: Run,
}

/// Makes runs with more and fewer sessions until the most are found that keep the objectives.
///
/// `run` makes one run with so many sessions; it has to end by itself. `saw` is told of every run when it is over.
pub async fn find<F, E>(
    bounds: Bounds,
    mut run: F,
    mut saw: impl FnMut(&Trial),
) -> Result<Finding, FindError<E>>
where
    F: AsyncFnMut(u64) -> Result<Run, E>,
{
    let mut search = Search::new(bounds);
    let mut runs = Runs::default();
    loop {
        match search.next() {
            Next::Try(sessions) => {
                let run = run(sessions)
                    .await
                    .map_err(|source| FindError::Run { sessions, source })?;
                if run.objectives.is_empty() {
                    return Err(FindError::NoObjectives);
                }
                let trial = trial(sessions, &run);
                if trial.outcome == Outcome::Kept && trial.most_at_once * 10 < sessions * 9 {
                    let most = trial.most_at_once;
                    return Err(FindError::NeverLive { sessions, most });
                }
                search.judged(sessions, trial.outcome);
                saw(&trial);
                runs.keep(trial, run);
            }
            Next::Done(found) => return Ok(runs.finding(found)),
        }
    }
}

/// What was run: every trial, and of each number of sessions and outcome the last run whole.
#[derive(Debug, Default)]
struct Runs {
    trials: Vec<Trial>,
    whole: BTreeMap<(u64, Outcome), Run>,
    last: Run,
}

impl Runs {
    fn keep(&mut self, trial: Trial, run: Run) {
        self.whole.insert((trial.sessions, trial.outcome), run.clone());
        self.last = run;
        self.trials.push(trial);
    }

    fn finding(mut self, found: Found) -> Finding {
        let beyond = match found.ended {
            Ended::GeneratorLimited { at } => self.whole.get(&(at, Outcome::Invalid)),
            _ => found
                .broken
                .and_then(|broken| self.whole.get(&(broken, Outcome::Broken))),
        };
        let limiting = beyond.map(limiting);
        let broken = found.broken.map(|sessions| Broken {
            sessions,
            objectives: self.broken_at(sessions),
        });
        let at = self.whole.remove(&(found.sessions, Outcome::Kept));
        let server = at.as_ref().and_then(|run| run.server.as_ref());
        Finding {
            capacity: Capacity {
                sessions: found.sessions,
                confirmed: found.confirmed,
                ended: found.ended,
                broken,
                limiting,
                cpu_ms_per_session_second: server.map(|server| server.cpu_ms_per_session_second),
                rss_per_session: server.map(|server| server.rss_per_session),
                trials: self.trials,
            },
            run: at.unwrap_or(self.last),
        }
    }

    /// What did not hold with so many sessions, each once.
    fn broken_at(&self, sessions: u64) -> Vec<String> {
        let mut all = Vec::new();
        for trial in &self.trials {
            if trial.sessions == sessions && trial.outcome == Outcome::Broken {
                all.extend(trial.because.iter().cloned());
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::executor::block_on;

    use super::*;
    use crate::capacity::limiting::Resource;
    use crate::figures::{FigureName, Second, ServerUse, Sessions, Verdict};

    /// A server of two cores that is full at 20 sessions.
    fn run(sessions: u64) -> Run {
        let measured = if sessions <= 20 { 900.0 } else { 2_600.0 };
        Run {
            objectives: vec![Verdict {
                objective: "voice to voice p99 < 2000 ms".to_owned(),
                figure: Some(FigureName::VoiceToVoice),
                limit: 2_000.0,
                measured: Some(measured),
                kept: measured < 2_000.0,
            }],
            timeline: vec![Second {
                live: sessions,
                server_cores: Some((sessions as f64 / 10.0).min(2.0)),
                ..Second::default()
            }],
            server: Some(ServerUse {
                cpu_ms_per_session_second: 100.0,
                rss_per_session: 50_000.0,
                cores: Some(2.0),
                ..ServerUse::default()
            }),
            sessions: Sessions {
                most_at_once: sessions,
                ..Sessions::default()
            },
            seed: sessions,
            ..Run::default()
        }
    }

    #[test]
    fn the_most_sessions_are_found_with_what_limits_them() {
        let mut seen = Vec::new();
        let found = find(
            Bounds::default(),
            async |sessions| Ok::<_, Infallible>(run(sessions)),
            |trial| seen.push(trial.sessions),
        );
        let Finding { capacity, run } = block_on(found).unwrap();
        assert_eq!((capacity.sessions, capacity.confirmed), (20, true));
        assert_eq!(capacity.ended, Ended::Resolved);
        assert_eq!(
            capacity.broken,
            Some(Broken {
                sessions: 21,
                objectives: vec!["voice to voice p99 < 2000 ms".to_owned()],
            })
        );
        assert_eq!(capacity.limiting.map(|it| it.resource), Some(Resource::Processor));
        assert_eq!(capacity.cpu_ms_per_session_second, Some(100.0));
        assert_eq!(run.seed, 20, "the run that is shown is one at the capacity");
        assert_eq!(
            seen,
            capacity.trials.iter().map(|it| it.sessions).collect::<Vec<_>>()
        );
    }

    #[test]
    fn without_objectives_there_is_no_capacity() {
        let found = find(
            Bounds::default(),
            async |_| Ok::<_, Infallible>(Run::default()),
            |_| (),
        );
        assert!(matches!(block_on(found), Err(FindError::NoObjectives)));
    }

    #[test]
    fn a_run_that_cannot_be_made_ends_the_search() {
        let found = find(
            Bounds::default(),
            async |sessions| {
                if sessions > 10 {
                    Err("gone")
                } else {
                    Ok(run(sessions))
                }
            },
            |_| (),
        );
        let Err(FindError::Run { sessions, source }) = block_on(found) else {
            panic!("the search went on");
        };
        assert_eq!((sessions, source), (20, "gone"));
    }

    #[test]
    fn sessions_that_were_never_there_together_are_no_capacity() {
        let apart = async |sessions| {
            let mut run = run(sessions);
            run.sessions.most_at_once = 5;
            Ok::<_, Infallible>(run)
        };
        let found = block_on(find(Bounds::default(), apart, |_| ()));
        assert!(matches!(
            found,
            Err(FindError::NeverLive {
                sessions: 10,
                most: 5
            })
        ));
    }
}
