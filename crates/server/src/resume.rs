//! `GET /v1/realtime?resume=…`: the way back into a session whose connection was lost.

use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use bedside_engine::{LastWords, ResumeRequest, farewell};
use bedside_protocol::CloseCode;

use crate::app::App;
use crate::error::ApiError;
use crate::realtime::{Unheard, Wanted};
use crate::socket::messages;

/// What a client is told that came too late.
const ENDED: LastWords = (CloseCode::Policy, "the session has ended");

/// It is told so within this.
const FAREWELL: Duration = Duration::from_secs(1);

/// Leads a client back to its session. The token alone opens it: an ephemeral key is used up by then.
pub(crate) async fn resume(
    app: &App,
    token: &str,
    wanted: &Wanted,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    let last_event_id = wanted.last_event_id.clone();
    let request = ResumeRequest {
        last_event_id: last_event_id.ok_or(ApiError::MissingParameter("last_event_id"))?,
        repeat_unheard: wanted.unheard == Some(Unheard::Repeat),
    };
    let claimed = app.resumptions().claim(token, request).await;
    let seat = claimed.map_err(ApiError::NotResumed)?;
    Ok(upgrade.on_upgrade(async move |socket| {
        if let Err(connection) = seat.take(Box::new(messages(socket))) {
            // The session ended while the connection was being made.
            farewell(connection, Some(ENDED), FAREWELL).await;
        }
    }))
}
