//! `GET /v1/realtime`: the door of a session.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bedside_engine::{Admission, Demand, Profile, Session, SessionSetup};
use serde::Deserialize;

use crate::access::{Grant, authorize, credential};
use crate::app::App;
use crate::error::ApiError;
use crate::resume;
use crate::secrets::{Advance, random_hex};
use crate::upgrade::Upgrade;

/// What the address may say. A field that comes twice makes the query malformed; others are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    model: Option<String>,
    access_token: Option<String>,
    /// The token of a session to go on with.
    resume: Option<String>,
    pub(crate) last_event_id: Option<String>,
    pub(crate) unheard: Option<Unheard>,
}

/// What becomes of the rest of an answer that a lost connection cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unheard {
    /// It is said again.
    Repeat,
}

/// Answers a handshake: a refusal as HTTP, a session, or the session its client lost.
pub(crate) async fn connect(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    query: Result<Query<Wanted>, QueryRejection>,
    upgrade: Result<Upgrade, ApiError>,
) -> Result<Response, ApiError> {
    app.doorman()
        .knock(peer.ip())
        .map_err(|retry_after| ApiError::TooManyRequests { retry_after })?;
    let Query(wanted) = query.map_err(|_| ApiError::BadQuery)?;
    if let Some(token) = &wanted.resume {
        return resume::resume(&app, token, &wanted, upgrade?).await;
    }
    let token = wanted.access_token.as_deref();
    let advance = match authorize(app.access(), app.secrets(), credential(&headers, token).as_ref())? {
        Grant::Full => Advance::default(),
        Grant::Session(advance) => *advance,
    };
    let model = wanted.model.as_ref().or(advance.model.as_ref());
    let profile = app
        .profiles()
        .get(model.map(String::as_str))
        .ok_or(ApiError::UnknownModel)?;
    let place = app.registry().admit(Demand::of(profile));
    if let (Err(refusal), Ok(_)) = (&place, &upgrade) {
        app.metrics().refused(*refusal);
    }
    let setup = setup(
        &app,
        Arc::clone(profile),
        advance,
        place.map_err(ApiError::Refused)?,
    )?;
    // Last, so that a browser, which is told nothing of a refused handshake, can ask for the reason without one.
    Ok(upgrade?.accept(async move |messages| {
        // The configuration was checked when the key was made, so it is valid here.
        if let Ok(session) = Session::new(messages, setup) {
            session.run().await;
        }
    }))
}

fn setup(
    app: &App,
    profile: Arc<Profile>,
    advance: Advance,
    admission: Admission,
) -> Result<SessionSetup, ApiError> {
    let limits = app.limits().clone();
    let token = random_hex::<24>().map_err(|_| ApiError::Unavailable)?;
    Ok(SessionSetup {
        id: random_hex::<9>().map_err(|_| ApiError::Unavailable)?,
        profile,
        patch: advance.patch,
        admission,
        expires_at: Some(seconds_from_now(limits.session)),
        limits,
        metrics: Arc::clone(app.metrics()),
        door: Some(app.resumptions().open(token)),
    })
}

/// The Unix time `after` from now, in seconds.
pub(crate) fn seconds_from_now(after: Duration) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now + after).as_secs()
}
