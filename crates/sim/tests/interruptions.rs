//! A thousand interruptions: the answer falls silent at once, and nothing of it is ever sent again.

mod common;

use bedside_sim::Scenario;

#[test]
fn nothing_of_an_interrupted_answer_is_sent() {
    // Not every patient finds something to interrupt; these make more than a thousand interruptions together.
    let reports = common::play(600, Scenario::interruptions);
    let interruptions: u32 = reports.iter().map(|report| report.interruptions).sum();
    println!("{interruptions} interruptions");
    assert!(
        interruptions >= 1_000 || reports.len() < 600,
        "only {interruptions} interruptions"
    );
}
