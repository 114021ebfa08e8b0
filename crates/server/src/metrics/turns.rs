//! What patients were answered, and how long they waited for it.

use std::fmt;

use bedside_engine::{Counter, Latency, Metrics};

use super::page::Page;

pub(super) fn write(page: &mut Page<'_>, metrics: &Metrics) -> fmt::Result {
    let count = |counter| metrics.get(counter) as f64;
    page.counter(
        "bedside_turns",
        "Answers to something a patient said",
        count(Counter::Turns),
    )?;
    page.counters(
        "bedside_responses",
        "Responses that ended, greetings and written ones included, by how",
        [
            ([("status", "completed")], count(Counter::ResponsesCompleted)),
            ([("status", "cancelled")], count(Counter::ResponsesCancelled)),
            ([("status", "incomplete")], count(Counter::ResponsesIncomplete)),
            ([("status", "failed")], count(Counter::ResponsesFailed)),
        ],
    )?;
    let of = |latency: Latency| ([("stage", latency.name())], metrics.latency(latency).into());
    let (shares, moments): (Vec<_>, Vec<_>) =
        Latency::ALL.into_iter().partition(|latency| latency.is_share());
    page.histograms(
        "bedside_turn_latency_seconds",
        "From the patient's last voiced sample until a stage of the answer had done its work",
        moments.into_iter().map(of),
    )?;
    page.histograms(
        "bedside_turn_share_seconds",
        "What the time from voice to voice was spent on: the deliberate wait, models, the engine itself",
        shares.into_iter().map(of),
    )
}
