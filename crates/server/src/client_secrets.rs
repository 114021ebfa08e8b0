//! `POST /v1/realtime/client_secrets`: an ephemeral key for a browser, in the OpenAI shape.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use bedside_protocol::{ErrorCode, InvalidField, SessionConfig, parse_session_patch};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::access::{Grant, authorize, credential};
use crate::app::App;
use crate::body::read_body;
use crate::error::ApiError;
use crate::realtime::seconds_from_now;
use crate::secrets::Advance;

/// How long a key is valid if the caller does not say.
const DEFAULT_TTL: u64 = 60;

/// What a caller may ask for, in seconds, as in the standard API.
const TTL: std::ops::RangeInclusive<u64> = 10..=7_200;

#[derive(Debug, Default, Deserialize)]
struct Request {
    #[serde(default)]
    expires_after: Option<ExpiresAfter>,
    #[serde(default)]
    session: Option<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct ExpiresAfter {
    seconds: Option<u64>,
}

/// The key, and the session it opens.
#[derive(Debug, Serialize)]
pub(crate) struct ClientSecret {
    value: String,
    expires_at: u64,
    session: Map<String, Value>,
}

/// Makes a key.
pub(crate) async fn create(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: axum::extract::Request,
) -> Result<Json<ClientSecret>, ApiError> {
    app.doorman()
        .knock(peer.ip())
        .map_err(|retry_after| ApiError::TooManyRequests { retry_after })?;
    let grant = authorize(
        app.access(),
        app.secrets(),
        credential(request.headers(), None).as_ref(),
    )?;
    if grant != Grant::Full {
        return Err(ApiError::EphemeralKey);
    }
    // Only now: strangers could hold many a connection with bodies that never end.
    let body = read_body(request).await?;
    let request = if body.is_empty() {
        Request::default()
    } else {
        serde_json::from_slice(&body).map_err(|_| ApiError::BadBody)?
    };
    let ttl = request
        .expires_after
        .and_then(|after| after.seconds)
        .unwrap_or(DEFAULT_TTL);
    if !TTL.contains(&ttl) {
        let message = format!(
            "'expires_after.seconds' must be from {} to {}.",
            TTL.start(),
            TTL.end()
        );
        let param = "expires_after.seconds".to_owned();
        return Err(ApiError::InvalidField(InvalidField {
            param,
            code: ErrorCode::InvalidValue,
            message,
        }));
    }
    let ttl = Duration::from_secs(ttl);
    let session = request.session.unwrap_or_default();
    let advance = advance(&app, &session)?;
    let expires_at = seconds_from_now(ttl);
    let value = app.secrets().issue(ttl, advance).map_err(|error| {
        tracing::warn!(%error, "no ephemeral key was made");
        ApiError::Unavailable
    })?;
    Ok(Json(ClientSecret {
        session: shown(session, &value, expires_at),
        value,
        expires_at,
    }))
}

/// Checks the session's configuration as the session itself would.
fn advance(app: &App, session: &Map<String, Value>) -> Result<Advance, ApiError> {
    let model = session.get("model").and_then(Value::as_str).map(str::to_owned);
    let profile = app
        .profiles()
        .get(model.as_deref())
        .ok_or(ApiError::UnknownModel)?;
    if session.is_empty() {
        return Ok(Advance::default());
    }
    let patch = parse_session_patch(&Value::Object(session.clone())).map_err(ApiError::InvalidField)?;
    let mut config = SessionConfig::new(profile.name.clone(), String::new());
    config.apply(&patch).map_err(ApiError::InvalidField)?;
    Ok(Advance {
        model,
        patch: Some(patch),
    })
}

/// The session as the answer shows it: what was asked, and what clients require to be there.
fn shown(mut session: Map<String, Value>, key: &str, expires_at: u64) -> Map<String, Value> {
    session.entry("type").or_insert_with(|| "realtime".into());
    session.insert("object".to_owned(), "realtime.session".into());
    let secret = serde_json::json!({ "value": key, "expires_at": expires_at });
    session.insert("client_secret".to_owned(), secret);
    session
}
