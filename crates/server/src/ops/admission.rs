//! Whether new sessions come in: stopped for a while, or for good.

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use bedside_protocol::{ErrorCode, InvalidField};
use serde::Deserialize;
use tokio::time::Instant;

use super::audit::{Action, Actor};
use super::node::Node;
use crate::app::App;
use crate::body::read_json;
use crate::error::ApiError;

/// How long sessions may be given to end, seconds: at most as long as any may last.
const WITHIN_S: RangeInclusive<u64> = 0..=3_600;

#[derive(Debug, Deserialize)]
struct Admission {
    accepting: bool,
}

#[derive(Debug, Deserialize)]
struct Drain {
    within_s: u64,
}

/// `POST /ops/api/admission`.
pub(super) async fn set(
    State(app): State<App>,
    actor: Actor,
    request: Request,
) -> Result<Json<Node>, ApiError> {
    let Admission { accepting } = read_json(request).await?;
    app.registry().set_open(accepting);
    let action = if accepting {
        Action::OpenAdmission
    } else {
        Action::CloseAdmission
    };
    app.audit().note(&actor, action, None);
    Ok(Json(Node::of(&app)))
}

/// `POST /ops/api/drain`. The process stays, so that it can be looked at.
pub(super) async fn drain(
    State(app): State<App>,
    actor: Actor,
    request: Request,
) -> Result<(StatusCode, Json<Node>), ApiError> {
    let Drain { within_s } = read_json(request).await?;
    if !WITHIN_S.contains(&within_s) {
        let (from, to) = (WITHIN_S.start(), WITHIN_S.end());
        return Err(ApiError::InvalidField(InvalidField {
            param: "within_s".to_owned(),
            code: ErrorCode::InvalidValue,
            message: format!("'within_s' must be from {from} to {to}."),
        }));
    }
    app.registry()
        .begin_drain(Instant::now() + Duration::from_secs(within_s));
    app.audit().note(&actor, Action::Drain, None);
    Ok((StatusCode::ACCEPTED, Json(Node::of(&app))))
}
