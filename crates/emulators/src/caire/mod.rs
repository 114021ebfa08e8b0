//! CAIRE's vital signs from a camera: `/ws/`.
//!
//! There is no specification in public; what public clients show is kept to strictly. The heart rate is read from the
//! frames' green, as plainly as can be.

mod message;
mod pulse;
mod session;

use axum::Extension;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use self::session::{Session, VENDOR};
use crate::answer::Refused;
use crate::hub::Hub;
use crate::line::Line;
use crate::outlet::Outlet;
use crate::socket;

/// A message may be this long, in bytes.
const MESSAGE: usize = 4 << 20;

/// The route.
pub(crate) fn router() -> Router<Hub> {
    Router::new().route("/ws/", get(connect))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    #[serde(default)]
    api_key: String,
    #[serde(default)]
    client: String,
    #[serde(rename = "objectId")]
    _object: Option<String>,
    #[serde(rename = "callback_url")]
    _callback: Option<String>,
}

async fn connect(
    State(hub): State<Hub>,
    Extension(line): Extension<Line>,
    Query(query): Query<Credentials>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let (queue, events) = socket::queue();
    let outlet = match Outlet::start(&hub, VENDOR, &line, queue.clone()) {
        Ok(outlet) => outlet,
        Err(refusal) => return Refused::by(refusal, &line, IntoResponse::into_response).into_response(),
    };
    if query.api_key.is_empty() || query.api_key.starts_with("revoked") {
        return StatusCode::FORBIDDEN.into_response();
    }
    if query.client.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE),
        Err(rejection) => return rejection.into_response(),
    };
    upgrade.on_upgrade(move |socket| async move {
        let messages = socket::open(&hub, VENDOR, &line, socket, events);
        Session::new(hub, line, outlet, queue).run(messages).await;
    })
}
