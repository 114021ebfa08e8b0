//! Whether the server is late: what is measured, second by second, for admission to act upon.

use std::time::Duration;

use bedside_engine::{HistogramSnapshot, Lateness, Recent, Signal, strain};
use tokio::time::{Instant, MissedTickBehavior};

use crate::app::App;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);

/// Looks at the server for as long as it is polled.
pub(crate) async fn watch(app: &App) {
    let mut past = Recent::default();
    let mut ticks = tokio::time::interval_at(Instant::now() + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_late = false;
    loop {
        ticks.tick().await;
        let lateness = app.model_lateness().into_iter();
        let sessions = alarms(&mut past, &app.metrics().alarm_lateness());
        app.registry().observe(strain(lateness.chain([sessions])));
        let load = app.registry().load();
        if load.late != was_late {
            was_late = load.late;
            let (sessions, strain) = (load.sessions, load.strain);
            if was_late {
                tracing::warn!(sessions, strain, "the server is late and refuses new sessions");
            } else {
                tracing::info!(
                    sessions,
                    strain,
                    "the server is in time again and takes new sessions"
                );
            }
        }
    }
}

/// How late the alarms of the sessions' loops were of late.
fn alarms(recent: &mut Recent<HistogramSnapshot>, now: &HistogramSnapshot) -> Lateness {
    let since = now.since(&recent.look(now));
    Lateness {
        signal: Signal::SessionLoop,
        count: since.count(),
        p95: since.quantile(0.95),
    }
}
