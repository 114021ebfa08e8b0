//! Playing many seeds, or one, as the environment asks.

#![allow(clippy::print_stdout, reason = "a failing seed is told on the terminal")]

use bedside_sim::{Report, Scenario};

/// Plays `count` seeds of a kind of scenario (`BEDSIDE_SIM_COUNT` of them, or the one `BEDSIDE_SIM_SEED` with its whole
/// trace) and fails with the first seeds that break an invariant.
pub(crate) fn play(count: u64, scenario: fn(u64) -> Scenario) -> Vec<Report> {
    if let Some(seed) = number("BEDSIDE_SIM_SEED") {
        let scenario = scenario(seed);
        println!("{scenario:#?}");
        let report = bedside_sim::World::play(
            &scenario,
            bedside_sim::Watch {
                readable: true,
                ..Default::default()
            },
        );
        println!("{}", report.trace.join("\n"));
        assert!(report.violations.is_empty(), "{report}");
        return vec![report];
    }
    let count = number("BEDSIDE_SIM_COUNT").unwrap_or(count);
    let reports: Vec<Report> = (0..count).map(|seed| Report::of(&scenario(seed))).collect();
    let failed: Vec<&Report> = reports
        .iter()
        .filter(|report| !report.violations.is_empty())
        .collect();
    for report in &failed {
        println!("seed {}: {:?}", report.seed, report.violations[0]);
    }
    assert!(
        failed.is_empty(),
        "{} of {count} seeds break an invariant; the first:\n{}",
        failed.len(),
        failed[0]
    );
    reports
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
