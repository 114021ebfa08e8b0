//! The curve of each figure: what share of its values does not exceed what.

use maud::{Markup, html};

use super::chart::{Chart, Role};
use super::number::{count, with_unit};
use crate::figures::{Figure, FigureName, Run, Verdict};

/// Nines shown at least, and at most: from 99.9 % to 99.999 %.
const NINES: (f64, f64) = (3.0, 5.0);

/// A limit farther above the greatest value than this would leave nothing to see of the curve.
const LIMIT_IN_SIGHT: f64 = 4.0;

/// Marks on the axis: a share, and what it is called.
const MARKS: [(f64, &str); 6] = [
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.999_9, "99.99 %"),
    (0.999_99, "99.999 %"),
];

/// A plot of every figure that was measured.
pub(super) fn curves(run: &Run) -> Markup {
    let measured = run.figures.iter().filter(|(_, figure)| !figure.is_empty());
    html! {
        div class="plots" {
            @for (&name, figure) in measured { (curve(name, figure, &run.objectives)) }
        }
    }
}

/// How far along the axis a share lies: each nine as far as the one before it.
fn nines(share: f64, most: f64) -> f64 {
    if share >= 1.0 {
        most
    } else {
        (-(1.0 - share.max(0.0)).log10()).min(most)
    }
}

fn curve(name: FigureName, figure: &Figure, objectives: &[Verdict]) -> Markup {
    let unit = name.unit();
    // The curve of n values knows nothing beyond a share of 1 - 1/n.
    let known = (figure.count as f64).log10().clamp(0.5, NINES.1);
    let x_most = known.max(NINES.0);
    let limits: Vec<&Verdict> = objectives.iter().filter(|it| it.figure == Some(name)).collect();
    let in_sight = |limit: f64| limit <= figure.max * LIMIT_IN_SIGHT;
    let points: Vec<_> = figure
        .curve
        .iter()
        .map(|&(share, value)| (nines(share, known), value))
        .collect();
    let marks = [
        ("p50", 0.5, figure.p50),
        ("p90", 0.9, figure.p90),
        ("p99", 0.99, figure.p99),
        ("p99.9", 0.999, figure.p999),
    ];
    let drawn = limits.iter().filter(|it| in_sight(it.limit));
    let chart = Chart {
        id: format!("curve-{}", name.title().to_lowercase().replace(' ', "-")),
        title: name.title().to_owned(),
        unit: unit.to_owned(),
        description: format!(
            "Of {} values, half are at most {}, 90 % at most {}, 99 % at most {}, 99.9 % at most {}; the greatest is {}.",
            count(figure.count),
            with_unit(figure.p50, unit),
            with_unit(figure.p90, unit),
            with_unit(figure.p99, unit),
            with_unit(figure.p999, unit),
            with_unit(figure.max, unit),
        ),
        x_ticks: MARKS
            .iter()
            .map(|&(share, label)| (nines(share, NINES.1), label.to_owned()))
            .filter(|&(at, _)| at <= x_most + 1e-9)
            .collect(),
        x_most,
        y_most: drawn.clone().map(|it| it.limit).fold(figure.max, f64::max),
        legend: limits
            .iter()
            .map(|it| (Role::Limit, it.objective.clone()))
            .collect(),
    };
    chart.draw(&html! {
        @for verdict in drawn { (chart.level(Role::Limit, verdict.limit)) }
        (chart.line(Role::Main, &points))
        @for (label, share, value) in marks {
            @if nines(share, NINES.1) <= known {
                (chart.dot(Role::Main, (nines(share, known), value), &format!("{label}: {}", with_unit(value, unit))))
            }
        }
    })
}
