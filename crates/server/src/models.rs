//! `GET /v1/models`: the names a session can ask for.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::App;

#[derive(Debug, Serialize)]
pub(crate) struct ModelList {
    object: &'static str,
    data: Vec<Model>,
}

#[derive(Debug, Serialize)]
struct Model {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

/// Lists the profiles, the default first.
pub(crate) async fn list(State(app): State<App>) -> Json<ModelList> {
    let model = |name: &str| Model {
        id: name.to_owned(),
        object: "model",
        created: 0,
        owned_by: "bedside",
    };
    let data = app
        .profiles()
        .iter()
        .map(|profile| model(&profile.name))
        .collect();
    Json(ModelList { object: "list", data })
}
