//! What tests tell the AWS stand-ins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::put;
use axum::{Json, Router};
use serde::Deserialize;

use super::agent_runtime::Passage;
use super::signature::Credentials;
use crate::hub::Hub;

/// Routes under `/control`.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/control/credentials", put(set_credentials))
        .route("/control/secrets", put(set_secret))
        .route("/control/knowledge", put(set_passages))
}

async fn set_credentials(State(hub): State<Hub>, Json(credentials): Json<Credentials>) -> StatusCode {
    *hub.aws().credentials.lock() = credentials;
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretBody {
    name: String,
    value: String,
}

/// Sets a secret, or rotates it: the value before stays readable as `AWSPREVIOUS`.
async fn set_secret(State(hub): State<Hub>, Json(body): Json<SecretBody>) -> StatusCode {
    hub.aws()
        .secrets
        .lock()
        .entry(body.name)
        .or_default()
        .rotate(body.value);
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassagesBody {
    passages: Vec<Passage>,
}

async fn set_passages(State(hub): State<Hub>, Json(body): Json<PassagesBody>) -> StatusCode {
    *hub.aws().passages.lock() = Some(body.passages);
    StatusCode::NO_CONTENT
}
