//! What a run says of the number of sessions it was made with.

use super::Trial;
use super::search::Outcome;
use crate::figures::{Run, Second, Verdict};

/// Judges a run that was asked for `sessions`.
///
/// Whoever was not let in was not served: a run that turned sessions away breaks, however well the others fared.
pub fn trial(sessions: u64, run: &Run) -> Trial {
    let because = if run.generator.invalid.is_empty() {
        broken(run)
    } else {
        run.generator.invalid.clone()
    };
    let outcome = match (run.generator.invalid.is_empty(), because.is_empty()) {
        (false, _) => Outcome::Invalid,
        (true, false) => Outcome::Broken,
        (true, true) => Outcome::Kept,
    };
    Trial {
        sessions,
        outcome,
        most_at_once: run.sessions.most_at_once,
        objectives: run.objectives.clone(),
        because,
        server_cores: busy_cores(run),
        server_rss: most_rss(run),
    }
}

fn broken(run: &Run) -> Vec<String> {
    let turned_away = [
        (run.sessions.refused, "sessions were refused"),
        (run.sessions.unconnected, "sessions did not connect"),
    ];
    let objectives = run.objectives.iter().filter(|verdict| !verdict.kept);
    objectives
        .map(|verdict: &Verdict| verdict.objective.clone())
        .chain(
            turned_away
                .into_iter()
                .filter(|&(count, _)| count > 0)
                .map(|(count, what)| format!("{count} of {} {what}", run.sessions.due)),
        )
        .collect()
}

/// The median of the server's processor time over the seconds in which at least nine in ten of the most sessions were
/// live, in cores.
pub fn busy_cores(run: &Run) -> Option<f64> {
    let most = run.timeline.iter().map(|second| second.live).max()?;
    let busy = |second: &&Second| second.live * 10 >= most * 9;
    let mut cores: Vec<f64> = run
        .timeline
        .iter()
        .filter(busy)
        .filter_map(|second| second.server_cores)
        .collect();
    cores.sort_by(f64::total_cmp);
    cores.get(cores.len() / 2).copied()
}

/// The server's resident memory at its most, bytes.
pub fn most_rss(run: &Run) -> Option<u64> {
    run.timeline.iter().filter_map(|second| second.server_rss).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{FigureName, Generator, Sessions};

    fn verdict(kept: bool) -> Verdict {
        Verdict {
            objective: "voice to voice p99 < 2000 ms".to_owned(),
            figure: Some(FigureName::VoiceToVoice),
            limit: 2_000.0,
            measured: Some(1_000.0),
            kept,
        }
    }

    fn run(kept: bool) -> Run {
        Run {
            objectives: vec![verdict(true), verdict(kept)],
            ..Run::default()
        }
    }

    #[test]
    fn a_run_holds_only_if_every_objective_does() {
        assert_eq!(trial(5, &run(true)).outcome, Outcome::Kept);
        let broken = trial(5, &run(false));
        assert_eq!(broken.outcome, Outcome::Broken);
        assert_eq!(broken.because, ["voice to voice p99 < 2000 ms"]);
    }

    #[test]
    fn a_session_turned_away_breaks_a_run() {
        let sessions = Sessions {
            due: 8,
            refused: 1,
            ..Sessions::default()
        };
        let trial = trial(
            8,
            &Run {
                sessions,
                ..run(true)
            },
        );
        assert_eq!(trial.outcome, Outcome::Broken);
        assert_eq!(trial.because, ["1 of 8 sessions were refused"]);
    }

    #[test]
    fn nothing_is_said_of_a_server_by_a_generator_that_lagged() {
        let generator = Generator {
            cpu_share: 1.0,
            invalid: vec!["lagged".to_owned()],
        };
        for kept in [true, false] {
            let run = Run {
                generator: generator.clone(),
                ..run(kept)
            };
            let trial = trial(5, &run);
            assert_eq!(trial.outcome, Outcome::Invalid);
            assert_eq!(trial.because, ["lagged"]);
        }
    }

    #[test]
    fn processor_time_is_that_of_the_seconds_with_most_sessions() {
        let second = |live, server_cores| Second {
            live,
            server_cores,
            ..Second::default()
        };
        let timeline = vec![
            second(1, Some(9.0)),
            second(10, Some(1.0)),
            second(9, Some(1.5)),
            second(10, None),
            second(10, Some(3.0)),
        ];
        let run = Run {
            timeline,
            ..Run::default()
        };
        assert_eq!(busy_cores(&run), Some(1.5));
        assert_eq!(busy_cores(&Run::default()), None);
    }
}
