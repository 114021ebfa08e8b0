//! The process stands still for a second, again and again, in the middle of long answers.

mod common;

use bedside_sim::Scenario;

#[test]
fn a_frozen_process_catches_up_within_a_second() {
    let reports = common::play(300, Scenario::freezes);
    let caught_up: u32 = reports.iter().map(|report| report.caught_up).sum();
    println!("{caught_up} freezes judged");
    assert!(
        caught_up >= 300 || reports.len() < 300,
        "only {caught_up} freezes were in the middle of an answer"
    );
}
