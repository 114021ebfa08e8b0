//! Whether a face is there, how it moves and how it is lit: what a patient can mend.

use std::collections::VecDeque;
use std::time::Duration;

use crate::region::FaceBox;
use crate::sample::{CaptureTime, Face};

/// How long a face may be missing before it counts as gone: one miss of a detector that runs twice a second.
const LOST_AFTER: Duration = Duration::from_millis(700);

/// How far back motion is looked for.
const MEMORY: Duration = Duration::from_millis(1_500);

/// Frames remembered at most: [`MEMORY`] at 60 frames a second.
const CAPACITY: usize = 90;

/// The step of the box between detections, as a part of its width, that noise of the detector makes, and the step at
/// which motion is full.
const BOX_STEP: [f32; 2] = [0.04, 0.2];

/// The relative spread of brightness that is none, and the one at which motion is full.
const BRIGHTNESS_SPREAD: [f32; 2] = [0.01, 0.06];

/// Motion from which the patient is asked to hold still.
const RESTLESS: f32 = 0.5;

/// Brightness (0–1) below which the patient is asked for light.
const DIM: f32 = 0.2;

/// Pixels a face must be wide for its regions to average the noise of a camera away; and the part of the picture, from
/// which on it is the picture that is small, as where the face was cut out and made smaller, which averages too.
const NARROW: f32 = 64.0;
const NARROW_PART: f32 = 0.25;

/// What the patient should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guidance {
    /// Go on.
    Ok,
    /// Come nearer: the face is small.
    MoveCloser,
    /// Hold still.
    HoldStill,
    /// Turn on a light.
    MoreLight,
    /// Look into the camera: there is no face.
    FaceNotFound,
}

/// A face that is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceState {
    /// Where it is; absent if the whole frame is the face, or it was not found yet since the view changed.
    pub bounds: Option<FaceBox>,
    /// Whether it has too few pixels.
    pub narrow: bool,
    /// How much it moved in the last second and a half: 0 not at all, 1 too much for anything.
    pub motion: f32,
    /// The mean of its channels, 0–1.
    pub brightness: f32,
}

/// Follows the face from frame to frame.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    seen: Option<CaptureTime>,
    bounds: Option<FaceBox>,
    sides: [u32; 2],
    /// Of the newest face.
    level: f32,
    levels: VecDeque<(CaptureTime, f32)>,
    detections: VecDeque<(CaptureTime, FaceBox)>,
}

impl Presence {
    /// Takes a face that was seen.
    pub fn see(&mut self, captured: CaptureTime, face: &Face) {
        self.seen = Some(captured);
        if face.held != self.bounds {
            // Other skin has another level, which is no motion; that the box moved shows in the detections.
            self.levels.clear();
            self.bounds = face.held;
        }
        self.level = face.colours.iter().flatten().sum::<f32>() / 9.0;
        remember(&mut self.levels, captured, self.level);
        if let Some(detected) = face.detected {
            remember(&mut self.detections, captured, detected);
        }
    }

    /// What follows shows the same in pictures of other `sides`: places, and levels of other skin, cannot be compared.
    pub fn change_view(&mut self, sides: [u32; 2]) {
        self.sides = sides;
        self.bounds = None;
        self.levels.clear();
        self.detections.clear();
    }

    /// Whether at `now` there is no face, and has not been for long enough to say so.
    pub fn lost(&self, now: CaptureTime) -> bool {
        self.seen.is_none_or(|seen| now.since(seen) > LOST_AFTER)
    }

    /// Forgets the face.
    pub fn forget(&mut self) {
        *self = Self {
            sides: self.sides,
            ..Self::default()
        };
    }

    /// How the face looks at `now`; absent if it is lost.
    pub fn state(&self, now: CaptureTime) -> Option<FaceState> {
        if self.lost(now) {
            return None;
        }
        let least = NARROW.min(NARROW_PART * self.sides[0] as f32);
        Some(FaceState {
            bounds: self.bounds,
            narrow: self.bounds.is_some_and(|bounds| bounds.width < least),
            motion: self.motion(),
            brightness: self.level / 255.0,
        })
    }

    fn motion(&self) -> f32 {
        let steps = self
            .detections
            .iter()
            .zip(self.detections.iter().skip(1))
            .map(|((_, from), (_, to))| {
                let ((from_x, from_y), (to_x, to_y)) = (from.centre(), to.centre());
                (to_x - from_x).hypot(to_y - from_y) / from.width.max(1.0)
            });
        let count = self.levels.len().max(1) as f32;
        let mean = self.levels.iter().map(|(_, level)| level).sum::<f32>() / count;
        let variance = self
            .levels
            .iter()
            .map(|(_, level)| (level - mean).powi(2))
            .sum::<f32>()
            / count;
        let spread = variance.sqrt() / mean.max(1.0);
        between(steps.fold(0.0, f32::max), BOX_STEP).max(between(spread, BRIGHTNESS_SPREAD))
    }
}

