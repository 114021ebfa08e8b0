//! Every vendor fails in every way at every moment of a consultation, and the patient is heard and answered all the same.
//!
//! A cell of the table is one session: three turns of a patient, a vendor that begins to fail at a moment of the first
//! and is well again before the third. `make faults` runs all cells and keeps the table (`FAULTS_TABLE=file`); without it,
//! every vendor meets every fault at one of the moments, which takes a third of the time.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod cell;
mod scan;
mod site;
mod subject;
mod table;
mod talk;
mod words;

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::Semaphore;

use cell::{Cell, MOMENTS};
use site::Site;
use subject::{SUBJECTS, Subject};
use table::Table;

/// What vendors do, in the words of the emulators.
const FAULTS: [&str; 11] = [
    "refuse",
    "too_many",
    "server_error",
    "stall_first",
    "stall_mid",
    "cut",
    "garbage",
    "slow_drip",
    "clean_end",
    "wrong_order",
    "duplicate",
];

/// Sites at work at a time, unless `FAULTS_SITES` says otherwise: each keeps a tenth of a core busy.
const SITES_AT_A_TIME: usize = 10;

/// Parts into which the faults of a subject are cut, each with a site of its own.
const PARTS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_vendor_does_the_patient_is_heard_and_answered() {
    let wanted = std::env::var("FAULTS_ONLY").unwrap_or_default();
    let at_a_time = std::env::var("FAULTS_SITES")
        .ok()
        .and_then(|sites| sites.parse().ok());
    let turnstile = Arc::new(Semaphore::new(at_a_time.unwrap_or(SITES_AT_A_TIME)));
    let mut sites = Vec::new();
    for subject in &SUBJECTS {
        for part in 0..PARTS {
            let faults: Vec<_> = FAULTS.into_iter().skip(part).step_by(PARTS).collect();
            sites.push(tokio::spawn(site(
                *subject,
                faults,
                wanted.clone(),
                turnstile.clone(),
            )));
        }
    }
    let mut table = Table::default();
    for cells in join_all(sites).await {
        table.extend(cells.expect("a site does not panic"));
    }
    println!("{table}");
    if let Some(path) = std::env::var_os("FAULTS_TABLE") {
        std::fs::write(path, table.to_string()).expect("the table can be written");
    }
    let violations = table.violations();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    if wanted.is_empty() {
        let moments = if everything() { MOMENTS.len() } else { 1 };
        assert_eq!(table.len(), SUBJECTS.len() * FAULTS.len() * moments);
    }
}

/// Whether every moment is wanted, and not one for each fault.
fn everything() -> bool {
    std::env::var_os("FAULTS_TABLE").is_some()
}

/// All cells of some faults of a subject, one after the other.
#[allow(clippy::print_stderr, reason = "the table takes minutes: says how far it is")]
async fn site(
    subject: Subject,
    faults: Vec<&'static str>,
    wanted: String,
    turnstile: Arc<Semaphore>,
) -> Vec<(Cell, cell::Outcome)> {
    let cells = faults.into_iter().flat_map(|fault| {
        MOMENTS.map(|moment| Cell {
            subject,
            fault,
            moment,
        })
    });
    let is_due = |cell: &Cell| everything() || !wanted.is_empty() || cell.is_sample();
    let cells: Vec<_> = cells
        .filter(|cell| is_due(cell) && cell.to_string().contains(&wanted))
        .collect();
    if cells.is_empty() {
        return Vec::new();
    }
    let _turn = turnstile.acquire().await.expect("the turnstile stays open");
    let site = Arc::new(Site::open(subject).await);
    let mut outcomes = Vec::new();
    for cell in cells {
        let outcome = cell.run(&site).await;
        eprintln!("{cell}: {outcome}");
        outcomes.push((cell, outcome));
    }
    outcomes
}
