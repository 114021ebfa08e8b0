//! `bedside load --find-capacity`: run after run, until the most sessions are known.

use std::process::ExitCode;

use bedside_load::capacity::find::{FindError, Finding, find};
use bedside_load::capacity::search::{Bounds, Ended};
use bedside_load::capacity::{Capacity, Trial};
use bedside_load::{LoadError, Plan, Target};

use super::{BROKEN, INVALID, View, failure};
use crate::failure::Failure;

/// Finds it, from the scenario's number of sessions on.
pub(super) async fn capacity(plan: &Plan, target: &Target, most: u32) -> Result<Finding, Failure> {
    if plan.scenario.objectives.is_empty() {
        return Err(Failure::usage(FindError::<LoadError>::NoObjectives));
    }
    let bounds = Bounds {
        first: plan.scenario.sessions.into(),
        most: most.into(),
        ..Bounds::default()
    };
    let run = async |sessions: u64| {
        let sessions = u32::try_from(sessions).unwrap_or(most);
        let plan = Plan {
            scenario: plan.scenario.with_sessions(sessions),
            ..plan.clone()
        };
        let view = View::new();
        let run = bedside_load::run(&plan, target, |second| view.show(second)).await;
        view.end();
        run
    };
    find(bounds, run, |trial| eprintln!("{}", line(trial)))
        .await
        .map_err(|error| match error {
            FindError::Run { source, .. } => failure(source),
            other => Failure::usage(other),
        })
}

fn line(trial: &Trial) -> String {
    let Trial {
        sessions,
        outcome,
        because,
        ..
    } = trial;
    let outcome = format!("{outcome:?}").to_lowercase();
    if because.is_empty() {
        format!("{sessions} sessions: {outcome}")
    } else {
        format!("{sessions} sessions: {outcome} ({})", because.join("; "))
    }
}

/// Says on stderr what was found; the code says it to scripts.
pub(super) fn verdict(capacity: &Capacity) -> ExitCode {
    eprintln!("{}", capacity.headline());
    if let Some(broken) = &capacity.broken {
        eprintln!(
            "{} sessions broke: {}",
            broken.sessions,
            broken.objectives.join("; ")
        );
    }
    if let Some(limiting) = &capacity.limiting {
        eprintln!("limited by: {} ({})", limiting.resource, limiting.because);
    }
    eprintln!("{}", capacity.advice());
    match (capacity.ended, capacity.sessions) {
        (Ended::GeneratorLimited { .. }, _) => ExitCode::from(INVALID),
        (_, 0) => ExitCode::from(BROKEN),
        _ => ExitCode::SUCCESS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_bound_of_the_generator_is_no_success() {
        let mut capacity = Capacity {
            sessions: 20,
            confirmed: true,
            ended: Ended::Resolved,
            broken: None,
            limiting: None,
            cpu_ms_per_session_second: None,
            rss_per_session: None,
            trials: Vec::new(),
        };
        assert_eq!(verdict(&capacity), ExitCode::SUCCESS);
        capacity.ended = Ended::GeneratorLimited { at: 40 };
        assert_eq!(verdict(&capacity), ExitCode::from(INVALID));
        capacity.ended = Ended::Resolved;
        capacity.sessions = 0;
        assert_eq!(verdict(&capacity), ExitCode::from(BROKEN));
    }
}
