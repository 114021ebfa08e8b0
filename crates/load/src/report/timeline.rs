//! The run, second by second.

use maud::{Markup, html};

use super::chart::{Chart, Role};
use super::number::{count, duration, number, ticks};
use crate::figures::{FigureName, Run, Second};

/// Points along a plot; of the seconds between two of them, the worst is shown.
const POINTS: usize = 200;

/// Values farther apart than this many points are not joined: nothing was measured between them.
const JOINED: f64 = 6.0;

/// Plots of everything that was measured each second.
pub(super) fn timeline(run: &Run) -> Markup {
    let timeline = Timeline::new(&run.timeline);
    html! {
        div class="plots" {
            (timeline.live())
            (timeline.turned_away())
            (timeline.cores(run))
            (timeline.memory())
            @for figure in FigureName::ALL { (timeline.p99(figure, run)) }
        }
    }
}

struct Timeline<'a> {
    seconds: &'a [Second],
    /// Seconds from one point to the next.
    step: usize,
    most: f64,
}

impl<'a> Timeline<'a> {
    fn new(seconds: &'a [Second]) -> Self {
        Self {
            seconds,
            step: seconds.len().div_ceil(POINTS).max(1),
            most: seconds.last().map_or(0.0, |last| last.at),
        }
    }

    /// The greatest value of each step, where there is one.
    fn values(&self, value: impl Fn(&Second) -> Option<f64>) -> Vec<(f64, f64)> {
        self.seconds
            .chunks(self.step)
            .filter_map(|step| {
                let values = step.iter().filter_map(&value);
                let worst = values.filter(|it| it.is_finite()).reduce(f64::max)?;
                Some((step.last()?.at, worst))
            })
            .collect()
    }

    fn chart(&self, id: &str, title: &str, unit: &str, points: &[(f64, f64)]) -> Chart {
        let most = points
            .iter()
            .fold((0.0, 0.0), |most, &it| if it.1 > most.1 { it } else { most });
        let unit_after = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        Chart {
            id: format!("timeline-{id}"),
            title: title.to_owned(),
            unit: unit.to_owned(),
            description: format!(
                "Over {}; at most {}{unit_after}, after {}.",
                duration(self.most),
                number(most.1),
                duration(most.0),
            ),
            x_ticks: time_ticks(self.most),
            x_most: self.most,
            y_most: most.1,
            legend: Vec::new(),
        }
    }

    fn live(&self) -> Markup {
        let points = self.values(|second| Some(second.live as f64));
        let chart = self.chart("live", "Live sessions", "", &points);
        chart.draw(&html! { (chart.area(&points)) (chart.line(Role::Main, &points)) })
    }

    fn turned_away(&self) -> Markup {
        let sums = |value: fn(&Second) -> u64| -> Vec<(f64, f64)> {
            let steps = self.seconds.chunks(self.step);
            steps
                .map(|step| (step[0].at - 1.0, step.iter().map(value).sum::<u64>() as f64))
                .collect()
        };
        let refused = sums(|second| second.refused);
        let errors = sums(|second| second.errors);
        let both: Vec<_> = refused
            .iter()
            .zip(&errors)
            .map(|(a, b)| (a.0, a.1 + b.1))
            .collect();
        let per = match self.step {
            1 => "a second".to_owned(),
            step => format!("in {step} s"),
        };
        let mut chart = self.chart("refused", "Refused and errors", &per, &both);
        chart.y_most = chart.y_most.max(4.0);
        let [refused_sum, errors_sum] =
            [&refused, &errors].map(|it| it.iter().map(|it| it.1).sum::<f64>() as u64);
        chart.legend = vec![
            (Role::Second, format!("refused ({})", count(refused_sum))),
            (Role::Bad, format!("errors ({})", count(errors_sum))),
        ];
        let width = self.step as f64;
        chart.draw(&html! {
            @for (&(at, refused), &(_, sum)) in refused.iter().zip(&both) {
                @let errors = sum - refused;
                @if errors > 0.0 { (chart.bar(Role::Bad, at, width, sum, &format!("{errors} errors after {}", duration(at)))) }
                @if refused > 0.0 { (chart.bar(Role::Second, at, width, refused, &format!("{refused} refused after {}", duration(at)))) }
            }
        })
    }

    fn cores(&self, run: &Run) -> Markup {
        let points = self.values(|second| second.server_cores);
        if points.is_empty() {
            return html! {};
        }
        let mut chart = self.chart("cores", "Processors of the server", "cores", &points);
        let cores = run.server.as_ref().and_then(|server| server.cores);
        if let Some(cores) = cores {
            chart.y_most = chart.y_most.max(cores);
            chart.legend = vec![(Role::Limit, format!("{} cores it may use", number(cores)))];
        }
        chart.draw(&html! {
            @if let Some(cores) = cores { (chart.level(Role::Limit, cores)) }
            (chart.area(&points))
            (chart.line(Role::Main, &points))
        })
    }

    fn memory(&self) -> Markup {
        let points = self.values(|second| second.server_rss.map(|bytes| bytes as f64 / 1e6));
        if points.is_empty() {
            return html! {};
        }
        let chart = self.chart("memory", "Memory of the server", "MB", &points);
        chart.draw(&html! { (chart.area(&points)) (chart.line(Role::Main, &points)) })
    }

    fn p99(&self, figure: FigureName, run: &Run) -> Markup {
        let points = self.values(|second| second.p99.get(&figure).copied());
        if points.is_empty() {
            return html! {};
        }
        let title = format!("{}, p99", figure.title());
        let id = figure.title().to_lowercase().replace(' ', "-");
        let mut chart = self.chart(&id, &title, figure.unit(), &points);
        let limits = run.objectives.iter().filter(|it| it.figure == Some(figure));
        let limits: Vec<_> = limits.filter(|it| it.limit <= chart.y_most * 4.0).collect();
        chart.y_most = limits.iter().map(|it| it.limit).fold(chart.y_most, f64::max);
        chart.legend = limits
            .iter()
            .map(|it| (Role::Limit, it.objective.clone()))
            .collect();
        let gap = JOINED * self.step as f64;
        chart.draw(&html! {
            @for verdict in &limits { (chart.level(Role::Limit, verdict.limit)) }
            @for part in points.chunk_by(|a, b| b.0 - a.0 <= gap) {
                @match part {
                    [alone] => (chart.dot(Role::Main, *alone, &format!("{} after {}", number(alone.1), duration(alone.0)))),
                    line => (chart.line(Role::Main, line)),
                }
            }
        })
    }
}

/// Round times within a run, in seconds or minutes.
fn time_ticks(most: f64) -> Vec<(f64, String)> {
    let (length, unit) = if most > 300.0 { (60.0, "min") } else { (1.0, "s") };
    ticks(most / length)
        .into_iter()
        .map(|tick| (tick * length, tick))
        .filter(|&(at, _)| at <= most)
        .map(|(at, tick)| (at, format!("{} {unit}", number(tick))))
        .collect()
}
