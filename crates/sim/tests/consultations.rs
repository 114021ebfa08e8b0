//! A thousand consultations in which anything may happen.

#![allow(clippy::print_stdout, reason = "how much was tested is told on the terminal")]

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
    let scans: u32 = reports.iter().map(|report| report.scans).sum();
    let measurements: u32 = reports.iter().map(|report| report.measurements).sum();
    let resumed: u32 = reports.iter().map(|report| report.resumed).sum();
    println!("{scans} scans, {measurements} measurements for the model, {resumed} lost connections");
    assert!(
        scans >= 300 && measurements >= 150 || reports.len() < 1_000,
        "only {scans} scans and {measurements} measurements"
    );
    assert!(
        resumed >= 1_000 || reports.len() < 1_000,
        "only {resumed} clients came back"
    );
}
