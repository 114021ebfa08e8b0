//! The live sessions: a list without a word said in them, and an end to one.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bedside_engine::SessionView;
use serde::Serialize;

use super::audit::{Action, Actor};
use super::refusal;
use crate::app::App;
use crate::error::ApiError;

/// All of them, the oldest first.
#[derive(Debug, Serialize)]
pub(super) struct List {
    sessions: Vec<Session>,
}

#[derive(Debug, Serialize)]
struct Session {
    id: String,
    model: String,
    protocol: String,
    started_at_ms: u64,
    connection: &'static str,
    activity: &'static str,
    stages: Stages,
    turns: u64,
    last_turn: Option<Times>,
    scan: &'static str,
    sent_bytes: u64,
    received_bytes: u64,
    waiting_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Stages {
    detection: &'static str,
    transcription: &'static str,
    model: &'static str,
    synthesis: &'static str,
    vitals: &'static str,
}

/// Milliseconds.
#[derive(Debug, Serialize)]
struct Times {
    voice_to_voice: f64,
    wait: f64,
    models: f64,
    engine: f64,
}

/// `GET /ops/api/sessions`.
pub(super) async fn list(State(app): State<App>) -> Json<List> {
    let mut sessions: Vec<_> = app.registry().sessions().iter().map(|view| shown(view)).collect();
    sessions.sort_by_key(|session| session.started_at_ms);
    Json(List { sessions })
}

/// `POST /ops/api/sessions/{id}/end`.
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    app.registry().end(&id).map_err(refusal)?;
    app.audit().note(&actor, Action::End, Some(&id));
    Ok(StatusCode::NO_CONTENT)
}

fn shown(view: &SessionView) -> Session {
    let state = view.state();
    Session {
        id: view.id().to_owned(),
        model: view.model().to_owned(),
        protocol: view.protocol().to_owned(),
        started_at_ms: view.started_at_ms(),
        connection: state.connection.name(),
        activity: state.activity.name(),
        stages: Stages {
            detection: state.stages.detection.name(),
            transcription: state.stages.transcription.name(),
            model: state.stages.model.name(),
            synthesis: state.stages.synthesis.name(),
            vitals: state.stages.vitals.name(),
        },
        turns: state.turns,
        last_turn: state.last_turn.map(|times| Times {
            voice_to_voice: times.voice_to_voice,
            wait: times.wait,
            models: times.models,
            engine: times.engine,
        }),
        scan: state.scan.name(),
        sent_bytes: state.sent_bytes,
        received_bytes: state.received_bytes,
        waiting_bytes: state.waiting_bytes,
    }
}
