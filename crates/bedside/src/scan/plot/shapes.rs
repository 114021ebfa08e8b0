//! A drawing: lines, dots and words in places, before it is a file of any kind.

/// A colour: red, green, blue.
pub(super) type Colour = [u8; 3];

pub(super) const INK: Colour = [33, 37, 41];
pub(super) const QUIET: Colour = [108, 117, 125];
pub(super) const RULE: Colour = [222, 226, 230];
pub(super) const PULSE: Colour = [200, 30, 60];
pub(super) const REFUSED: Colour = [173, 181, 189];
pub(super) const PAPER: Colour = [255, 255, 255];

/// px from the upper left corner.
pub(super) type Place = [f32; 2];

/// Height of every word, px.
pub(super) const TEXT: f32 = 16.0;

/// Which part of a word its place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Line {
        places: Vec<Place>,
        width: f32,
        colour: Colour,
    },
    Dot {
        place: Place,
        radius: f32,
        colour: Colour,
    },
    /// The place is on the line that letters stand on.
    Text {
        place: Place,
        anchor: Anchor,
        colour: Colour,
        text: String,
    },
}

/// Shapes, the later over the earlier, on paper of so many px.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawing {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) shapes: Vec<Shape>,
}
