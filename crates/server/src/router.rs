//! Which address answers what, and what every answer passes.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use crate::access::{Grant, authorize, credential};
use crate::app::App;
use crate::error::ApiError;
use crate::{client_secrets, metrics, models, ops, origin, page, realtime};

/// The largest request body.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// All routes of `app`.
pub(crate) fn router(app: App) -> Router {
    let operators = Router::new()
        .nest("/ops/api", ops::routes())
        .route("/metrics", get(metrics::show))
        .layer(middleware::from_fn_with_state(app.clone(), require_own));
    let keyed = Router::new()
        .route("/v1/models", get(models::list))
        .route("/v1/realtime/schema", get(schema))
        .merge(operators)
        .route_layer(middleware::from_fn_with_state(app.clone(), require_key));
    Router::new()
        .route("/v1/realtime", get(realtime::connect))
        .route("/v1/realtime/client_secrets", post(client_secrets::create))
        .merge(keyed)
        .layer(middleware::from_fn_with_state(app.clone(), require_local))
        .merge(page::router())
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(async || ApiError::NotFound)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(app)
}

/// 503 before the server wants sessions and while it drains, so that a load balancer sends sessions elsewhere.
async fn ready(State(app): State<App>) -> Response {
    if app.is_ready() {
        "ready\n".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

/// The JSON Schemas of what clients and the server say.
async fn schema() -> Json<serde_json::Value> {
    let client = bedside_protocol::client_schema();
    let server = bedside_protocol::server_schema();
    Json(serde_json::json!({ "client": client, "server": server }))
}

async fn require_key(State(app): State<App>, request: Request, next: Next) -> Response {
    match authorize(
        app.access(),
        app.secrets(),
        credential(request.headers(), None).as_ref(),
    ) {
        Ok(Grant::Full) => next.run(request).await,
        Ok(Grant::Session(_)) => ApiError::EphemeralKey.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Sites that may hold consultations on a keyless server may not steer it.
async fn require_own(State(app): State<App>, request: Request, next: Next) -> Response {
    admit_local(&app, &[], request, next).await
}

async fn require_local(State(app): State<App>, request: Request, next: Next) -> Response {
    admit_local(&app, app.access().allowed_origins(), request, next).await
}

/// A keyless server hears only this machine, and pages of it or of the `allowed` origins.
async fn admit_local(app: &App, allowed: &[String], request: Request, next: Next) -> Response {
    if app.access().is_keyless() && !origin::is_local(request.headers(), allowed) {
        return ApiError::ForeignOrigin.into_response();
    }
    next.run(request).await
}
