//! A head before a wall, painted once: the colour of every place in even light, and how much of the pulse it shows.

use bedside_media::video::geometry::Size;

use crate::scene::Subject;

/// A head's height in its widths.
pub(crate) const HEIGHT: f32 = 1.35;
/// Where a mouth is, in halves of the head's width and height from its middle.
pub(crate) const MOUTH: [f32; 2] = [0.0, 0.56];
/// Inside of an open mouth.
pub(crate) const INSIDE: [f32; 3] = [58.0, 22.0, 24.0];

const HAIR: [f32; 3] = [46.0, 36.0, 30.0];
const SHIRT: [f32; 3] = [70.0, 86.0, 120.0];
const WALL: [f32; 3] = [150.0, 152.0, 148.0];
const EYE_WHITE: [f32; 3] = [225.0, 222.0, 218.0];
const IRIS: [f32; 3] = [52.0, 38.0, 28.0];
/// Points each way that a pixel is the mean of.
const SAMPLES: u16 = 3;

/// Interleaved red, green and blue, row after row.
#[derive(Debug)]
pub(crate) struct Portrait {
    pub(crate) size: Size,
    /// Encoded numbers, 0 to 255, with fractions.
    pub(crate) colour: Vec<f32>,
    /// The part of them that the pulse changes.
    pub(crate) pulsing: Vec<f32>,
}

/// Where a head is, px.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) middle: [f32; 2],
    pub(crate) width: f32,
}

impl Head {
    /// Half its width and half its height.
    pub(crate) fn radii(self) -> [f32; 2] {
        [self.width / 2.0, self.width * HEIGHT / 2.0]
    }
}

impl Portrait {
    /// A picture of `size`, with a head or without.
    pub(crate) fn paint(size: Size, sitter: Option<(&Subject, Head)>) -> Self {
        let (mut colour, mut pulsing) = (Vec::new(), Vec::new());
        let step = 1.0 / f32::from(SAMPLES);
        for y in 0..size.height() {
            for x in 0..size.width() {
                let (mut mean, mut mean_pulsing) = ([0.0; 3], [0.0; 3]);
                for sample in 0..SAMPLES * SAMPLES {
                    let part = |index: u16| (f32::from(index) + 0.5) * step;
                    let at = [
                        x as f32 + part(sample % SAMPLES),
                        y as f32 + part(sample / SAMPLES),
                    ];
                    let (colour, pulse) = point(at, size, sitter);
                    for channel in 0..3 {
                        mean[channel] += colour[channel] * step * step;
                        mean_pulsing[channel] += colour[channel] * pulse * step * step;
                    }
                }
                colour.extend(mean);
                pulsing.extend(mean_pulsing);
            }
        }
        Self {
            size,
            colour,
            pulsing,
        }
    }
}

/// The colour at a place, and how much of the usual pulse it shows.
fn point([x, y]: [f32; 2], size: Size, sitter: Option<(&Subject, Head)>) -> ([f32; 3], f32) {
    let room = room(x / size.width() as f32, y / size.height() as f32);
    let Some((subject, head)) = sitter else {
        return (room, 0.0);
    };
    let [half_width, half_height] = head.radii();
    let (u, v) = (
        (x - head.middle[0]) / half_width,
        (y - head.middle[1]) / half_height,
    );
    let skin = subject.skin.colour().map(f32::from);
    if u * u + v * v < 1.0 {
        return face(u, v, skin);
    }
    let neck = u.abs() < 0.55 && (0.5..1.5).contains(&v);
    let hair = u * u / 1.3 + (v + 0.1).powi(2) / 1.25 < 1.0 && v < 0.1;
    let ear = ((u.abs() - 1.0) / 0.12).powi(2) + ((v + 0.02) / 0.2).powi(2) < 1.0;
    let shoulders = v > 1.25 + 0.12 * u * u;
    match (hair, ear, neck, shoulders) {
        (_, true, ..) => (shaded(skin, 0.8), 0.5),
        (true, ..) => (HAIR, 0.0),
        (_, _, _, true) => (SHIRT, 0.0),
        (_, _, true, _) => (shaded(skin, 0.68), 0.4),
        _ => (room, 0.0),
    }
}

/// A wall with a window frame, so that there is something behind a head; `x` and `y` are fractions of the picture.
fn room(x: f32, y: f32) -> [f32; 3] {
    let frame = (x - 0.14).abs() < 0.012 || (x - 0.9).abs() < 0.02 || (y - 0.12).abs() < 0.01;
    shaded(WALL, if frame { 0.55 } else { 0.8 + 0.2 * y })
}

/// A place on the face: `u` from −1 to 1 to the right, `v` from −1 at the hair to 1 at the chin.
fn face(u: f32, v: f32, skin: [f32; 3]) -> ([f32; 3], f32) {
    let within = |x: f32, y: f32, width: f32, height: f32| {
        ((u.abs() - x) / width).powi(2) + ((v - y) / height).powi(2) < 1.0
    };
    // Round like a ball, and lit from above the camera.
    let depth = (1.0 - u * u - v * v).max(0.0).sqrt();
    let light = 0.62 + 0.38 * depth - 0.06 * v;
    if v < -0.8 - 0.12 * u * u + 0.1 * (u * 9.0).cos() * u.abs() {
        return (HAIR, 0.0);
    }
    if within(0.38, -0.08, 0.065, 0.06) {
        return (IRIS, 0.0);
    }
    if within(0.38, -0.08, 0.17, 0.065) {
        return (shaded(EYE_WHITE, light), 0.0);
    }
    if within(0.38, -0.08, 0.21, 0.1) {
        return (shaded(skin, light * 0.72), 0.4);
    }
    if within(0.39, -0.27 + 0.1 * (u.abs() - 0.39).powi(2), 0.24, 0.04) {
        return (HAIR, 0.0);
    }
    if within(0.09, 0.27, 0.05, 0.03) {
        return (shaded(skin, 0.4), 0.2);
    }
    if within(0.0, 0.24, 0.19, 0.09) {
        return (shaded(skin, light * 0.88), 0.5);
    }
    if within(0.11, 0.05, 0.03, 0.2) {
        return (shaded(skin, light * 0.85), 0.5);
    }
    let lips = within(MOUTH[0], MOUTH[1], 0.34, 0.075);
    if lips && (v - MOUTH[1]).abs() < 0.014 {
        return (shaded(skin, 0.35), 0.2);
    }
    if lips {
        let lit = shaded(skin, light);
        return ([lit[0] * 0.86, lit[1] * 0.62, lit[2] * 0.66], 0.6);
    }
    // Forehead and cheeks show most of the pulse.
    let cheek = within(0.5, 0.25, 0.35, 0.3);
    let forehead = v < -0.35;
    (shaded(skin, light), if cheek || forehead { 1.0 } else { 0.7 })
}

fn shaded(colour: [f32; 3], light: f32) -> [f32; 3] {
    colour.map(|channel| channel * light)
}
