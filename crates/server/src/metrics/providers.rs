//! How providers do, who took over, and what they cost.

use std::fmt;

use bedside_engine::{Stage, Use};

use super::page::Page;
use crate::app::App;
use crate::ops::{ChainLink, currency};

/// How a circuit breaker may stand.
const BREAKER: [&str; 3] = ["closed", "open", "half_open"];

pub(super) fn write(page: &mut Page<'_>, app: &App) -> fmt::Result {
    let (metrics, chains) = (app.metrics(), app.chains());
    let links: Vec<(&str, &ChainLink)> = chains
        .iter()
        .flat_map(|chain| chain.links.iter().map(|link| (chain.stage.name(), link)))
        .collect();
    let of = |(stage, link): (&'static str, &ChainLink)| [("stage", stage), ("provider", link.name)];
    page.counters(
        "bedside_provider_uses",
        "Uses of a provider: utterances, answers, responses, scans, requests",
        links.iter().map(|&link| (of(link), link.1.uses as f64)),
    )?;
    let faults = links.iter().flat_map(|&(stage, link)| {
        let fault = move |&(kind, times): &(&'static str, u64)| {
            (
                [("stage", stage), ("provider", link.name), ("kind", kind)],
                times as f64,
            )
        };
        link.faults.iter().map(fault)
    });
    page.counters("bedside_provider_faults", "Faults of a provider, by kind", faults)?;
    let breakers = links.iter().flat_map(|&(stage, link)| {
        BREAKER.map(|state| {
            let labels = [("stage", stage), ("provider", link.name), ("state", state)];
            (labels, f64::from(u8::from(link.breaker == state)))
        })
    });
    page.gauges(
        "bedside_provider_breaker",
        "1 for how the circuit breaker of a provider stands, else 0",
        breakers,
    )?;
    let latencies = links.iter().flat_map(|&(stage, link)| {
        let known = [("0.5", link.p50_ms), ("0.95", link.p95_ms)];
        known.into_iter().filter_map(move |(quantile, ms)| {
            let labels = [("stage", stage), ("provider", link.name), ("quantile", quantile)];
            Some((labels, ms? as f64 / 1_000.0))
        })
    });
    page.gauges(
        "bedside_provider_first_event_seconds",
        "How long a provider took until its first event, of its last 128 uses",
        latencies,
    )?;
    page.counters(
        "bedside_provider_failovers",
        "How often another provider took over, or came back, in a session",
        Stage::ALL.map(|stage| ([("stage", stage.name())], metrics.failovers(stage) as f64)),
    )?;
    let uses = metrics.uses();
    page.counters(
        "bedside_provider_billed",
        "Billable work of a provider, by unit",
        uses.iter().map(billed),
    )?;
    let currency = currency(app.profiles());
    let costs = uses.iter().filter_map(|used| {
        let micros = used.total.micros?;
        let [stage, provider, unit] = billed(used).0;
        Some((
            [stage, provider, unit, ("currency", currency.as_str())],
            micros as f64 / 1e6,
        ))
    });
    page.counters(
        "bedside_provider_cost",
        "What providers cost, as far as prices are set",
        costs,
    )
}

fn billed(used: &Use) -> ([(&'static str, &'static str); 3], f64) {
    let labels = [
        ("stage", used.stage.name()),
        ("provider", used.provider),
        ("unit", used.unit.name()),
    ];
    (labels, used.total.quantity)
}
