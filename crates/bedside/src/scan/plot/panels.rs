//! The three panels, one below the other.

use std::ops::Range;

use bedside_vitals::reading::Reading;

use super::axis::Axis;
use super::shapes::{Anchor, Colour, Drawing, INK, PAPER, PULSE, Place, QUIET, REFUSED, RULE, Shape, TEXT};
use super::spectrum;
use crate::scan::record::{Record, seconds};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 780;
/// A panel's height with its words, and what the words take on each side.
const PANEL: f32 = 260.0;
const LEFT: f32 = 70.0;
const RIGHT: f32 = 30.0;
const ABOVE: f32 = 40.0;
const BELOW: f32 = 56.0;

/// The newest part of the pulse wave that is drawn: in more, no beat can be told from the next.
const WAVE_S: f64 = 30.0;
/// The least span of the heart rate's axis, beats a minute, so that a steady heart looks steady.
const LEAST_SPAN: f64 = 20.0;

/// A panel with its axes.
struct Panel<'a> {
    shapes: &'a mut Vec<Shape>,
    x: Axis,
    y: Axis,
}

/// Draws a whole scan.
pub(super) fn draw(record: &Record) -> Drawing {
    let mut shapes = Vec::new();
    let last = record.readings.last().map_or(0.0, |reading| seconds(reading.at));
    let end = record.summary.elapsed.as_secs_f64().max(last).max(1.0);
    wave(&mut shapes, record, end);
    lines(&mut shapes, record);
    rates(&mut shapes, &record.readings, end);
    Drawing {
        width: WIDTH,
        height: HEIGHT,
        shapes,
    }
}

fn wave(shapes: &mut Vec<Shape>, record: &Record, end: f64) {
    let start = (end - WAVE_S).max(0.0);
    let highest = record.pulse.iter().flat_map(|piece| &piece.samples);
    let highest = highest.fold(1.0, |most: f32, value| most.max(value.abs()));
    let height = f64::from(highest) * 1.1;
    let mut panel = Panel::new(shapes, 0, start..end, -height..height);
    panel.words("Pulse wave", "s");
    panel.scale_x();
    // Pieces that follow each other are one line.
    let mut line: Vec<Place> = Vec::new();
    let mut next = f64::MIN;
    for piece in &record.pulse {
        let (begin, step) = (seconds(piece.at), 1.0 / f64::from(piece.sample_rate));
        if (begin - next).abs() > 1.5 * step {
            panel.line(std::mem::take(&mut line), 1.6, PULSE);
        }
        next = begin + piece.samples.len() as f64 * step;
        let times = (0..piece.samples.len()).map(|n| begin + n as f64 * step);
        line.extend(
            times
                .zip(&piece.samples)
                .filter(|(time, _)| *time >= start)
                .map(|(time, value)| [panel.x.place(time), panel.y.place(f64::from(*value))]),
        );
    }
    panel.line(line, 1.6, PULSE);
    if record.pulse.is_empty() {
        panel.note("no pulse passed the checks");
    }
}

fn lines(shapes: &mut Vec<Shape>, record: &Record) {
    let lines = spectrum::of(&record.pulse);
    let mut panel = Panel::new(shapes, 1, 40.0..210.0, 0.0..1.1);
    panel.words("Spectrum of the newest unbroken stretch of it", "beats a minute");
    panel.scale_x();
    if lines.is_empty() {
        panel.note("too short");
        return;
    }
    if let Ok(rate) = record.summary.heart_rate {
        let x = panel.x.place(rate.bpm);
        let [bottom, top] = panel.y.ends();
        panel.line(vec![[x, bottom], [x, top]], 1.0, QUIET);
        panel.text(
            [x + 6.0, top + TEXT],
            Anchor::Start,
            INK,
            format!("{:.0}", rate.bpm),
        );
    }
    let places = lines
        .iter()
        .map(|(bpm, power)| [panel.x.place(*bpm), panel.y.place(*power)])
        .collect();
    panel.line(places, 1.6, PULSE);
}

