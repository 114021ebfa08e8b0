//! The control API: what tests tell the emulators, and what they tell back.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

use crate::ears::Ears;
use crate::faults::{Fault, Order};
use crate::hub::{Hub, Latency};
use crate::script::Script;
use crate::vendor::Vendor;
use crate::voice::Voice;

/// The routes under `/control`.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/control/faults", put(place_fault).delete(withdraw_faults))
        .route("/control/latency", put(set_latency))
        .route("/control/script", put(set_script))
        .route("/control/voice", put(set_voice))
        .route("/control/ears", put(set_ears))
        .route("/control/log", get(read_log).delete(clear_log))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultBody {
    vendor: Vendor,
    fault: Fault,
    after: Option<u32>,
    times: Option<u32>,
}

async fn place_fault(State(hub): State<Hub>, Json(body): Json<FaultBody>) -> StatusCode {
    let order = Order {
        fault: body.fault,
        after: body.after.unwrap_or(1),
        times: body.times,
    };
    hub.faults().lock().place(body.vendor, order);
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    vendor: Option<Vendor>,
}

async fn withdraw_faults(State(hub): State<Hub>, Query(which): Query<Which>) -> StatusCode {
    hub.faults().lock().withdraw(which.vendor);
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyBody {
    vendor: Vendor,
    #[serde(default)]
    first_ms: u64,
    #[serde(default)]
    next_ms: u64,
}

async fn set_latency(State(hub): State<Hub>, Json(body): Json<LatencyBody>) -> StatusCode {
    let LatencyBody {
        vendor,
        first_ms,
        next_ms,
    } = body;
    hub.set_latency(vendor, Latency { first_ms, next_ms });
    StatusCode::NO_CONTENT
}

async fn set_script(State(hub): State<Hub>, Json(script): Json<Script>) -> StatusCode {
    hub.set_script(script);
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum VoiceBody {
    Local,
    Tones,
}

async fn set_voice(State(hub): State<Hub>, Json(body): Json<VoiceBody>) -> Result<StatusCode, NotLoaded> {
    let voice = match body {
        VoiceBody::Local => {
            let synthesiser = hub.options().synthesiser.clone().ok_or(NOT_LOADED)?;
            Voice::local(synthesiser)
        }
        VoiceBody::Tones => Voice::Tones,
    };
    hub.set_voice(voice);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum EarsBody {
    Local,
    Script { texts: Vec<String> },
}

async fn set_ears(State(hub): State<Hub>, Json(body): Json<EarsBody>) -> Result<StatusCode, NotLoaded> {
    let ears = match body {
        EarsBody::Local => Ears::Local(hub.options().recogniser.clone().ok_or(NOT_LOADED)?),
        EarsBody::Script { texts } => Ears::script(texts),
    };
    hub.set_ears(ears);
    Ok(StatusCode::NO_CONTENT)
}

type NotLoaded = (StatusCode, &'static str);

const NOT_LOADED: NotLoaded = (
    StatusCode::CONFLICT,
    "the emulators were started without this model",
);

async fn read_log(State(hub): State<Hub>) -> Json<Value> {
    Json(hub.log().to_json())
}

async fn clear_log(State(hub): State<Hub>) -> StatusCode {
    hub.log().clear();
    StatusCode::NO_CONTENT
}
