//! What the sessions' loops did, what they dropped, and which stages failed them.

use std::fmt;

use bedside_engine::{Counter, Metrics, Stage};

use super::page::Page;

pub(super) fn write(page: &mut Page<'_>, metrics: &Metrics) -> fmt::Result {
    let count = |counter| metrics.get(counter) as f64;
    let seconds = |counter| metrics.get(counter) as f64 / 1_000.0;
    page.histogram(
        "bedside_session_loop_seconds",
        "How long a session's loop worked when it was woken",
        &metrics.snapshot().loop_time.into(),
    )?;
    page.histogram(
        "bedside_session_alarm_lateness_seconds",
        "How long after its alarm a session's loop was woken",
        &metrics.alarm_lateness().into(),
    )?;
    page.counter(
        "bedside_session_loop_budget_exceeded",
        "Wakes of a session's loop that used up their budget of inputs and yielded",
        count(Counter::BudgetExceeded),
    )?;
    page.counters(
        "bedside_queue_audio_dropped_seconds",
        "Patients' audio dropped as it was not taken in time, by queue",
        [
            ([("queue", "detection")], seconds(Counter::DetectionDroppedMs)),
            (
                [("queue", "transcription")],
                seconds(Counter::TranscriptionDroppedMs),
            ),
        ],
    )?;
    page.counter(
        "bedside_queue_video_dropped_frames",
        "Pictures dropped as a scan did not keep up",
        count(Counter::FramesDropped),
    )?;
    page.counter(
        "bedside_queue_observer_dropped_events",
        "Events dropped for those who listen in on a session and did not keep up",
        count(Counter::ObserverEventsDropped),
    )?;
    page.counters(
        "bedside_audio_missing_seconds",
        "Patients' audio that did not arrive: made up for (concealed), or too long for that (lost)",
        [
            ([("outcome", "concealed")], seconds(Counter::AudioConcealedMs)),
            ([("outcome", "lost")], seconds(Counter::AudioLostMs)),
        ],
    )?;
    let faults = Stage::ALL.into_iter().flat_map(|stage| {
        metrics
            .faults(stage)
            .map(move |(kind, times)| ([("stage", stage.name()), ("kind", kind.name())], times as f64))
    });
    page.counters(
        "bedside_stage_faults",
        "Faults that reached a session, by stage and kind",
        faults,
    )?;
    page.counters(
        "bedside_scans",
        "Scans of vital signs: begun, and how those that ended did",
        [
            ([("event", "begun")], count(Counter::Scans)),
            ([("event", "completed")], count(Counter::ScansCompleted)),
            ([("event", "failed")], count(Counter::ScansFailed)),
        ],
    )?;
    page.counter(
        "bedside_scan_frames",
        "Pictures received for scans",
        count(Counter::FramesReceived),
    )?;
    page.counter(
        "bedside_scan_frames_unreadable",
        "Pictures received for scans that were damaged",
        count(Counter::FramesUnreadable),
    )
}
