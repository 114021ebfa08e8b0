//! A frame's rows, from a painting to the camera's bytes.

use bedside_media::video::geometry::Size;

use crate::light::encoded;
use crate::portrait::{Head, INSIDE, MOUTH, Portrait};

/// One row at work, three numbers a pixel.
#[derive(Debug)]
pub(crate) struct Rows {
    colour: Vec<f32>,
    pulsing: Vec<f32>,
    /// Light from left to right.
    slope: Vec<f32>,
    /// The slope times the pulse.
    pulse: Vec<f32>,
}

impl Rows {
    /// For frames of `size` in light that is brighter on the right by the fraction `slope`.
    pub(crate) fn new(size: Size, slope: f64) -> Self {
        let row = size.width() as usize * 3;
        let middle = f64::from(size.width()) / 2.0;
        let lit = (0..row).map(|i| {
            let across = ((i / 3) as f64 + 0.5 - middle) / middle;
            encoded(1.0 + across * slope / 2.0) as f32
        });
        Self {
            colour: vec![0.0; row],
            pulsing: vec![0.0; row],
            slope: lit.collect(),
            pulse: vec![0.0; row],
        }
    }

    /// Takes what blood does to red, green and blue at this moment, as fractions of them.
    pub(crate) fn beat(&mut self, dimmed: [f32; 3]) {
        let slopes = self.slope.as_chunks::<3>().0;
        for (pulse, slope) in self.pulse.as_chunks_mut::<3>().0.iter_mut().zip(slopes) {
            *pulse = std::array::from_fn(|channel| dimmed[channel] * slope[channel]);
        }
    }

    /// Takes a row of the portrait that begins at a place between its pixels.
    pub(crate) fn take(&mut self, portrait: &Portrait, [x, y]: [f32; 2]) {
        let row = portrait.size.width() as usize * 3;
        let wanted = self.colour.len();
        // One more row and pixel than asked for are read, with no weight where the place is a pixel's own.
        let x = x.clamp(0.0, ((row - wanted) / 3) as f32);
        let y = y.clamp(0.0, portrait.size.height() as f32 - 1.0);
        let (left, top) = (
            x.floor().min(((row - wanted) / 3).saturating_sub(1) as f32),
            y.floor(),
        );
        let (right, down) = (x - left, y - top);
        let first = top as usize * row + left as usize * 3;
        let below = if top as u32 + 1 < portrait.size.height() {
            row
        } else {
            0
        };
        let beside = if row > wanted { 3 } else { 0 };
        let weights = [
            (1.0 - right) * (1.0 - down),
            right * (1.0 - down),
            (1.0 - right) * down,
            right * down,
        ];
        for (out, source) in [
            (&mut self.colour, &portrait.colour),
            (&mut self.pulsing, &portrait.pulsing),
        ] {
            let from = |start: usize| &source[start..start + wanted];
            if right == 0.0 && down == 0.0 {
                out.copy_from_slice(from(first));
                continue;
            }
            let corners = [first, first + beside, first + below, first + below + beside].map(from);
            for (i, out) in out.iter_mut().enumerate() {
                *out = corners[0][i] * weights[0]
                    + corners[1][i] * weights[1]
                    + corners[2][i] * weights[2]
                    + corners[3][i] * weights[3];
            }
        }
    }

    /// Paints the part of an open mouth that lies in the row at `y`.
    pub(crate) fn open_mouth(&mut self, head: Head, open: f32, y: f32) {
        let [half_width, half_height] = head.radii();
        let [x, centre] = [
            head.middle[0] + MOUTH[0] * half_width,
            head.middle[1] + MOUTH[1] * half_height,
        ];
        let away = (y - centre) / (0.14 * half_height * open);
        if open <= 0.0 || away.abs() >= 1.0 {
            return;
        }
        let reach = 0.28 * half_width * (1.0 - away * away).sqrt();
        let pixels = self.colour.len() as f32 / 3.0;
        let [first, last] = [x - reach, x + reach].map(|edge| edge.clamp(0.0, pixels) as usize * 3);
        for pixel in self.colour[first..last].as_chunks_mut::<3>().0 {
            *pixel = INSIDE;
        }
        self.pulsing[first..last].fill(0.0);
    }

    /// What the camera makes of the row in `light`.
    pub(crate) fn expose(&self, light: f32, noise: &[f32], out: &mut [u8]) {
        let painted = self.colour.iter().zip(&self.pulsing);
        let lit = self.slope.iter().zip(&self.pulse).zip(noise);
        for ((out, (colour, pulsing)), ((slope, pulse), noise)) in out.iter_mut().zip(painted).zip(lit) {
            let value = (colour * slope + pulsing * pulse) * light + noise + 0.5;
            // Through an integer, which vectorises; the cast of a float to a byte does not.
            *out = value.clamp(0.0, 255.0) as i32 as u8;
        }
    }
}
