//! One face out of the many places that saw it.

use crate::face::{Face, Point};

/// Boxes that share this much are of one face: what the model's authors use.
const SAME: f32 = 0.3;

/// Joins places that overlap, surest first, into their mean weighted by score.
///
/// The mean trembles less from frame to frame than the surest place alone, as the authors of `BlazeFace` found (2019,
/// section 3.3).
pub(crate) fn join(mut places: Vec<Face>) -> Vec<Face> {
    places.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(surest) = places.first().copied() {
        let (same, others): (Vec<Face>, Vec<Face>) = places
            .into_iter()
            .partition(|place| *place == surest || place.bounds.overlap(surest.bounds) >= SAME);
        faces.push(mean(&same, surest));
        places = others;
    }
    faces
}

/// The mean of places weighted by score, with the score of the surest one.
fn mean(places: &[Face], surest: Face) -> Face {
    let total: f32 = places.iter().map(|place| place.score).sum();
    let weighted =
        |of: &dyn Fn(&Face) -> f32| places.iter().map(|place| of(place) * place.score).sum::<f32>() / total;
    let point = |of: &dyn Fn(&Face) -> Point| Point {
        x: weighted(&|face| of(face).x),
        y: weighted(&|face| of(face).y),
    };
    let mut face = surest;
    face.bounds.origin = point(&|face| face.bounds.origin);
    face.bounds.width = weighted(&|face| face.bounds.width);
    face.bounds.height = weighted(&|face| face.bounds.height);
    for (index, landmark) in face.landmarks.iter_mut().enumerate() {
        *landmark = point(&|face| face.landmarks[index]);
    }
    face
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Bounds, Landmark};

    fn place(x: f32, score: f32) -> Face {
        let origin = Point { x, y: 0.0 };
        Face {
            score,
            bounds: Bounds {
                origin,
                width: 10.0,
                height: 10.0,
            },
            landmarks: [origin; Landmark::COUNT],
        }
    }

    #[test]
    fn places_of_one_face_are_joined_by_their_weight() {
        let faces = join(vec![place(2.0, 0.6), place(0.0, 0.9), place(50.0, 0.7)]);
        let [first, second] = faces[..] else {
            panic!("{faces:?}")
        };
        assert_eq!((first.score, second), (0.9, place(50.0, 0.7)));
        assert!((first.bounds.origin.x - 0.8).abs() < 1e-5);
        assert!((first.landmark(Landmark::LeftEar).x - 0.8).abs() < 1e-5);
    }

    #[test]
    fn no_places_are_no_faces() {
        assert_eq!(join(Vec::new()), []);
    }
}
