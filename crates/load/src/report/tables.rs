//! What was measured, in rows.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::number::{bytes, count, number, with_unit};
use crate::figures::{Figure, FigureName, Run, ServerUse, Verdict};

/// Objectives and whether they were kept; an invalid run has kept and broken nothing.
pub(super) fn objectives(run: &Run) -> Markup {
    let invalid = !run.generator.invalid.is_empty();
    let held = |verdict: &Verdict| match (invalid, verdict.kept) {
        (true, _) => ("void", "! unknown"),
        (false, true) => ("kept", "✓ kept"),
        (false, false) => ("broken", "✕ broken"),
    };
    scrolling(
        "Objectives",
        &html! {
            thead { tr { th scope="col" { "Objective" } th scope="col" class="n" { "Measured" } th scope="col" { "Kept" } } }
            tbody {
                @for verdict in &run.objectives {
                @let (class, kept) = held(verdict);
                    @let unit = verdict.figure.map_or("", FigureName::unit);
                    tr class=(class) {
                        th scope="row" { (verdict.objective) }
                        td class="n" {
                            @match verdict.measured {
                                Some(measured) => (with_unit(measured, unit)),
                                None => "nothing measured",
                            }
                        }
                        td class="kept" { (kept) }
                    }
                }
            }
        },
    )
}

/// The distribution of every figure; those that nothing was measured of as well, so that none is missed.
pub(super) fn figures(run: &Run) -> Markup {
    let none = Figure::default();
    scrolling(
        "Figures",
        &html! {
            thead {
                tr {
                    th scope="col" { "Figure" }
                    th scope="col" { "Unit" }
                    @for name in ["Count", "p50", "p90", "p99", "p99.9", "Max"] { th scope="col" class="n" { (name) } }
                }
            }
            tbody {
                @for name in FigureName::ALL {
                    @let figure = run.figures.get(&name).unwrap_or(&none);
                    tr {
                        th scope="row" { (name.title()) }
                        td { (name.unit()) }
                        td class="n" { (count(figure.count)) }
                        @for value in [figure.p50, figure.p90, figure.p99, figure.p999, figure.max] {
                            td class="n" { @if figure.is_empty() { "–" } @else { (number(value)) } }
                        }
                    }
                }
            }
        },
    )
}

/// Counts by cause, the most frequent first.
pub(super) fn causes(title: &str, counts: &BTreeMap<String, u64>) -> Markup {
    let mut sorted: Vec<_> = counts.iter().filter(|&(_, &times)| times > 0).collect();
    sorted.sort_by_key(|&(_, &times)| std::cmp::Reverse(times));
    html! {
        @if sorted.is_empty() {
            p class="none" { (title) ": none." }
        } @else {
            (scrolling(title, &html! {
                thead { tr { th scope="col" { (title) " by cause" } th scope="col" class="n" { "Count" } } }
                tbody { @for (cause, times) in sorted { tr { th scope="row" { (cause) } td class="n" { (count(*times)) } } } }
            }))
        }
    }
}

/// What the server took.
pub(super) fn server(server: &ServerUse) -> Markup {
    let mut rows = vec![
        (
            "Processor time of one session for one second".to_owned(),
            with_unit(server.cpu_ms_per_session_second, "ms"),
        ),
        (
            "Memory before the first session".to_owned(),
            bytes(server.rss_base as f64),
        ),
        (
            "Memory each session added".to_owned(),
            bytes(server.rss_per_session),
        ),
    ];
    rows.extend(
        server
            .cores
            .map(|cores| ("Cores it may use".to_owned(), number(cores))),
    );
    rows.extend(
        server
            .memory
            .map(|memory| ("Memory it may use".to_owned(), bytes(memory as f64))),
    );
    let late = server.lateness_ms.iter();
    rows.extend(late.map(|(class, &ms)| {
        (
            format!("Model work begun late, p99: {class}"),
            with_unit(ms, "ms"),
        )
    }));
    scrolling(
        "Server",
        &html! {
            thead { tr { th scope="col" { "Of the server" } th scope="col" class="n" { "Measured" } } }
            tbody { @for (what, value) in rows { tr { th scope="row" { (what) } td class="n" { (value) } } } }
        },
    )
}

/// A table that scrolls by itself where it is wider than the screen, also by keyboard.
pub(super) fn scrolling(label: &str, rows: &Markup) -> Markup {
    html! {
        div class="scroll" role="region" aria-label=(label) tabindex="0" { table { (rows) } }
    }
}
