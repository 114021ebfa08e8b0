//! `GET /v1/realtime?resume=…`: the way back into a session whose connection was lost.

use axum::response::Response;
use bedside_engine::{ResumeRequest, SESSION_ENDED, farewell};

use crate::app::App;
use crate::error::ApiError;
use crate::realtime::{Unheard, Wanted};
use crate::upgrade::Upgrade;

/// Leads a client back to its session. The token alone opens it: an ephemeral key is used up by then.
pub(crate) async fn resume(
    app: &App,
    token: &str,
    wanted: &Wanted,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    let last_event_id = wanted.last_event_id.clone();
    let request = ResumeRequest {
        last_event_id: last_event_id.ok_or(ApiError::MissingParameter("last_event_id"))?,
        repeat_unheard: wanted.unheard == Some(Unheard::Repeat),
    };
    let claimed = app.resumptions().claim(token, request).await;
    let seat = claimed.map_err(ApiError::NotResumed)?;
    let limit = app.limits().farewell;
    Ok(upgrade.accept(async move |messages| {
        if let Err(connection) = seat.take(Box::new(messages)) {
            // The session ended while the connection was being made.
            farewell(connection, Some(SESSION_ENDED), limit).await;
        }
    }))
}
