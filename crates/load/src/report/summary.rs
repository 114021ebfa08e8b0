//! The numbers that are asked for first.

use maud::{Markup, html};

use super::number::{bytes, count, duration, number};
use crate::figures::Run;

/// Tiles with a number each.
pub(super) fn summary(run: &Run) -> Markup {
    let sessions = run.sessions;
    let mut tiles = vec![
        (count(sessions.most_at_once), "sessions at once", String::new()),
        (
            count(sessions.completed),
            "sessions completed",
            format!(
                "of {} due, {} let in",
                count(sessions.due),
                count(sessions.started)
            ),
        ),
        (
            count(sessions.refused),
            "sessions refused",
            format!("{} not connected otherwise", count(sessions.unconnected)),
        ),
        (
            count(sessions.failed),
            "sessions failed",
            format!("{} resumed on purpose", count(sessions.resumed)),
        ),
    ];
    if let Some(server) = &run.server {
        tiles.push((
            format!("{} ms", number(server.cpu_ms_per_session_second)),
            "processor time a session-second",
            format!(
                "{} sessions fill a core",
                fill_a_core(server.cpu_ms_per_session_second)
            ),
        ));
        tiles.push((
            bytes(server.rss_per_session),
            "memory a session",
            format!("beside {} without any", bytes(server.rss_base as f64)),
        ));
    }
    if let Some(cost) = &run.cost {
        tiles.push((
            format!("{} {}", number(cost.per_session_minute), cost.currency),
            "providers’ cost a session-minute",
            format!("{} {} in all", number(cost.total), cost.currency),
        ));
    }
    tiles.push((
        duration(run.seconds),
        "measured",
        format!(
            "generator used {} % of its processors",
            number(100.0 * run.generator.cpu_share)
        ),
    ));
    html! {
        ul class="tiles" {
            @for (value, what, detail) in tiles {
                li {
                    span class="value" { (value) }
                    span class="what" { (what) }
                    @if !detail.is_empty() { span class="detail" { (detail) } }
                }
            }
        }
    }
}

/// How many sessions of so many milliseconds a second there are to a core.
fn fill_a_core(cpu_ms: f64) -> String {
    if cpu_ms > 0.0 {
        count((1_000.0 / cpu_ms) as u64)
    } else {
        "–".to_owned()
    }
}
