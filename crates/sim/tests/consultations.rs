//! A thousand consultations in which anything may happen.

mod common;

use bedside_sim::Scenario;

#[test]
fn a_thousand_random_consultations_keep_every_invariant() {
    let reports = common::play(1_000, Scenario::consultation);
    let answers: u32 = reports.iter().map(|report| report.answers).sum();
    assert!(
        answers as usize > reports.len(),
        "only {answers} answers: the simulation is not talking"
    );
}
