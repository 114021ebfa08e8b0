//! `GET /metrics`: everything this server measures, for Prometheus.
//!
//! Read from where it is counted at the moment it is asked for; nothing is counted twice. Labels take their values from
//! what is configured, never from what a client says, so that the number of series has an end.

mod durations;
mod engine;
mod page;
mod process;
mod providers;
mod scheduler;
mod sessions;
mod turns;

use std::fmt;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

pub use durations::Durations;

use crate::app::App;
use crate::error::ApiError;
use page::Page;

/// OpenMetrics 1.0, which Prometheus asks for first.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers with the figures as they are now.
pub(crate) async fn show(State(app): State<App>) -> Response {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Figures(app)));
    let mut exposition = String::new();
    match text::encode(&mut exposition, &registry) {
        Ok(()) => ([(CONTENT_TYPE, FORMAT), (CACHE_CONTROL, "no-store")], exposition).into_response(),
        Err(fmt::Error) => ApiError::Unavailable.into_response(),
    }
}

/// All figures of a server.
struct Figures(App);

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Figures").finish_non_exhaustive()
    }
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page::new(encoder);
        sessions::write(&mut page, &self.0)?;
        turns::write(&mut page, self.0.metrics())?;
        engine::write(&mut page, self.0.metrics())?;
        providers::write(&mut page, &self.0)?;
        if let Some(threads) = self.0.model_threads() {
            scheduler::write(&mut page, &threads)?;
        }
        process::write(&mut page, &self.0)
    }
}
