//! Who does the work of each stage, whether they do, and what it costs.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State as Shared;
use bedside_engine::{Metrics, Profile, Profiles, Stage, Use};
use serde::Serialize;

use super::chains::{ChainLink, StageChain};
use crate::app::App;

/// Every stage and who serves it.
#[derive(Debug, Serialize)]
pub(super) struct Providers {
    currency: String,
    providers: Vec<Provider>,
}

/// A stage and its providers.
#[derive(Debug, Serialize)]
pub(super) struct Provider {
    stage: &'static str,
    name: String,
    state: State,
    faults_total: u64,
    faults_recent: u64,
    last_fault: Option<Fault>,
    chain: Vec<Link>,
}

/// How a stage does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Well, as far as is known.
    Ok,
    /// It failed three times in the last minute, or the last time it was used.
    Failing,
    /// No model of this server uses it.
    Off,
}

#[derive(Debug, Serialize)]
struct Fault {
    kind: &'static str,
    at_ms: u64,
}

/// One provider of a stage, the preferred one first.
#[derive(Debug, Serialize)]
struct Link {
    name: &'static str,
    /// Absent where nothing takes over.
    breaker: Option<&'static str>,
    p50_ms: Option<u64>,
    p95_ms: Option<u64>,
    uses: Option<u64>,
    faults: BTreeMap<&'static str, u64>,
    used: Vec<Used>,
    /// Of everything that has a price; absent if nothing has.
    cost: Option<f64>,
    cost_today: Option<f64>,
}

/// Billable work of one unit.
#[derive(Debug, Serialize)]
struct Used {
    unit: &'static str,
    total: f64,
    today: f64,
}

/// `GET /ops/api/providers`.
pub(super) async fn show(Shared(app): Shared<App>) -> Json<Providers> {
    Json(Providers {
        currency: currency(app.profiles()),
        providers: providers(&app),
    })
}

/// In what costs are.
pub(crate) fn currency(profiles: &Profiles) -> String {
    profiles
        .get(None)
        .map(|profile| profile.currency.clone())
        .unwrap_or_default()
}

/// Every stage, in the order a turn passes them.
pub(super) fn providers(app: &App) -> Vec<Provider> {
    let chains = app.chains();
    let uses = app.metrics().uses();
    let provider = |stage| provider(stage, app.profiles(), app.metrics(), &chains, &uses);
    Stage::ALL.into_iter().map(provider).collect()
}

fn provider(
    stage: Stage,
    profiles: &Profiles,
    metrics: &Metrics,
    chains: &[StageChain],
    uses: &[Use],
) -> Provider {
    let uses: Vec<_> = uses.iter().filter(|used| used.stage == stage).collect();
    let chain = chains.iter().find(|chain| chain.stage == stage);
    let links: Vec<_> = match chain {
        Some(chain) => chain.links.iter().map(|link| link_of(link, &uses)).collect(),
        None => alone(stage, profiles).map(|name| lone(name, &uses)).collect(),
    };
    let names: Vec<_> = match stage {
        Stage::Tools => functions(profiles),
        _ => links.iter().map(|link| link.name.to_owned()).collect(),
    };
    let health = metrics.health(stage);
    Provider {
        stage: stage.name(),
        state: match (names.is_empty(), health.failing) {
            (true, _) => State::Off,
            (false, true) => State::Failing,
            (false, false) => State::Ok,
        },
        name: names.join(", "),
        faults_total: health.total,
        faults_recent: health.recent,
        last_fault: health.last.map(|last| Fault {
            kind: last.kind,
            at_ms: last.at_ms,
        }),
        chain: links,
    }
}

fn link_of(link: &ChainLink, uses: &[&Use]) -> Link {
    Link {
        breaker: Some(link.breaker),
        p50_ms: link.p50_ms,
        p95_ms: link.p95_ms,
        uses: Some(link.uses),
        faults: link
            .faults
            .iter()
            .copied()
            .filter(|(_, count)| *count > 0)
            .collect(),
        ..lone(link.name, uses)
    }
}

/// A provider of which no more is known than what it was used for.
fn lone(name: &'static str, uses: &[&Use]) -> Link {
    let uses: Vec<_> = uses.iter().filter(|used| used.provider == name).collect();
    let cost = |micros: fn(&Use) -> Option<u64>| {
        let sum = uses
            .iter()
            .filter_map(|used| micros(used))
            .reduce(u64::saturating_add);
        sum.map(|micros| micros as f64 / 1e6)
    };
    Link {
        name,
        breaker: None,
        p50_ms: None,
        p95_ms: None,
        uses: None,
        faults: BTreeMap::new(),
        cost: cost(|used| used.total.micros),
        cost_today: cost(|used| used.today.micros),
        used: uses
            .iter()
            .map(|used| Used {
                unit: used.unit.name(),
                total: used.total.quantity,
                today: used.today.quantity,
            })
            .collect(),
    }
}

/// Who serves a stage that has no chain.
fn alone(stage: Stage, profiles: &Profiles) -> impl Iterator<Item = &'static str> {
    let names: BTreeSet<_> = profiles
        .iter()
        .filter_map(|profile| name(profile, stage))
        .collect();
    names.into_iter()
}

fn name(profile: &Profile, stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Detection => Some(profile.detector.name()),
        Stage::TurnJudge => Some(profile.judge.name()),
        Stage::Transcription => Some(profile.transcriber.name()),
        Stage::Model => Some(profile.chat.name()),
        Stage::Synthesis => Some(profile.synthesizer.name()),
        Stage::Vitals => profile.vitals.as_ref().map(|vitals| vitals.name()),
        Stage::Knowledge | Stage::Device | Stage::Tools => None,
    }
}

/// The functions that are no door to another stage.
fn functions(profiles: &Profiles) -> Vec<String> {
    let tools = profiles.iter().flat_map(|profile| &profile.tools);
    let names: BTreeSet<_> = tools
        .filter(|tool| tool.stage().is_none())
        .map(|tool| tool.description().name)
        .collect();
    Vec::from_iter(names)
}
