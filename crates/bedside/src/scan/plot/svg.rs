//! A drawing as SVG.

use std::fmt::Write;

use super::shapes::{Anchor, Colour, Drawing, PAPER, Shape, TEXT};

/// The drawing as a file's text.
pub(super) fn render(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"{TEXT}\">\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(PAPER)
    );
    for shape in &drawing.shapes {
        // Writing to a string cannot fail.
        let _ = match shape {
            Shape::Line {
                places,
                width,
                colour,
            } => {
                let points: Vec<_> = places.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
                writeln!(
                    svg,
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" \
                     stroke-linejoin=\"round\"/>",
                    points.join(" "),
                    hex(*colour)
                )
            }
            Shape::Dot {
                place: [x, y],
                radius,
                colour,
            } => writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{}\"/>",
                hex(*colour)
            ),
            Shape::Text {
                place: [x, y],
                anchor,
                colour,
                text,
            } => writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{}\" fill=\"{}\">{}</text>",
                match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                },
                hex(*colour),
                escaped(text)
            ),
        };
    }
    svg.push_str("</svg>\n");
    svg
}

fn hex([r, g, b]: Colour) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
