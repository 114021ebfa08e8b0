//! The last hour, in steps of five seconds, for charts.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use bedside_engine::{Counter, Metrics, STEP, Stage};
use serde::Serialize;

use super::process::{CpuMeter, resident_bytes};
use super::{tenths, unix_millis};
use crate::app::App;

/// An hour of steps: 80 kB. Overflow policy: the oldest is dropped.
const KEPT: usize = 3_600 / STEP.as_secs() as usize;

/// The points so far, filled by [`sample`].
#[derive(Debug, Default)]
pub(crate) struct History {
    points: Mutex<VecDeque<Point>>,
}

/// One step. Counts are of this step alone; the rest is as it was at its end.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Point {
    at_ms: u64,
    live: usize,
    accepted: u64,
    refused: u64,
    turns: u64,
    voice_to_voice_p50: Option<f64>,
    voice_to_voice_p95: Option<f64>,
    faults: u64,
    client_mistakes: u64,
    audio_lost_ms: u64,
    cpu_percent: f64,
    rss_bytes: Option<u64>,
}

impl History {
    /// Appends a step after `missed` ones that nobody looked at.
    fn push(&self, point: Point, missed: u64) {
        let mut points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&last) = points.back() {
            // What was counted meanwhile shows in the newest step; what was is taken to have stayed.
            let gap = Point {
                live: last.live,
                rss_bytes: last.rss_bytes,
                ..Point::default()
            };
            let missed = usize::try_from(missed).unwrap_or(KEPT).min(KEPT);
            points.extend(std::iter::repeat_n(gap, missed));
        }
        points.push_back(point);
        let excess = points.len().saturating_sub(KEPT);
        points.drain(..excess);
    }

    /// Processor time of the newest step, percent of one core.
    pub(super) fn cpu_percent(&self) -> Option<f64> {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        points.back().map(|point| point.cpu_percent)
    }

    fn chart(&self) -> Chart {
        let points = self.points.lock().unwrap_or_else(PoisonError::into_inner);
        let step_ms = STEP.as_millis() as u64;
        let newest_ms = points.back().map_or(0, |point| point.at_ms);
        Chart {
            step_ms,
            from_ms: newest_ms.saturating_sub(step_ms * points.len().saturating_sub(1) as u64),
            points: points.len(),
            series: Series {
                live: points.iter().map(|point| point.live).collect(),
                accepted: points.iter().map(|point| point.accepted).collect(),
                refused: points.iter().map(|point| point.refused).collect(),
                turns: points.iter().map(|point| point.turns).collect(),
                voice_to_voice_p50: points.iter().map(|point| point.voice_to_voice_p50).collect(),
                voice_to_voice_p95: points.iter().map(|point| point.voice_to_voice_p95).collect(),
                faults: points.iter().map(|point| point.faults).collect(),
                client_mistakes: points.iter().map(|point| point.client_mistakes).collect(),
                audio_lost_ms: points.iter().map(|point| point.audio_lost_ms).collect(),
                cpu_percent: points.iter().map(|point| point.cpu_percent).collect(),
                rss_bytes: points.iter().map(|point| point.rss_bytes).collect(),
            },
        }
    }
}

/// Looks at the server at the end of each step, for as long as it is polled.
pub(crate) async fn sample(app: &App) {
    let metrics = app.metrics();
    let mut cpu = CpuMeter::start();
    let mut before = Counts::of(metrics);
    let mut due = metrics.step();
    loop {
        tokio::time::sleep_until(metrics.step_ends()).await;
        let over = metrics.step().saturating_sub(1);
        let now = Counts::of(metrics);
        let turns = metrics.turns_of(over);
        let voice_to_voice = turns.voice_to_voice;
        let point = Point {
            at_ms: unix_millis(),
            live: app.registry().live(),
            accepted: now.accepted - before.accepted,
            refused: now.refused - before.refused,
            turns: turns.count,
            voice_to_voice_p50: voice_to_voice.map(|times| tenths(times.p50)),
            voice_to_voice_p95: voice_to_voice.map(|times| tenths(times.p95)),
            faults: now.faults - before.faults,
            client_mistakes: now.client_mistakes - before.client_mistakes,
            audio_lost_ms: now.audio_lost_ms - before.audio_lost_ms,
            cpu_percent: tenths(cpu.percent()),
            rss_bytes: resident_bytes(),
        };
        app.history().push(point, over.saturating_sub(due));
        before = now;
        due = over + 1;
    }
}

/// Counters at one moment.
struct Counts {
    accepted: u64,
    refused: u64,
    faults: u64,
    client_mistakes: u64,
    audio_lost_ms: u64,
}

impl Counts {
    fn of(metrics: &Metrics) -> Self {
        Self {
            accepted: metrics.get(Counter::SessionsOpened),
            refused: metrics.get(Counter::SessionsRefused),
            faults: Stage::ALL.iter().map(|&stage| metrics.health(stage).total).sum(),
            client_mistakes: metrics.get(Counter::ClientMistakes),
            audio_lost_ms: metrics.get(Counter::AudioLostMs),
        }
    }
}

/// What charts are drawn from: each series has `points` values, `step_ms` apart, the first at `from_ms`.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    step_ms: u64,
    from_ms: u64,
    points: usize,
    series: Series,
}

#[derive(Debug, Serialize)]
struct Series {
    live: Vec<usize>,
    accepted: Vec<u64>,
    refused: Vec<u64>,
    turns: Vec<u64>,
    voice_to_voice_p50: Vec<Option<f64>>,
    voice_to_voice_p95: Vec<Option<f64>>,
    faults: Vec<u64>,
    client_mistakes: Vec<u64>,
    audio_lost_ms: Vec<u64>,
    cpu_percent: Vec<f64>,
    rss_bytes: Vec<Option<u64>>,
}

/// `GET /ops/api/history`.
pub(super) async fn show(State(app): State<App>) -> Json<Chart> {
    Json(app.history().chart())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at_ms: u64, live: usize) -> Point {
        Point {
            at_ms,
            live,
            accepted: 1,
            ..Point::default()
        }
    }

    #[test]
    fn steps_nobody_looked_at_keep_their_place() {
        let history = History::default();
        history.push(point(1_000, 3), 2);
        history.push(point(21_000, 5), 3);
        let chart = history.chart();
        assert_eq!((chart.points, chart.from_ms), (5, 1_000));
        assert_eq!(chart.series.live, [3, 3, 3, 3, 5]);
        assert_eq!(chart.series.accepted, [1, 0, 0, 0, 1]);
    }

    #[test]
    fn an_hour_is_kept_however_long_nobody_looked() {
        let history = History::default();
        history.push(point(0, 1), 0);
        history.push(point(99_000_000, 2), u64::MAX);
        assert_eq!(history.chart().points, KEPT);
        assert_eq!(history.chart().series.live.last(), Some(&2));
    }
}
