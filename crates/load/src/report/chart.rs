//! What every plot is made of: a frame, axes, lines, and a name and description for those who cannot see it.

use maud::{Markup, html};

use super::number::{number, ticks};

/// Sides of a plot in its own units. A plot is about this many pixels wide on a phone, so that its text keeps its size.
const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 236.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;

/// A line of a plot, by the role it has in the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// What the plot is about.
    Main,
    /// A second thing beside it.
    Second,
    /// What went wrong.
    Bad,
    /// What must not be exceeded.
    Limit,
}

impl Role {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Second => "second",
            Self::Bad => "bad",
            Self::Limit => "limit",
        }
    }
}

/// A plot: what it shows, in words, and the axes it is drawn on.
#[derive(Debug)]
pub(super) struct Chart {
    /// Unique within the page.
    pub id: String,
    pub title: String,
    /// Said after the title, as `ms` or `cores`.
    pub unit: String,
    /// What one would see, for those who cannot.
    pub description: String,
    /// Labelled places along the x axis; the axis ends at `x_most`.
    pub x_ticks: Vec<(f64, String)>,
    pub x_most: f64,
    /// The greatest value that has to be within the plot.
    pub y_most: f64,
    /// What lines mean, below the plot.
    pub legend: Vec<(Role, String)>,
}

impl Chart {
    /// Where a value of x lies.
    pub(super) fn x(&self, value: f64) -> f64 {
        let share = if self.x_most > 0.0 {
            value / self.x_most
        } else {
            0.0
        };
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    /// Where a value of y lies.
    pub(super) fn y(&self, value: f64) -> f64 {
        let top = ticks(self.y_most).last().copied().unwrap_or(1.0);
        HEIGHT - BOTTOM - (value / top).clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }

    /// A line through points in order.
    pub(super) fn line(&self, role: Role, points: &[(f64, f64)]) -> Markup {
        html! { path class={ "line " (role.class()) } d=(self.outline(points)) {} }
    }

    /// The area below a line.
    pub(super) fn area(&self, points: &[(f64, f64)]) -> Markup {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return html! {};
        };
        let base = self.y(0.0);
        let outline = self.outline(points);
        let closing = format!(
            "L{:.1} {base:.1}L{:.1} {base:.1}Z",
            self.x(last.0),
            self.x(first.0)
        );
        html! { path class="area" d={ (outline) (closing) } {} }
    }

    /// A bar from the base, as wide as `width` of x, that shows `text` when it is pointed at.
    pub(super) fn bar(&self, role: Role, from: f64, width: f64, value: f64, text: &str) -> Markup {
        let (left, right, top) = (self.x(from), self.x(from + width), self.y(value));
        html! {
            rect class=(role.class()) x=(place(left)) y=(place(top))
                width=(place((right - left).max(1.0))) height=(place(self.y(0.0) - top)) { title { (text) } }
        }
    }

    /// A dot, or a cross for what is bad, that shows `text` when it is pointed at.
    pub(super) fn dot(&self, role: Role, (x, y): (f64, f64), text: &str) -> Markup {
        let (x, y) = (self.x(x), self.y(y));
        html! {
            @if role == Role::Bad {
                path class="cross" d={ "M" (place(x - 3.5)) " " (place(y - 3.5)) "l7 7m0 -7l-7 7" } { title { (text) } }
            } @else {
                circle class={ "dot " (role.class()) } cx=(place(x)) cy=(place(y)) r="3.5" { title { (text) } }
            }
        }
    }

    /// A line across the whole plot.
    pub(super) fn level(&self, role: Role, value: f64) -> Markup {
        self.line(role, &[(0.0, value), (self.x_most, value)])
    }

    /// The plot with its axes around `body`.
    pub(super) fn draw(&self, body: &Markup) -> Markup {
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            figure class="plot" {
                figcaption { (self.title) @if !self.unit.is_empty() { " " span class="unit" { (self.unit) } } }
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-labelledby={ (title) " " (description) } {
                    title id=(title) { (self.title) }
                    desc id=(description) { (self.description) }
                    (self.axes())
                    (body)
                }
                @if !self.legend.is_empty() {
                    ul class="legend" {
                        @for (role, text) in &self.legend {
                            li { span class={ "key " (role.class()) } aria-hidden="true" {} (text) }
                        }
                    }
                }
            }
        }
    }

    fn axes(&self) -> Markup {
        let bottom = HEIGHT - BOTTOM;
        html! {
            g class="axes" aria-hidden="true" {
                @for tick in ticks(self.y_most) {
                    @let y = self.y(tick);
                    line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(place(y)) y2=(place(y)) {}
                    text class="y" x=(LEFT - 7.0) y=(place(y + 4.0)) { (number(tick)) }
                }
                @for (at, label) in &self.x_ticks {
                    @let x = self.x(*at);
                    line x1=(place(x)) x2=(place(x)) y1=(bottom) y2=(bottom + 4.0) {}
                    text class="x" x=(place(x)) y=(HEIGHT - 7.0) { (label) }
                }
            }
        }
    }

    fn outline(&self, points: &[(f64, f64)]) -> String {
        let finite = points.iter().filter(|(x, y)| x.is_finite() && y.is_finite());
        let places: Vec<String> = finite
            .map(|&(x, y)| format!("{:.1} {:.1}", self.x(x), self.y(y)))
            .collect();
        if places.is_empty() {
            return String::new();
        }
        format!("M{}", places.join("L"))
    }
}

fn place(value: f64) -> String {
    format!("{value:.1}")
}
