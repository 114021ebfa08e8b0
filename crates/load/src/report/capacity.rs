//! A search for the capacity: its trials drawn and listed, and what to make of it.

use maud::{Markup, html};

use super::chart::{Chart, Role};
use super::number::{bytes, count, number, ticks};
use super::tables::scrolling;
use crate::capacity::search::Outcome;
use crate::capacity::{Capacity, Trial};
use crate::figures::{FigureName, Verdict};

/// The section about a search.
pub(super) fn section(capacity: &Capacity) -> Markup {
    html! {
        section aria-labelledby="capacity" {
            h2 id="capacity" { "Capacity" }
            (facts(capacity))
            div class="plots" {
                @for at in 0..capacity.trials.first().map_or(0, |trial| trial.objectives.len()) { (plot(capacity, at)) }
            }
            (trials(&capacity.trials))
        }
    }
}

fn facts(capacity: &Capacity) -> Markup {
    html! {
        p { (capacity.advice()) }
        @if !capacity.confirmed {
            p { "No second run has confirmed this number." }
        }
        @if let (Some(cpu), Some(rss)) = (capacity.cpu_ms_per_session_second, capacity.rss_per_session) {
            p { "Each of these sessions took " (number(cpu)) " ms of processor time a second and " (bytes(rss)) " of memory." }
        }
    }
}

/// What objective number `at` came to in every trial.
fn plot(capacity: &Capacity, at: usize) -> Markup {
    let of = |trial: &Trial| -> Option<Verdict> { trial.objectives.get(at).cloned() };
    let Some(objective) = capacity.trials.iter().find_map(of) else {
        return html! {};
    };
    let points: Vec<(f64, f64, &Trial)> = capacity
        .trials
        .iter()
        .filter_map(|trial| Some((trial.sessions as f64, of(trial)?.measured?, trial)))
        .collect();
    let worst = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let x_most = points.iter().map(|point| point.0).fold(1.0, f64::max) * 1.05;
    // Far beyond the limit a value says no more than that it is: the region around the limit must stay readable.
    let y_most = if objective.limit > 0.0 {
        worst.clamp(objective.limit * 1.25, objective.limit * 3.0)
    } else {
        worst
    };
    let chart = Chart {
        id: format!("trials-{at}"),
        title: objective.objective.clone(),
        unit: String::new(),
        description: format!(
            "What was measured in {} runs with up to {} sessions; the limit is {}, the greatest value {}.",
            points.len(),
            count(points.iter().map(|point| point.2.sessions).max().unwrap_or(0)),
            number(objective.limit),
            number(worst),
        ),
        x_ticks: ticks(x_most)
            .into_iter()
            .filter(|&tick| tick <= x_most)
            .map(|tick| (tick, number(tick)))
            .collect(),
        x_most,
        y_most,
        legend: vec![
            (Role::Main, "kept all objectives".to_owned()),
            (Role::Bad, "broke one".to_owned()),
            (Role::Second, "invalid".to_owned()),
            (Role::Limit, "limit".to_owned()),
        ],
    };
    let unit = objective.figure.map_or("", FigureName::unit);
    chart.draw(&html! {
        (chart.level(Role::Limit, objective.limit))
        @for (sessions, measured, trial) in points {
            (chart.dot(role(trial.outcome), (sessions, measured), &format!("{sessions} sessions: {} {unit}", number(measured))))
        }
    })
}

const fn role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::Kept => Role::Main,
        Outcome::Broken => Role::Bad,
        Outcome::Invalid => Role::Second,
    }
}

fn trials(trials: &[Trial]) -> Markup {
    scrolling(
        "Trials",
        &html! {
            thead {
                tr {
                    th scope="col" class="n" { "Trial" }
                    th scope="col" class="n" { "Sessions" }
                    th scope="col" { "Outcome" }
                    th scope="col" class="n" { "Cores" }
                    th scope="col" class="n" { "Memory" }
                    th scope="col" { "Why" }
                }
            }
            tbody {
                @for (at, trial) in trials.iter().enumerate() {
                    tr {
                        th scope="row" class="n" { (at + 1) }
                        td class="n" { (count(trial.sessions)) }
                        td class=(outcome_class(trial.outcome)) { (outcome(trial.outcome)) }
                        td class="n" { @if let Some(cores) = trial.server_cores { (number(cores)) } @else { "–" } }
                        td class="n" { @if let Some(rss) = trial.server_rss { (bytes(rss as f64)) } @else { "–" } }
                        td class="why" { (trial.because.join("; ")) }
                    }
                }
            }
        },
    )
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Kept => "✓ kept",
        Outcome::Broken => "✕ broken",
        Outcome::Invalid => "! invalid",
    }
}

const fn outcome_class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Kept => "outcome-kept",
        Outcome::Broken => "outcome-broken",
        Outcome::Invalid => "outcome-invalid",
    }
}
