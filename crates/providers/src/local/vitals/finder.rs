//! Where the patient's face is, from frame to frame.

use std::time::Duration;

use bedside_inference::model::ModelError;
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::Size;
use bedside_sight::{Bounds, Face, FaceDetector, FaceModel};
use bedside_vitals::{BoxHold, CaptureTime, FaceBox};

/// Between detections, on capture time: often enough to follow a head, and a tenth of a frame's cost at 30 frames a
/// second.
const EVERY: Duration = Duration::from_millis(500);

/// Detections in a row without the face that was followed, after which it is gone. One miss is the detector's.
const MISSES: u32 = 2;

/// A face in the place of the one before it: the part of the area the two cover that they share.
const SAME: f32 = 0.1;

/// Follows one face: of several the largest, until it is gone or the view changes, which is known by the picture's size.
#[derive(Debug)]
pub(super) struct Finder {
    detector: FaceDetector,
    size: Option<Size>,
    hold: BoxHold,
    due: Option<CaptureTime>,
    followed: Option<Bounds>,
    misses: u32,
}

/// Where the face is in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Found {
    /// The box to measure in.
    pub(super) held: FaceBox,
    /// What was detected in this very frame, if the detector ran.
    pub(super) detected: Option<FaceBox>,
}

impl Finder {
    pub(super) fn new(model: &FaceModel) -> Self {
        Self {
            detector: model.open(),
            size: None,
            hold: BoxHold::default(),
            due: None,
            followed: None,
            misses: 0,
        }
    }

    /// The face in a frame captured `at`; `None` from the first detection that missed it.
    pub(super) fn find(
        &mut self,
        frame: &FrameView<'_>,
        at: CaptureTime,
    ) -> Result<Option<Found>, ModelError> {
        if self.size != Some(frame.size()) {
            self.size = Some(frame.size());
            self.due = None;
            self.forget();
        }
        if !is_due(self.due, at) {
            let held = self.hold.held().filter(|_| self.misses == 0);
            return Ok(held.map(|held| Found { held, detected: None }));
        }
        self.due = Some(at.after(EVERY));
        let faces = self.detector.detect(frame)?;
        Ok(self.follow(&faces).map(|face| {
            let detected = face_box(face.outline());
            Found {
                held: self.hold.push(detected),
                detected: Some(detected),
            }
        }))
    }

    fn follow(&mut self, faces: &[Face]) -> Option<Face> {
        let face = pick(faces, self.followed).or_else(|| {
            self.misses += 1;
            if self.misses < MISSES {
                return None;
            }
            self.forget();
            pick(faces, None)
        })?;
        self.misses = 0;
        self.followed = Some(face.bounds);
        Some(face)
    }

    fn forget(&mut self) {
        self.hold.release();
        self.followed = None;
    }
}

/// Whether to detect in a frame captured `at`: from `due` on, and whenever the clock was set back.
fn is_due(due: Option<CaptureTime>, at: CaptureTime) -> bool {
    due.is_none_or(|due| at >= due || due.since(at) > EVERY)
}

/// The largest face, or the one in the place of the face that is `followed`.
fn pick(faces: &[Face], followed: Option<Bounds>) -> Option<Face> {
    let size = |face: &&Face| match followed {
        None => face.bounds.area(),
        Some(followed) => face.bounds.overlap(followed),
    };
    let best = faces.iter().max_by(|a, b| size(a).total_cmp(&size(b)))?;
    followed
        .is_none_or(|followed| best.bounds.overlap(followed) >= SAME)
        .then_some(*best)
}

fn face_box(bounds: Bounds) -> FaceBox {
    FaceBox {
        x: bounds.origin.x,
        y: bounds.origin.y,
        width: bounds.width,
        height: bounds.height,
    }
}

#[cfg(test)]
mod tests {
    use bedside_sight::{Landmark, Point};

    use super::*;

    fn face(x: f32, side: f32) -> Face {
        Face {
            score: 0.9,
            bounds: Bounds {
                origin: Point { x, y: 0.0 },
                width: side,
                height: side,
            },
            landmarks: [Point::default(); Landmark::COUNT],
        }
    }

    #[test]
    fn the_face_that_is_followed_wins_over_a_larger_one() {
        let (small, large) = (face(0.0, 50.0), face(100.0, 90.0));
        assert_eq!(pick(&[small, large], None), Some(large));
        assert_eq!(pick(&[large, small], Some(face(10.0, 50.0).bounds)), Some(small));
        assert_eq!(pick(&[large], Some(small.bounds)), None);
        assert_eq!(pick(&[], None), None);
    }

    #[test]
    fn a_detection_is_due_at_its_time_and_when_the_clock_was_set_back() {
        let at = CaptureTime::from_micros;
        let due = Some(at(10_000_000));
        assert_eq!(
            [9_500_000, 9_999_999, 10_000_000, u64::MAX, 9_499_999, 0].map(|micros| is_due(due, at(micros))),
            [false, false, true, true, true, true]
        );
        assert!(is_due(None, at(0)) && is_due(Some(at(u64::MAX).after(EVERY)), at(0)));
    }
}
