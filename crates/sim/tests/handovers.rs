//! One provider of every stage fails in every turn: the patient hears the whole answer, and no silence is long.

#![allow(clippy::print_stdout, reason = "how much was tested is told on the terminal")]

mod common;

use bedside_sim::Scenario;

#[test]
fn an_answer_survives_a_failing_provider_of_every_stage() {
    let reports = common::play(400, Scenario::handovers);
    let continued: u32 = reports.iter().map(|report| report.continued).sum();
    let fillers: u32 = reports.iter().map(|report| report.fillers).sum();
    println!("{continued} answers went on with another model, {fillers} silences were bridged");
    assert!(
        continued >= 300 && fillers >= 300 || reports.len() < 400,
        "only {continued} answers went on with another model, {fillers} silences were bridged"
    );
}