fn rates(shapes: &mut Vec<Shape>, readings: &[Reading], end: f64) {
    let given = |reading: &Reading| reading.heart_rate.ok().map(|rate| rate.bpm);
    let span = span(readings.iter().filter_map(given));
    let mut panel = Panel::new(shapes, 2, 0.0..end, span);
    panel.words("Heart rate, beats a minute (grey: not given)", "s");
    panel.scale_x();
    panel.scale_y();
    let [bottom, _] = panel.y.ends();
    let mut line: Vec<Place> = Vec::new();
    for reading in readings {
        let x = panel.x.place(seconds(reading.at));
        if let Some(bpm) = given(reading) {
            let place = [x, panel.y.place(bpm)];
            line.push(place);
            panel.dot(place, PULSE);
        } else {
            panel.line(std::mem::take(&mut line), 1.6, PULSE);
            panel.dot([x, bottom - 7.0], REFUSED);
        }
    }
    panel.line(line, 1.6, PULSE);
}

/// The rates with room around them, at least [`LEAST_SPAN`] in all.
fn span(rates: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = rates.fold((f64::MAX, f64::MIN), |(low, high), rate| {
        (low.min(rate), high.max(rate))
    });
    if low > high {
        return 40.0..120.0;
    }
    let room = ((LEAST_SPAN - (high - low)) / 2.0).max(4.0);
    low - room..high + room
}

impl<'a> Panel<'a> {
    /// The panel number `index` from above, framed.
    fn new(shapes: &'a mut Vec<Shape>, index: u8, x: Range<f64>, y: Range<f64>) -> Self {
        let top = PANEL * f32::from(index);
        let mut panel = Self {
            shapes,
            x: Axis::new(x, LEFT..WIDTH as f32 - RIGHT),
            y: Axis::new(y, top + PANEL - BELOW..top + ABOVE),
        };
        let ([left, right], [bottom, top]) = (panel.x.ends(), panel.y.ends());
        let corners = [
            [left, top],
            [right, top],
            [right, bottom],
            [left, bottom],
            [left, top],
        ];
        panel.line(corners.to_vec(), 1.0, RULE);
        panel
    }

    fn words(&mut self, title: &str, unit: &str) {
        let ([left, right], [bottom, top]) = (self.x.ends(), self.y.ends());
        self.text([left, top - 12.0], Anchor::Start, INK, title.to_owned());
        self.text([right, bottom + 2.6 * TEXT], Anchor::End, QUIET, unit.to_owned());
    }

    fn scale_x(&mut self) {
        let [bottom, top] = self.y.ends();
        for value in self.x.ticks(10.0).collect::<Vec<_>>() {
            let x = self.x.place(value);
            self.line(vec![[x, bottom], [x, top]], 1.0, RULE);
            self.text(
                [x, bottom + 1.3 * TEXT],
                Anchor::Middle,
                QUIET,
                format!("{value:.0}"),
            );
        }
    }

    fn scale_y(&mut self) {
        let [left, right] = self.x.ends();
        for value in self.y.ticks(5.0).collect::<Vec<_>>() {
            let y = self.y.place(value);
            self.line(vec![[left, y], [right, y]], 1.0, RULE);
            self.text(
                [left - 10.0, y + 0.35 * TEXT],
                Anchor::End,
                QUIET,
                format!("{value:.0}"),
            );
        }
    }

    /// Words in the middle, where there is nothing to draw.
    fn note(&mut self, words: &str) {
        let ([left, right], [bottom, top]) = (self.x.ends(), self.y.ends());
        let middle = [f32::midpoint(left, right), f32::midpoint(bottom, top)];
        self.text(middle, Anchor::Middle, QUIET, words.to_owned());
    }

    fn line(&mut self, places: Vec<Place>, width: f32, colour: Colour) {
        if places.len() > 1 {
            self.shapes.push(Shape::Line {
                places,
                width,
                colour,
            });
        }
    }

    fn dot(&mut self, place: Place, colour: Colour) {
        // A rim of paper keeps neighbours apart.
        for (radius, colour) in [(4.5, PAPER), (3.5, colour)] {
            self.shapes.push(Shape::Dot {
                place,
                radius,
                colour,
            });
        }
    }

    fn text(&mut self, place: Place, anchor: Anchor, colour: Colour, text: String) {
        self.shapes.push(Shape::Text {
            place,
            anchor,
            colour,
            text,
        });
    }
}
