//! What an operator sees and does: `/ops/api`.
//!
//! Lists and charts hold nothing a patient said and no vital sign. Whoever wants to see a conversation has to listen in
//! on it, and that is audited, as is everything that is done here.

mod admission;
mod audit;
mod chains;
mod history;
mod listen;
mod node;
pub(crate) mod process;
mod providers;
mod sessions;
mod threads;

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use bedside_engine::OrderError;

use crate::app::App;
use crate::error::ApiError;

pub(crate) use audit::Audit;
pub use chains::{ChainLink, StageChain};
pub(crate) use history::{History, sample};
pub(crate) use providers::currency;
pub use threads::{JobClass, JobFigures, ModelThreads};

/// Everything under `/ops/api`. Who may come here is the caller's to check.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/node", get(node::show))
        .route("/history", get(history::show))
        .route("/providers", get(providers::show))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}/events", get(listen::listen))
        .route("/sessions/{id}/end", post(sessions::end))
        .route("/admission", post(admission::set))
        .route("/drain", post(admission::drain))
        .route("/audit", get(audit::show))
        .layer(map_response(async |mut response: Response| {
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }))
}

/// The time, milliseconds since the Unix epoch.
pub(crate) fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as u64
}

/// Why there is no answer.
#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn refusal(error: OrderError) -> ApiError {
    match error {
        OrderError::NoSuchSession => ApiError::NotFound,
        OrderError::Refused => ApiError::Unavailable,
    }
}

/// Tenths are all that is meaningful of a millisecond or a percent.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
