//! What is to be seen. Every field has an ordinary value by default, and each disturbance is off.

use std::ops::Range;

use bedside_media::video::geometry::Size;

use crate::skin::SkinTone;

/// A video to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Who is before the camera; nobody leaves an empty room.
    pub subject: Option<Subject>,
    /// How they behave.
    pub behaviour: Behaviour,
    /// The light in the room.
    pub light: Light,
    /// What takes the picture.
    pub camera: Camera,
    /// How long the video lasts, s.
    pub seconds: f64,
}

/// A person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject {
    /// Their skin.
    pub skin: SkinTone,
    /// Mean heart rate, beats per minute.
    pub heart_bpm: f64,
    /// How far intervals between beats stray from their mean, as a fraction of it: 0.03 at rest, 0 like a clock.
    pub heart_variability: f64,
    /// Mean respiratory rate, breaths per minute.
    pub breaths_per_min: f64,
    /// Strength of the pulse in the skin, as a factor of the usual: less with cold hands and age, 0 for a photograph.
    pub perfusion: f64,
    /// Width of the head, as a fraction of the frame's width.
    pub head_width: f64,
}

/// What a person does that is not pulse.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Behaviour {
    /// Slow drift to all sides (0.05 to 0.35 Hz), as a fraction of the head's width: 0.02 sits still.
    pub sway: f64,
    /// Quick movement (0.5 to 4 Hz, where pulses are), as a fraction of the head's width: 0.01 is a hand-held phone.
    pub shake: f64,
    /// Whether they talk, in bursts of two to three seconds.
    pub talking: bool,
    /// When they are away, s.
    pub away: Option<Range<f64>>,
}

/// The light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// Brightness as a factor: at 1 light skin is well exposed.
    pub level: f64,
    /// By how much the right side is brighter than the left one, as a fraction: what makes movement visible in colour.
    pub slope: f64,
    /// Lamps that flicker.
    pub mains: Option<Mains>,
    /// Auto-exposure steps a minute, each up or down by up to a tenth within a quarter of a second.
    pub exposure_steps_per_min: f64,
}

/// Lamps on alternating current: they flicker twice in each of its periods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mains {
    /// Its frequency: 50 or 60, or a little off, as networks are.
    pub hz: f64,
    /// Amplitude of the flicker, as a fraction of the light: 0.1 for fluorescent tubes.
    pub depth: f64,
}

/// The camera.
#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    /// Size of its frames.
    pub size: Size,
    /// Frames per second it aims at.
    pub fps: f64,
    /// How long a row is exposed, s. Rows are read one after another over three quarters of a frame's time, so that
    /// flicker shows as bands.
    pub shutter_s: f64,
    /// Standard deviation of a pixel's noise, steps of 8 bits. It is the same for dark and bright: the camera's curve is
    /// nearly the root that makes photon noise even.
    pub noise: f64,
    /// How early or late a frame may be, s. It says so itself: only who assumes a rate is misled.
    pub jitter_s: f64,
    /// Probability that a frame is lost.
    pub loss: f64,
    /// When every frame is lost, s.
    pub gap: Option<Range<f64>>,
}

impl Default for Scene {
    /// A minute of a [`Subject::default`] who sits still before [`Camera::default`] in steady light.
    fn default() -> Self {
        Self {
            subject: Some(Subject::default()),
            behaviour: Behaviour::default(),
            light: Light::default(),
            camera: Camera::default(),
            seconds: 60.0,
        }
    }
}

impl Default for Subject {
    fn default() -> Self {
        Self {
            skin: SkinTone::III,
            heart_bpm: 66.0,
            heart_variability: 0.03,
            breaths_per_min: 14.0,
            perfusion: 1.0,
            head_width: 0.5,
        }
    }
}

impl Default for Light {
    fn default() -> Self {
        Self {
            level: 1.0,
            slope: 0.2,
            mains: None,
            exposure_steps_per_min: 0.0,
        }
    }
}

impl Default for Camera {
    /// A face crop of 160×120 at 30 frames per second.
    fn default() -> Self {
        const SIZE: Size = match Size::new(160, 120) {
            Ok(size) => size,
            Err(_) => Size::MAX,
        };
        Self {
            size: SIZE,
            fps: 30.0,
            shutter_s: 0.008,
            noise: 1.5,
            jitter_s: 0.0,
            loss: 0.0,
            gap: None,
        }
    }
}
