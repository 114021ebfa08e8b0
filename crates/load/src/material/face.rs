//! A patch of skin whose pulse is known.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::chance::Chance;

/// Width and height of a picture, pixels.
pub(crate) const SIDE: u16 = 72;

/// Pictures of one beat: so many that the step between two is far below a frame's time.
const PHASES: usize = 256;

/// Red, green and blue of the skin.
const SKIN: [f64; 3] = [176.0, 128.0, 108.0];

/// How much each colour takes part in the pulse (de Haan and van Leest, Physiol. Meas. 2014;35:1913).
const PULSE: [f64; 3] = [0.33, 0.77, 0.53];

/// The share of light that a beat takes away, before the colours' parts.
const DEPTH: f64 = 0.012;

/// Noise of a camera, steps to each side. Without any, a pulse smaller than a step would vanish.
const NOISE: f64 = 2.0;

/// Pictures of a whole beat, shared by all cameras.
#[derive(Debug)]
pub(crate) struct Face(Vec<Vec<u8>>);

impl Face {
    /// Paints every phase.
    pub(crate) fn paint() -> Self {
        let mut chance = Chance::new(1, 0);
        let pixels = usize::from(SIDE).pow(2);
        let picture = |phase: usize| {
            let blood = blood(phase as f64 / PHASES as f64);
            let colour = [0, 1, 2].map(|index| SKIN[index] * (1.0 - DEPTH * PULSE[index] * blood));
            let mut bytes = Vec::with_capacity(pixels * 3);
            for _ in 0..pixels {
                bytes
                    .extend(colour.map(|value| (value + NOISE * (2.0 * chance.share() - 1.0)).round() as u8));
            }
            bytes
        };
        Self((0..PHASES).map(picture).collect())
    }

    /// The picture at `t` of a heart of this rate.
    pub(crate) fn at(&self, t: Duration, heart_bpm: f64) -> &[u8] {
        let beats = t.as_secs_f64() * heart_bpm / 60.0;
        let phase = (beats.fract() * PHASES as f64) as usize;
        &self.0[phase % PHASES]
    }
}

/// Blood in the skin through a beat, about 0 to 1: a wave with a second one on its back.
fn blood(phase: f64) -> f64 {
    0.5 - 0.4 * (TAU * phase).cos() - 0.12 * (2.0 * TAU * phase - 0.8).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn green_beats_at_the_rate_and_more_than_red() {
        let face = Face::paint();
        let mean = |ms: u64, colour: usize| {
            let picture = face.at(Duration::from_millis(ms), 60.0);
            let values = picture.iter().skip(colour).step_by(3);
            values.map(|value| f64::from(*value)).sum::<f64>() / 5_184.0
        };
        let swing = |colour| mean(0, colour) - mean(500, colour);
        assert!(swing(1) > 0.5, "{}", swing(1));
        assert!(swing(1) > 1.3 * swing(0));
        assert!((mean(0, 1) - mean(3_000, 1)).abs() < 0.05);
    }
}
