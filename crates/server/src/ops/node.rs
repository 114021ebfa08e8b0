//! `GET /ops/api/node`: how this server is doing.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use bedside_engine::{Percentiles, TurnSummary, WINDOW};
use serde::Serialize;
use tokio::runtime::Handle;

use super::process::{cores, resident_bytes};
use super::providers::{Provider, currency, providers};
use super::threads::ModelThreads;
use super::{tenths, unix_millis};
use crate::app::App;

/// The server as a whole.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    version: &'static str,
    started_at_ms: u64,
    now_ms: u64,
    accepting: bool,
    draining: bool,
    sessions: Sessions,
    admission: Admission,
    process: Process,
    turns: Turns,
    counters: Vec<Count>,
    currency: String,
    providers: Vec<Provider>,
    scheduler: Option<ModelThreads>,
}

#[derive(Debug, Serialize)]
struct Sessions {
    live: usize,
    detached: usize,
    capacity: usize,
}

/// What decides about newcomers.
#[derive(Debug, Serialize)]
struct Admission {
    limit: Cost,
    used: Cost,
    strain: f64,
    late: bool,
    refused: BTreeMap<&'static str, u64>,
}

/// Times are milliseconds of processor time for each second; `None` is no limit.
#[derive(Debug, Serialize)]
struct Cost {
    processor_ms: Option<f64>,
    models_ms: Option<f64>,
    memory_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Process {
    cpu_percent: Option<f64>,
    rss_bytes: Option<u64>,
    cores: usize,
    /// Asynchronous tasks that have not ended.
    tasks: usize,
}

#[derive(Debug, Serialize)]
struct Turns {
    window_s: u64,
    count: u64,
    voice_to_voice_ms: Option<VoiceToVoice>,
    stages: Vec<Share>,
}

#[derive(Debug, Serialize)]
struct VoiceToVoice {
    p50: f64,
    p95: f64,
    p99: f64,
}

/// A share of the time from voice to voice.
#[derive(Debug, Serialize)]
struct Share {
    name: &'static str,
    p50: f64,
    p95: f64,
}

#[derive(Debug, Serialize)]
struct Count {
    name: &'static str,
    value: u64,
}

/// Answers with the node.
pub(super) async fn show(State(app): State<App>) -> Json<Node> {
    Json(Node::of(&app))
}

impl Node {
    pub(super) fn of(app: &App) -> Self {
        let registry = app.registry();
        let counters = app.metrics().snapshot().counters;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            started_at_ms: app.started_at_ms(),
            now_ms: unix_millis(),
            accepting: registry.is_accepting(),
            draining: registry.is_draining(),
            sessions: Sessions {
                live: registry.live(),
                detached: registry.detached(),
                capacity: registry.capacity(app.usual_demand()),
            },
            admission: Admission::of(app),
            process: Process {
                cpu_percent: app.history().cpu_percent(),
                rss_bytes: resident_bytes(),
                cores: cores(),
                tasks: Handle::current().metrics().num_alive_tasks(),
            },
            turns: turns(app.metrics().turns()),
            counters: counters
                .into_iter()
                .map(|(counter, value)| Count {
                    name: counter.name(),
                    value,
                })
                .collect(),
            currency: currency(app.profiles()),
            providers: providers(app),
            scheduler: app.model_threads(),
        }
    }
}

impl Admission {
    fn of(app: &App) -> Self {
        let load = app.registry().load();
        let refused = app.metrics().refusals();
        Self {
            limit: Cost::of(load.budget.cost),
            used: Cost::of(load.used),
            strain: (load.strain * 100.0).round() / 100.0,
            late: load.late,
            refused: refused.map(|(reason, count)| (reason.name(), count)).into(),
        }
    }
}

impl Cost {
    fn of(cost: bedside_engine::Cost) -> Self {
        let limited = |value: u64| (value < u64::MAX).then_some(value);
        let ms = |us: u64| limited(us).map(|us| tenths(us as f64 / 1_000.0));
        Self {
            processor_ms: ms(cost.processor_us),
            models_ms: ms(cost.models_us),
            memory_bytes: limited(cost.memory),
        }
    }
}

fn turns(summary: TurnSummary) -> Turns {
    let share = |name, percentiles: Option<Percentiles>| {
        percentiles.map(|of| Share {
            name,
            p50: tenths(of.p50),
            p95: tenths(of.p95),
        })
    };
    let shares = [
        share("wait", summary.wait),
        share("models", summary.models),
        share("engine", summary.engine),
    ];
    Turns {
        window_s: WINDOW.as_secs(),
        count: summary.count,
        voice_to_voice_ms: summary.voice_to_voice.map(|of| VoiceToVoice {
            p50: tenths(of.p50),
            p95: tenths(of.p95),
            p99: tenths(of.p99),
        }),
        stages: shares.into_iter().flatten().collect(),
    }
}
