//! From the model's numbers to faces.

use crate::anchors::anchors;
use crate::face::{Bounds, Face, Landmark, Point};

/// Numbers for each place: the middle, width and height of a box, then six landmarks.
pub(crate) const VALUES: usize = 4 + 2 * Landmark::COUNT;

/// The score from which a place is a face: what the model's authors use.
const THRESHOLD: f32 = 0.5;

/// How a picture lies in the model's square one, px of the model's picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    /// Pixels of the model's picture for each of the frame's, each way; they differ by rounding to whole pixels.
    pub(crate) scale: Point,
    /// Where the frame's upper left corner is.
    pub(crate) offset: Point,
}

impl Placement {
    fn to_frame(self, point: Point) -> Point {
        Point {
            x: (point.x - self.offset.x) / self.scale.x,
            y: (point.y - self.offset.y) / self.scale.y,
        }
    }
}

/// The places that are faces, many of them the same one. `values` are px of the model's picture of `side` px, relative to
/// the place's anchor; `scores` are log-odds.
pub(crate) fn faces(values: &[f32], scores: &[f32], side: f32, placement: Placement) -> Vec<Face> {
    let (values, _) = values.as_chunks::<VALUES>();
    let places = anchors().zip(values).zip(scores);
    let faces = places.filter_map(|((anchor, values), log_odds)| {
        let score = 1.0 / (1.0 + (-log_odds).exp());
        // Not `score < THRESHOLD`, which lets through what is no number.
        if !(score >= THRESHOLD && values.iter().all(|value| value.is_finite())) {
            return None;
        }
        let point = |x, y| Point {
            x: anchor.x * side + x,
            y: anchor.y * side + y,
        };
        let (pairs, _) = values.as_chunks::<2>();
        let [[x, y], [width, height], landmarks @ ..] = pairs else {
            return None;
        };
        let corner = |sign: f32| placement.to_frame(point(x + sign * width / 2.0, y + sign * height / 2.0));
        let (first, last) = (corner(-1.0), corner(1.0));
        let mut face = Face {
            score,
            bounds: Bounds {
                origin: first,
                width: last.x - first.x,
                height: last.y - first.y,
            },
            landmarks: [Point::default(); Landmark::COUNT],
        };
        for (landmark, [x, y]) in face.landmarks.iter_mut().zip(landmarks) {
            *landmark = placement.to_frame(point(*x, *y));
        }
        (face.bounds.width > 0.0 && face.bounds.height > 0.0).then_some(face)
    });
    faces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchors::COUNT;

    const PLACEMENT: Placement = Placement {
        scale: Point { x: 0.2, y: 0.2 },
        offset: Point { x: 0.0, y: 16.0 },
    };

    /// One place, in the middle cell of the coarse grid, with a box of 40 px and all landmarks at its middle.
    fn one_place(log_odds: f32) -> (Vec<f32>, Vec<f32>) {
        let place = 512 + 6 * (4 * 8 + 4);
        let (mut values, mut scores) = (vec![0.0; COUNT * VALUES], vec![-9.0; COUNT]);
        values[place * VALUES..][..4].copy_from_slice(&[-8.0, 0.0, 40.0, 40.0]);
        scores[place] = log_odds;
        (values, scores)
    }

    #[test]
    fn a_place_becomes_a_face_in_the_frame() {
        let (values, scores) = one_place(2.0);
        let faces = faces(&values, &scores, 128.0, PLACEMENT);
        assert_eq!(faces.len(), 1);
        assert!((faces[0].score - 0.880_8).abs() < 1e-4);
        let Bounds {
            origin,
            width,
            height,
        } = faces[0].bounds;
        let close = |a: f32, b: f32| (a - b).abs() < 1e-3;
        assert!(close(origin.x, 220.0) && close(origin.y, 180.0), "{origin:?}");
        assert!(close(width, 200.0) && close(height, 200.0));
        let nose = faces[0].landmark(Landmark::Nose);
        assert!(close(nose.x, 360.0) && close(nose.y, 280.0), "{nose:?}");
    }

    #[test]
    fn what_is_unsure_or_no_number_is_no_face() {
        for log_odds in [-0.01, f32::NAN] {
            let (values, scores) = one_place(log_odds);
            assert!(faces(&values, &scores, 128.0, PLACEMENT).is_empty());
        }
        let (values, scores) = one_place(f32::INFINITY);
        assert_eq!(faces(&values, &scores, 128.0, PLACEMENT).len(), 1);
        let broken = vec![f32::NAN; values.len()];
        assert!(faces(&broken, &scores, 128.0, PLACEMENT).is_empty());
    }
}
