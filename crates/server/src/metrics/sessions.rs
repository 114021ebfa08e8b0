//! Who is here, who was not let in, and whose connection did not last.

use std::fmt;

use bedside_engine::{Attachment, Counter, SessionState};

use super::page::Page;
use crate::app::App;

pub(super) fn write(page: &mut Page<'_>, app: &App) -> fmt::Result {
    let (registry, metrics) = (app.registry(), app.metrics());
    let count = |counter| metrics.get(counter) as f64;
    let sessions: Vec<_> = registry
        .sessions()
        .iter()
        .map(|session| session.state())
        .collect();
    let detached = sessions
        .iter()
        .filter(|state| state.connection == Attachment::Detached);
    page.gauge(
        "bedside_sessions",
        "Live sessions, detached ones included",
        registry.live() as f64,
    )?;
    page.gauge(
        "bedside_sessions_detached",
        "Live sessions whose client lost its connection and may come back",
        detached.count() as f64,
    )?;
    page.gauge(
        "bedside_sessions_capacity",
        "Sessions this server takes at a time, if newcomers ask for the default model",
        registry.capacity(app.usual_demand()) as f64,
    )?;
    let load = registry.load();
    page.gauge(
        "bedside_admission_processor_cores",
        "Processors that the live sessions are counted for",
        cores(load.used.processor_us),
    )?;
    page.gauge(
        "bedside_admission_processor_limit_cores",
        "Processors that sessions may be counted for",
        cores(load.budget.cost.processor_us),
    )?;
    page.gauge(
        "bedside_admission_strain",
        "How late the server is, in parts of what may be; newcomers are refused above 1",
        load.strain,
    )?;
    page.gauge(
        "bedside_accepting",
        "1 while new sessions are let in, else 0",
        f64::from(u8::from(registry.is_accepting())),
    )?;
    page.gauge(
        "bedside_draining",
        "1 while the server waits for its sessions to end for good, else 0",
        f64::from(u8::from(registry.is_draining())),
    )?;
    page.counter(
        "bedside_sessions_opened",
        "Sessions begun",
        count(Counter::SessionsOpened),
    )?;
    page.counter(
        "bedside_sessions_closed",
        "Sessions ended",
        count(Counter::SessionsClosed),
    )?;
    page.counters(
        "bedside_sessions_refused",
        "Sessions refused, by reason",
        metrics
            .refusals()
            .map(|(refusal, times)| ([("reason", refusal.name())], times as f64)),
    )?;
    page.counter(
        "bedside_sessions_resumed",
        "Clients that came back to their session",
        count(Counter::SessionsResumed),
    )?;
    page.counters(
        "bedside_connections_dropped",
        "Connections that ended otherwise than by a goodbye: closed as the client did not read (slow) or sent nothing (idle), or broken and kept for resuming (lost)",
        [
            ([("reason", "slow")], count(Counter::SlowClients)),
            ([("reason", "idle")], count(Counter::IdleClients)),
            ([("reason", "lost")], count(Counter::ConnectionsLost)),
        ],
    )?;
    page.counter(
        "bedside_client_mistakes",
        "Client messages answered with an error",
        count(Counter::ClientMistakes),
    )?;
    queues(page, &sessions)
}

/// What waits in the queues of all sessions.
fn queues(page: &mut Page<'_>, sessions: &[SessionState]) -> fmt::Result {
    page.gauges(
        "bedside_queue_audio_seconds",
        "Patients' audio that waits, of all sessions, by queue",
        [
            (
                [("queue", "detection")],
                sessions
                    .iter()
                    .map(|state| state.backlog.detection.as_secs_f64())
                    .sum(),
            ),
            (
                [("queue", "transcription")],
                sessions
                    .iter()
                    .map(|state| state.backlog.transcription.as_secs_f64())
                    .sum(),
            ),
        ],
    )?;
    page.gauge(
        "bedside_queue_video_frames",
        "Pictures that wait for scans, of all sessions",
        sessions.iter().map(|state| state.backlog.frames as f64).sum(),
    )?;
    page.gauge(
        "bedside_queue_client_bytes",
        "Payload that waits for clients that read slowly, of all sessions",
        sessions.iter().map(|state| state.waiting_bytes as f64).sum(),
    )
}

/// Processor time in microseconds a second, as processors.
fn cores(us: u64) -> f64 {
    us as f64 / 1e6
}
