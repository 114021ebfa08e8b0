//! Seeds that once broke an invariant, kept in `seeds.txt` with what they broke.

use bedside_sim::{Report, Scenario};

#[test]
fn seeds_that_once_failed_pass() {
    let mut played = 0;
    for line in include_str!("../seeds.txt").lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (kind, seed) = line.split_once(' ').expect("a kind of scenario and a seed");
        let seed = seed.trim().parse().expect("a seed is a number");
        let scenario = match kind {
            "consultation" => Scenario::consultation(seed),
            "interruptions" => Scenario::interruptions(seed),
            "freezes" => Scenario::freezes(seed),
            "handovers" => Scenario::handovers(seed),
            other => panic!("no kind of scenario is called {other}"),
        };
        let report = Report::of(&scenario);
        assert!(report.violations.is_empty(), "{line}\n{report}");
        played += 1;
    }
    assert!(played > 0, "no seeds");
}