impl FaceState {
    /// Whether it moves too much for the pulse to be seen.
    pub fn restless(&self) -> bool {
        self.motion >= RESTLESS
    }
}

/// What the patient should do, given the `face`.
pub fn guide(face: Option<&FaceState>) -> Guidance {
    match face {
        None => Guidance::FaceNotFound,
        Some(face) if face.brightness < DIM => Guidance::MoreLight,
        Some(face) if face.narrow => Guidance::MoveCloser,
        Some(face) if face.restless() => Guidance::HoldStill,
        Some(_) => Guidance::Ok,
    }
}

fn remember<T>(queue: &mut VecDeque<(CaptureTime, T)>, now: CaptureTime, item: T) {
    while queue
        .front()
        .is_some_and(|(then, _)| now.since(*then) > MEMORY || queue.len() >= CAPACITY)
    {
        queue.pop_front();
    }
    queue.push_back((now, item));
}

/// Where `value` lies between `none` (0) and `full` (1).
fn between(value: f32, [none, full]: [f32; 2]) -> f32 {
    ((value - none) / (full - none)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> CaptureTime {
        CaptureTime::from_micros(millis * 1_000)
    }

    fn face(x: f32, width: f32, level: f32) -> Face {
        let bounds = FaceBox {
            x,
            y: 40.0,
            width,
            height: 1.3 * width,
        };
        Face {
            colours: [[level; 3]; 3],
            held: None,
            detected: Some(bounds),
        }
        .held_in(bounds)
    }

    impl Face {
        fn held_in(self, bounds: FaceBox) -> Self {
            Self {
                held: Some(FaceBox { x: 100.0, ..bounds }),
                ..self
            }
        }
    }

    fn watch(faces: impl Fn(u64) -> Face) -> (Presence, Option<FaceState>) {
        let mut presence = Presence::default();
        presence.change_view([640, 480]);
        for frame in 0..60 {
            presence.see(at(frame * 33), &faces(frame));
        }
        let state = presence.state(at(2_000));
        (presence, state)
    }

    #[test]
    fn a_patient_is_told_what_to_mend() {
        let sway = |frame: u64| 100.0 + 30.0 * (frame as f32 * 0.8).sin();
        let told = |faces: &dyn Fn(u64) -> Face| guide(watch(faces).1.as_ref());
        assert_eq!(told(&|_| face(100.0, 120.0, 130.0)), Guidance::Ok);
        assert_eq!(told(&|_| face(100.0, 40.0, 130.0)), Guidance::MoveCloser);
        assert_eq!(told(&|_| face(100.0, 120.0, 30.0)), Guidance::MoreLight);
        assert_eq!(
            told(&|frame| face(sway(frame), 120.0, 130.0)),
            Guidance::HoldStill
        );
        assert_eq!(
            told(&|frame| face(100.0, 120.0, sway(frame))),
            Guidance::HoldStill
        );
        assert_eq!(guide(None), Guidance::FaceNotFound);
    }

    #[test]
    fn a_face_is_far_away_in_a_large_picture_and_not_in_a_small_one() {
        let told = |sides: [u32; 2]| {
            let mut presence = Presence::default();
            presence.change_view(sides);
            presence.see(at(0), &face(100.0, 30.0, 130.0));
            guide(presence.state(at(0)).as_ref())
        };
        assert_eq!(told([640, 480]), Guidance::MoveCloser);
        assert_eq!(told([72, 72]), Guidance::Ok);
    }

    #[test]
    fn one_missed_detection_is_no_loss_and_a_second_one_is() {
        let (presence, state) = watch(|_| face(100.0, 120.0, 130.0));
        assert!(state.is_some_and(|state| state.motion < 0.05));
        assert!(!presence.lost(at(1_947 + 600)) && presence.lost(at(1_947 + 1_000)));
        assert!(Presence::default().lost(at(0)));
    }

    #[test]
    fn memory_is_bounded_whatever_the_frame_rate() {
        let mut presence = Presence::default();
        for micros in 0..10_000 {
            presence.see(CaptureTime::from_micros(micros), &face(100.0, 120.0, 130.0));
        }
        assert!(presence.levels.len() <= CAPACITY && presence.detections.len() <= CAPACITY);
    }
}
