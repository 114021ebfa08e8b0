//! How the threads that run models keep up.

use std::fmt;

use super::page::Page;
use crate::ops::ModelThreads;

pub(super) fn write(page: &mut Page<'_>, threads: &ModelThreads) -> fmt::Result {
    let classes = &threads.classes;
    page.gauge(
        "bedside_scheduler_threads",
        "Threads that run every class of job",
        threads.threads as f64,
    )?;
    page.gauges(
        "bedside_scheduler_waiting_jobs",
        "Jobs that wait for a thread, by class",
        classes
            .iter()
            .map(|class| ([("class", class.name)], class.jobs.waiting as f64)),
    )?;
    let outcomes = classes.iter().flat_map(|class| {
        let jobs = &class.jobs;
        let outcomes = [
            ("finished", class.done),
            ("shed", jobs.shed),
            ("evicted", jobs.evicted),
            ("refused", jobs.refused),
            ("cancelled", jobs.cancelled),
            ("panicked", jobs.panicked),
        ];
        outcomes.map(|(outcome, count)| ([("class", class.name), ("outcome", outcome)], count as f64))
    });
    page.counters(
        "bedside_scheduler_jobs",
        "Jobs by class and outcome; shed: too late to be of use, evicted: dropped for newer ones, refused: the queue was full",
        outcomes,
    )?;
    page.counters(
        "bedside_scheduler_late_jobs",
        "Jobs that finished after their deadline, by class",
        classes
            .iter()
            .map(|class| ([("class", class.name)], class.late as f64)),
    )?;
    page.histograms(
        "bedside_scheduler_wait_seconds",
        "From submission of a job to its first step",
        classes
            .iter()
            .map(|class| ([("class", class.name)], class.jobs.wait.clone())),
    )?;
    page.histograms(
        "bedside_scheduler_run_seconds",
        "Time a job ran",
        classes
            .iter()
            .map(|class| ([("class", class.name)], class.jobs.run.clone())),
    )?;
    page.histograms(
        "bedside_scheduler_lateness_seconds",
        "From deadline to end of the jobs that were late",
        classes
            .iter()
            .map(|class| ([("class", class.name)], class.jobs.lateness.clone())),
    )
}
