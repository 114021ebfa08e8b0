//! `GET /ops/api/sessions/{id}/events`: listening in on a session, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use bedside_engine::Observed;
use futures::{Stream, StreamExt};

use super::audit::{Action, Actor};
use super::refusal;
use crate::app::App;
use crate::error::ApiError;

/// A quiet stream says so this often, so that proxies keep it and a gone listener is noticed.
const QUIET: Duration = Duration::from_secs(15);

/// Answers with a stream that ends with the session.
pub(super) async fn listen(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let observer = app.registry().watch(&id).await.map_err(refusal)?;
    app.audit().note(&actor, Action::Watch, Some(&id));
    let events = observer.map(|observed| Ok(event(observed)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(QUIET)))
}

fn event(observed: Observed) -> Event {
    match observed {
        Observed::Snapshot(items) => Event::default().event("snapshot").data(items),
        Observed::Event(event) => Event::default().data(event),
        Observed::Dropped(count) => Event::default()
            .event("dropped")
            .data(format!(r#"{{"count":{count}}}"#)),
        Observed::Ended(code) => Event::default()
            .event("ended")
            .data(format!(r#"{{"code":{code}}}"#)),
    }
}
