//! Light over time, as the camera exposes it.

use std::f64::consts::{PI, TAU};

use crate::chance::Chance;
use crate::scene::{Camera, Light};

/// A camera's output over the light it gets, as a power; near to sRGB's curve.
const CURVE: f64 = 1.0 / 2.2;
/// Largest step of auto-exposure, as a fraction, and how long it takes, s.
const STEP: f64 = 0.1;
const STEP_S: f64 = 0.25;

/// What the camera encodes of light `factor` times as strong, as a factor of the encoded number.
pub(crate) fn encoded(factor: f64) -> f64 {
    factor.max(0.0).powf(CURVE)
}

#[derive(Debug)]
pub(crate) struct Lighting {
    level: f64,
    /// When auto-exposure begins to change, and to which factor.
    steps: Vec<(f64, f64)>,
    flicker_hz: f64,
    flicker_depth: f64,
    flicker_phase: f64,
}

impl Lighting {
    pub(crate) fn new(light: &Light, camera: &Camera, seconds: f64, chance: &mut Chance) -> Self {
        let flicker_phase = chance.angle();
        let mut steps = vec![(f64::MIN, 1.0)];
        if light.exposure_steps_per_min > 0.0 {
            let mean = 60.0 / light.exposure_steps_per_min;
            let mut t = chance.within(0.0..mean);
            while t < seconds {
                steps.push((t, 1.0 + chance.within(-STEP..STEP)));
                t += chance.within(0.5 * mean..1.5 * mean);
            }
        }
        let (flicker_hz, depth) = light
            .mains
            .map_or((0.0, 0.0), |mains| (2.0 * mains.hz, mains.depth));
        // A row adds up the light while it is exposed, which evens out flicker.
        let angle = PI * flicker_hz * camera.shutter_s;
        let left = if angle > 0.0 { angle.sin() / angle } else { 1.0 };
        Self {
            level: light.level,
            steps,
            flicker_hz,
            flicker_depth: depth * left,
            flicker_phase,
        }
    }

    /// Light of a whole frame taken at `t` s.
    pub(crate) fn level(&self, t: f64) -> f64 {
        let now = self.steps.partition_point(|(start, _)| *start <= t).max(1) - 1;
        let (start, goal) = self.steps[now];
        let before = self.steps[now.saturating_sub(1)].1;
        let done = ((t - start) / STEP_S).clamp(0.0, 1.0);
        self.level * (before + (goal - before) * done)
    }

    /// Whether rows of a frame differ.
    pub(crate) fn flickers(&self) -> bool {
        self.flicker_depth.abs() > 0.0
    }

    /// Light of a row exposed around `t` s, as a factor of the level.
    pub(crate) fn flicker(&self, t: f64) -> f64 {
        1.0 + self.flicker_depth * (TAU * self.flicker_hz * t + self.flicker_phase).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Stream;
    use crate::scene::Mains;

    fn lighting(shutter_s: f64, steps: f64) -> Lighting {
        let light = Light {
            mains: Some(Mains { hz: 50.0, depth: 0.2 }),
            exposure_steps_per_min: steps,
            ..Light::default()
        };
        let camera = Camera {
            shutter_s,
            ..Camera::default()
        };
        Lighting::new(&light, &camera, 600.0, &mut Chance::new(3, Stream::Light))
    }

    fn span(values: impl Iterator<Item = f64>) -> f64 {
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    }

    #[test]
    fn a_shutter_of_one_flicker_sees_none() {
        let seen = |shutter_s| {
            let lighting = lighting(shutter_s, 0.0);
            span((0..1_000).map(|n| lighting.flicker(f64::from(n) * 0.000_1)))
        };
        assert!(seen(0.01) < 1e-9);
        assert!((seen(0.000_1) - 0.4).abs() < 0.01);
    }

    #[test]
    fn flicker_of_50_hz_seen_30_times_a_second_beats_at_10_hz() {
        let lighting = lighting(0.001, 0.0);
        let frame = |n: i32| lighting.flicker(f64::from(n) / 30.0);
        assert!((frame(0) - frame(3)).abs() < 1e-9 && (frame(0) - frame(1)).abs() > 0.05);
    }

    #[test]
    fn exposure_moves_in_steps_without_jumps() {
        let lighting = lighting(0.01, 6.0);
        let levels: Vec<f64> = (0..18_000).map(|n| lighting.level(f64::from(n) / 30.0)).collect();
        assert!(span(levels.iter().copied()) > 0.05);
        let steps = levels
            .windows(2)
            .filter(|pair| (pair[0] - pair[1]).abs() > 1e-9)
            .count();
        assert!((100..700).contains(&steps), "{steps}");
        assert!(levels.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.03));
    }
}
