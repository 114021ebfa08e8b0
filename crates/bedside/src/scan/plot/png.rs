//! A drawing as PNG, whatever fonts the machine has.

use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use tiny_skia::{Color, LineJoin, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Stroke, Transform};

use super::shapes::{Anchor, Colour, Drawing, PAPER, Place, Shape};

const HEIGHT: RasterHeight = RasterHeight::Size16;
/// From the top of a letter's cell to the line it stands on, px.
const ASCENT: f32 = 12.0;

/// The drawing as a file's bytes; `None` if it is too large to be held.
pub(super) fn render(drawing: &Drawing) -> Option<Vec<u8>> {
    let mut paper = Pixmap::new(drawing.width, drawing.height)?;
    paper.fill(Color::from_rgba8(PAPER[0], PAPER[1], PAPER[2], u8::MAX));
    for shape in &drawing.shapes {
        match shape {
            Shape::Line {
                places,
                width,
                colour,
            } => line(&mut paper, places, *width, *colour),
            Shape::Dot {
                place: [x, y],
                radius,
                colour,
            } => {
                if let Some(circle) = PathBuilder::from_circle(*x, *y, *radius) {
                    let rule = tiny_skia::FillRule::Winding;
                    paper.fill_path(&circle, &paint(*colour), rule, Transform::identity(), None);
                }
            }
            Shape::Text {
                place,
                anchor,
                colour,
                text,
            } => write(&mut paper, *place, *anchor, *colour, text),
        }
    }
    paper.encode_png().ok()
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour[0], colour[1], colour[2], u8::MAX);
    paint
}

fn line(paper: &mut Pixmap, places: &[Place], width: f32, colour: Colour) {
    let mut path = PathBuilder::new();
    let mut places = places.iter();
    if let Some([x, y]) = places.next() {
        path.move_to(*x, *y);
    }
    for [x, y] in places {
        path.line_to(*x, *y);
    }
    let stroke = Stroke {
        width,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    // A path of less than two places is nothing to draw.
    if let Some(path) = path.finish() {
        paper.stroke_path(&path, &paint(colour), &stroke, Transform::identity(), None);
    }
}

/// Letters the font does not have are left blank.
fn write(paper: &mut Pixmap, [x, y]: Place, anchor: Anchor, colour: Colour, text: &str) {
    let advance = get_raster_width(FontWeight::Regular, HEIGHT);
    let length = (advance * text.chars().count()) as f32;
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - length / 2.0,
        Anchor::End => x - length,
    };
    for (index, letter) in text.chars().enumerate() {
        let Some(raster) = get_raster(letter, FontWeight::Regular, HEIGHT) else {
            continue;
        };
        for (row, cells) in raster.rows().enumerate() {
            for (column, strength) in cells.iter().enumerate().filter(|(_, strength)| **strength > 0) {
                let x = left.round() as i64 + (index * advance + column) as i64;
                let y = (y - ASCENT).round() as i64 + row as i64;
                blend(paper, x, y, colour, *strength);
            }
        }
    }
}

/// Mixes a colour into a pixel, 255 covering it.
fn blend(paper: &mut Pixmap, x: i64, y: i64, colour: Colour, strength: u8) {
    let (width, height) = (i64::from(paper.width()), i64::from(paper.height()));
    if !((0..width).contains(&x) && (0..height).contains(&y)) {
        return;
    }
    let pixel = &mut paper.pixels_mut()[(y * width + x) as usize];
    let mix = |new: u8, old: u8| {
        let (new, old, strength) = (u32::from(new), u32::from(old), u32::from(strength));
        ((new * strength + old * (255 - strength)) / 255) as u8
    };
    let (red, green, blue) = (
        mix(colour[0], pixel.red()),
        mix(colour[1], pixel.green()),
        mix(colour[2], pixel.blue()),
    );
    // The paper is opaque, so every colour is one.
    if let Some(mixed) = PremultipliedColorU8::from_rgba(red, green, blue, u8::MAX) {
        *pixel = mixed;
    }
}
