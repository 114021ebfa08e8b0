//! What is known of a face.

/// A face's proportions, in distances between the pupils: how far below them the mouth is and above them the hairline, how
/// wide the face is, and how high from hairline to chin.
const MOUTH: f32 = 1.1;
const HAIRLINE: f32 = 1.38;
const WIDTH: f32 = 1.95;
const HEIGHT: f32 = 3.36;

/// A place in a picture, px from its upper left corner, with fractions; it may lie beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// A box around a face, from the brows to the chin; px with fractions. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Its upper left corner.
    pub origin: Point,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

impl Bounds {
    /// Its middle.
    pub fn centre(self) -> Point {
        Point {
            x: self.origin.x + self.width / 2.0,
            y: self.origin.y + self.height / 2.0,
        }
    }

    /// Its area, px².
    pub fn area(self) -> f32 {
        self.width * self.height
    }

    /// The area two boxes share, as a part of the area they cover together: 0 to 1.
    #[must_use]
    pub fn overlap(self, other: Self) -> f32 {
        let shared =
            |a: f32, a_len: f32, b: f32, b_len: f32| ((a + a_len).min(b + b_len) - a.max(b)).max(0.0);
        let (a, b) = (self.origin, other.origin);
        let both = shared(a.x, self.width, b.x, other.width) * shared(a.y, self.height, b.y, other.height);
        let either = self.area() + other.area() - both;
        if either > 0.0 { both / either } else { 0.0 }
    }
}

/// Places of a face that the model points out, in the order it does; left and right are the face's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Landmark {
    RightEye,
    LeftEye,
    Nose,
    Mouth,
    RightEar,
    LeftEar,
}

impl Landmark {
    /// How many there are.
    pub const COUNT: usize = 6;
}

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// How sure the model is, 0.5 to 1.
    pub score: f32,
    /// Where it is.
    pub bounds: Bounds,
    /// Where its parts are; ask with [`Face::landmark`].
    pub landmarks: [Point; Landmark::COUNT],
}

impl Face {
    /// Where a part is. One that cannot be seen is guessed.
    pub fn landmark(&self, landmark: Landmark) -> Point {
        self.landmarks[landmark as usize]
    }

    /// The face from the hairline to the chin and from cheek to cheek, upright, by its eyes and mouth.
    ///
    /// [`Face::bounds`] begins at the brows and is as wide as it is high: its parts are other parts on a narrow face than
    /// on a wide one. The proportions are those of adults seen from the front. Of the distance between the eyes and that
    /// from them to the mouth the larger counts, as turning the head shortens one and nodding the other.
    pub fn outline(&self) -> Bounds {
        let [right, left, mouth] =
            [Landmark::RightEye, Landmark::LeftEye, Landmark::Mouth].map(|part| self.landmark(part));
        let eyes = Point {
            x: f32::midpoint(right.x, left.x),
            y: f32::midpoint(right.y, left.y),
        };
        let between = (left.x - right.x).hypot(left.y - right.y);
        let to_mouth = (mouth.x - eyes.x).hypot(mouth.y - eyes.y);
        let unit = between.max(to_mouth / MOUTH);
        Bounds {
            origin: Point {
                x: eyes.x - WIDTH / 2.0 * unit,
                y: eyes.y - HAIRLINE * unit,
            },
            width: WIDTH * unit,
            height: HEIGHT * unit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(x: f32, y: f32, width: f32, height: f32) -> Bounds {
        Bounds {
            origin: Point { x, y },
            width,
            height,
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "these come out exactly")]
    fn overlap_is_what_is_shared_of_what_is_covered() {
        let square = bounds(0.0, 0.0, 4.0, 4.0);
        assert_eq!(square.overlap(square), 1.0);
        assert_eq!(square.overlap(bounds(2.0, 0.0, 4.0, 4.0)), 8.0 / 24.0);
        assert_eq!(square.overlap(bounds(1.0, 1.0, 2.0, 2.0)), 4.0 / 16.0);
        assert_eq!(square.overlap(bounds(4.0, 4.0, 4.0, 4.0)), 0.0);
        assert_eq!(Bounds::default().overlap(Bounds::default()), 0.0);
    }

    #[test]
    fn the_outline_keeps_its_size_when_the_head_turns() {
        let face = |eyes: [f32; 2], mouth: f32| {
            let mut landmarks = [Point { x: 100.0, y: 80.0 }; Landmark::COUNT];
            (landmarks[0].x, landmarks[1].x) = (eyes[0], eyes[1]);
            landmarks[Landmark::Mouth as usize].y = mouth;
            Face {
                score: 1.0,
                bounds: Bounds::default(),
                landmarks,
            }
        };
        let front = face([80.0, 120.0], 124.0).outline();
        assert!(
            (front.width - 78.0).abs() < 0.1 && (front.height - 134.4).abs() < 0.1,
            "{front:?}"
        );
        assert!(
            (front.centre().x - 100.0).abs() < 0.1 && (front.origin.y - 24.8).abs() < 0.1,
            "{front:?}"
        );
        let (turned, nodding) = (
            face([85.0, 115.0], 124.0).outline(),
            face([80.0, 120.0], 112.0).outline(),
        );
        assert!((turned.width - front.width).abs() < 0.1 && (nodding.width - front.width).abs() < 0.1);
    }
}
