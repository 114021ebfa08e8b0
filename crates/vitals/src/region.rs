//! Where on a face colour is measured, and how the box around the face is kept still.
//!
//! Small patches of bare skin carry the pulse far better than the whole box, whose hair, eyes and background move
//! against it. The patches must not move with the noise of the detector: each step is a step in their mean colour.

use std::collections::VecDeque;

/// A rectangle in pixels of the frame; `x` and `y` are of its left upper corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceBox {
    /// Distance from the left edge of the frame.
    pub x: f32,
    /// Distance from the upper edge of the frame.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl FaceBox {
    /// The middle of the box.
    pub fn centre(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// A patch of skin, named from the viewer's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// Between the hair and the brows.
    Forehead,
    /// Beside the nose on the left of the picture, above a beard.
    LeftCheek,
    /// Its mirror image.
    RightCheek,
}

impl Region {
    /// Every region, in the order of [`crate::sample::Colours`].
    pub const ALL: [Self; 3] = [Self::Forehead, Self::LeftCheek, Self::RightCheek];

    /// The patch in a box that spans the face from the hairline to the chin, as detectors give it.
    pub fn within(self, face: &FaceBox) -> FaceBox {
        let [left, top, right, bottom] = match self {
            Self::Forehead => [0.27, 0.09, 0.73, 0.24],
            Self::LeftCheek => [0.12, 0.47, 0.36, 0.66],
            Self::RightCheek => [0.64, 0.47, 0.88, 0.66],
        };
        FaceBox {
            x: face.x + left * face.width,
            y: face.y + top * face.height,
            width: (right - left) * face.width,
            height: (bottom - top) * face.height,
        }
    }
}

/// Keeps the box still until the face has truly moved.
///
/// The median of the last three detections is compared with the box held; it replaces it only beyond a dead-band of
/// 12 % of the box in place or 20 % in size. Detectors wander by 3–4 % on a face that sits still.
#[derive(Debug, Clone, Default)]
pub struct BoxHold {
    recent: VecDeque<FaceBox>,
    held: Option<FaceBox>,
}

impl BoxHold {
    const DETECTIONS: usize = 3;
    const PLACE: f32 = 0.12;
    const SIZE: f32 = 0.2;

    /// Takes a detection and returns the box to measure in.
    pub fn push(&mut self, detection: FaceBox) -> FaceBox {
        if self.recent.len() == Self::DETECTIONS {
            self.recent.pop_front();
        }
        self.recent.push_back(detection);
        let Some(held) = self.held else {
            self.held = Some(detection);
            return detection;
        };
        let typical = FaceBox {
            x: self.median(|face| face.x),
            y: self.median(|face| face.y),
            width: self.median(|face| face.width),
            height: self.median(|face| face.height),
        };
        let ((new_x, new_y), (old_x, old_y)) = (typical.centre(), held.centre());
        let moved = ((new_x - old_x).abs() / held.width).max((new_y - old_y).abs() / held.height);
        let resized = (typical.width / held.width - 1.0)
            .abs()
            .max((typical.height / held.height - 1.0).abs());
        let chosen = if moved > Self::PLACE || resized > Self::SIZE {
            typical
        } else {
            held
        };
        self.held = Some(chosen);
        chosen
    }

    /// The box to measure in; absent before the first detection and after [`BoxHold::release`].
    pub fn held(&self) -> Option<FaceBox> {
        self.held
    }

    /// Forgets the face: it left the frame.
    pub fn release(&mut self) {
        self.recent.clear();
        self.held = None;
    }

    fn median(&self, side: impl Fn(&FaceBox) -> f32) -> f32 {
        let mut sides: Vec<f32> = self.recent.iter().map(side).collect();
        sides.sort_by(f32::total_cmp);
        let (lower, upper) = (sides[(sides.len() - 1) / 2], sides[sides.len() / 2]);
        f32::midpoint(lower, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, width: f32) -> FaceBox {
        FaceBox {
            x,
            y: 50.0,
            width,
            height: 150.0,
        }
    }

    #[test]
    fn the_noise_of_a_detector_does_not_move_the_box() {
        let mut hold = BoxHold::default();
        let first = hold.push(face(100.0, 100.0));
        for (x, width) in [(104.0, 97.0), (93.0, 110.0), (140.0, 90.0), (101.0, 104.0)] {
            assert_eq!(hold.push(face(x, width)), first);
        }
    }

    #[test]
    fn a_face_that_moved_is_followed_at_its_second_sight() {
        let mut hold = BoxHold::default();
        hold.push(face(100.0, 100.0));
        hold.push(face(100.0, 100.0));
        assert!((hold.push(face(160.0, 100.0)).x - 100.0).abs() < 1e-3);
        assert!((hold.push(face(160.0, 100.0)).x - 160.0).abs() < 1e-3);
    }

    #[test]
    fn regions_lie_within_the_face_and_apart() {
        let face = face(100.0, 100.0);
        let [forehead, left, right] = Region::ALL.map(|region| region.within(&face));
        assert!(forehead.y > face.y && forehead.y + forehead.height < left.y);
        assert!(left.x > face.x && left.x + left.width < right.x && right.x + right.width < 200.0);
    }

    #[test]
    fn a_face_that_left_is_forgotten() {
        let mut hold = BoxHold::default();
        hold.push(face(100.0, 100.0));
        hold.release();
        assert_eq!(hold.held(), None);
        assert_eq!(hold.push(face(110.0, 100.0)), face(110.0, 100.0));
    }
}
