//! The patient's camera, and what its client asks of vital signs.

use std::ops::RangeInclusive;
use std::time::Duration;

use bedside_conversation::time::Time;
use bedside_protocol::{
    BedsidePatch, ClientEventKind, Patch, SessionPatch, SessionType, VitalsPatch, VitalsRegion,
};

use crate::rng::{Rng, Stream};

/// How the camera and its client behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraManners {
    /// When vital signs are enabled, in milliseconds.
    pub enables_ms: u64,
    /// `duration_ms`.
    pub duration_ms: Option<u32>,
    /// `interval_ms`.
    pub interval_ms: u32,
    /// How long frames come, and how long none do, in milliseconds.
    pub films_ms: RangeInclusive<u64>,
    /// See above.
    pub pauses_ms: RangeInclusive<u64>,
    /// Probability, per second, of a change of settings.
    pub changes_permille: u64,
    /// Whether the session is of the transcription type.
    pub transcribes: bool,
}

impl CameraManners {
    /// Of some consultations: most have no camera.
    pub fn any(seed: u64, transcribes: bool) -> Option<Self> {
        let mut rng = Rng::new(seed, Stream::Camera);
        let rng = &mut rng;
        rng.chance(0.3).then(|| Self {
            enables_ms: rng.between(0..=8_000),
            duration_ms: rng.chance(0.6).then(|| rng.between(5_000..=40_000) as u32),
            interval_ms: *rng.pick(&[200, 500, 1_000, 1_000, 1_000, 10_000]),
            films_ms: 2_000..=*rng.pick(&[15_000, 90_000]),
            pauses_ms: 100..=*rng.pick(&[500, 12_000, 25_000]),
            changes_permille: *rng.pick(&[0, 30, 150]),
            transcribes,
        })
    }
}

/// The camera.
#[derive(Debug)]
pub struct Camera {
    manners: CameraManners,
    rng: Rng,
    enabled: bool,
    asked: bool,
    filming: bool,
    turns_at: Time,
}

impl Camera {
    /// Time between two frames. Real ones are closer; the core hears of few.
    pub const FRAME: Duration = Duration::from_millis(100);

    /// A camera.
    pub fn new(manners: CameraManners, seed: u64) -> Self {
        // The scenario has drawn from the stream of this seed already.
        Self {
            manners,
            rng: Rng::new(!seed, Stream::Camera),
            enabled: false,
            asked: false,
            filming: false,
            turns_at: Time::ZERO,
        }
    }

    /// Whether a frame is sent at `now`.
    pub fn films(&mut self, now: Time) -> bool {
        if now >= self.turns_at {
            self.filming = !self.filming;
            let spell = if self.filming {
                &self.manners.films_ms
            } else {
                &self.manners.pauses_ms
            };
            self.turns_at = now + self.rng.millis(spell.clone());
        }
        self.enabled && self.filming
    }

    /// Once a second, what the client changes.
    pub fn wish(&mut self, now: Time) -> Option<ClientEventKind> {
        if now < Time::from_millis(self.manners.enables_ms) {
            return None;
        }
        let mut patch = VitalsPatch::default();
        if !std::mem::replace(&mut self.asked, true) {
            patch.enabled = Some(true);
            patch.interval_ms = Some(self.manners.interval_ms);
            patch.duration_ms = self.manners.duration_ms.map_or(Patch::Clear, Patch::Set);
        } else if self.rng.chance(self.manners.changes_permille as f64 / 1_000.0) {
            match self.rng.between(0..=4) {
                0 => patch.enabled = Some(false),
                1 => patch.interval_ms = Some(*self.rng.pick(&[200, 1_000])),
                2 => {
                    patch.region = Some(*self.rng.pick(&[VitalsRegion::Auto, VitalsRegion::FaceCrop]));
                }
                3 => patch.duration_ms = Patch::Set(self.rng.between(5_000..=20_000) as u32),
                _ => patch.enabled = Some(true),
            }
        } else {
            return None;
        }
        self.enabled = patch.enabled.unwrap_or(self.enabled);
        let kind = if self.manners.transcribes {
            SessionType::Transcription
        } else {
            SessionType::Realtime
        };
        let bedside = BedsidePatch {
            vitals: Some(patch),
            ..BedsidePatch::default()
        };
        Some(ClientEventKind::SessionUpdate {
            session: Box::new(SessionPatch {
                kind,
                bedside: Some(bedside),
                ..SessionPatch::default()
            }),
        })
    }
}
