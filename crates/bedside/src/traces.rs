//! Traces of turns for an OpenTelemetry collector: one trace a turn, a span a stage.
//!
//! They are made from the measured times after a turn is over, so that nothing of a session waits for them.

mod export;
mod spans;

use std::sync::Arc;
use std::time::Duration;

use bedside_server::App;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::failure::Failure;
use export::Exporter;

/// A stopping server takes this long to get rid of the last traces.
const LAST: Duration = Duration::from_secs(2);

/// Traces on their way to a collector.
pub(crate) struct Traces {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Sends the turns of `app` to the collector of `config`, if one is configured.
pub(crate) fn start(config: &Config, app: &App) -> Result<Option<Traces>, Failure> {
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(None);
    };
    let exporter = Exporter::new(endpoint, Arc::clone(app.metrics())).map_err(Failure::internal)?;
    let stop = CancellationToken::new();
    let turns = app.metrics().finished_turns();
    Ok(turns.map(|turns| Traces {
        stop: stop.clone(),
        task: tokio::spawn(exporter.run(turns, stop)),
    }))
}

impl Traces {
    /// Sends what waits, for a moment at most.
    pub(crate) async fn finish(self) {
        self.stop.cancel();
        if tokio::time::timeout(LAST, self.task).await.is_err() {
            tracing::warn!("the collector of traces did not take the last ones in time");
        }
    }
}
