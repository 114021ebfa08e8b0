//! Sizes and rectangles, in pixels; the origin is the upper left corner.

use thiserror::Error;

/// Longest side of a picture, px. Beyond it a header is damaged or hostile, not a camera's.
pub const MAX_SIDE: u32 = 4_096;

/// Sides that no picture here has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{width}x{height} is not a size of a picture of 1 to {MAX_SIDE} px a side")]
pub struct InvalidSize {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The sides of a picture, each from 1 to [`MAX_SIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// The largest picture.
    pub const MAX: Self = Self {
        width: MAX_SIDE,
        height: MAX_SIDE,
    };

    /// Checks the sides.
    pub const fn new(width: u32, height: u32) -> Result<Self, InvalidSize> {
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return Err(InvalidSize { width, height });
        }
        Ok(Self { width, height })
    }

    /// Pixels in a row.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Rows.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Pixels in all; at most 2²⁴.
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Whether both sides are even, as halved colour planes ask for.
    pub const fn is_even(self) -> bool {
        self.width.is_multiple_of(2) && self.height.is_multiple_of(2)
    }

    /// Whether a picture of this size lies within one of size `other`.
    pub const fn fits_in(self, other: Self) -> bool {
        self.width <= other.width && self.height <= other.height
    }
}

/// A rectangle of pixels: its upper left one and its sides. It may be empty, and may reach beyond a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// Column of the first pixel.
    pub x: u32,
    /// Row of the first pixel.
    pub y: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// All of a picture.
    pub const fn whole(size: Size) -> Self {
        Self {
            x: 0,
            y: 0,
            width: size.width,
            height: size.height,
        }
    }

    /// The part of it that lies within a picture of `size`; `None` if that is empty.
    #[must_use]
    pub fn clipped(self, size: Size) -> Option<Self> {
        let width = self.width.min(size.width.saturating_sub(self.x));
        let height = self.height.min(size.height.saturating_sub(self.y));
        (width > 0 && height > 0).then_some(Self {
            width,
            height,
            ..self
        })
    }

    /// Pixels in it.
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_of_nothing_and_beyond_the_limit_are_no_size() {
        assert!(Size::new(1, MAX_SIDE).is_ok());
        for (width, height) in [(0, 4), (4, 0), (MAX_SIDE + 1, 4), (4, u32::MAX)] {
            assert_eq!(Size::new(width, height), Err(InvalidSize { width, height }));
        }
    }

    #[test]
    fn a_rectangle_is_clipped_to_the_picture() {
        let size = Size::new(10, 8).unwrap();
        let rect = |x, y, width, height| Rect { x, y, width, height };
        assert_eq!(rect(8, 6, 5, 5).clipped(size), Some(rect(8, 6, 2, 2)));
        assert_eq!(rect(10, 0, 5, 5).clipped(size), None);
        assert_eq!(rect(0, 0, 0, 5).clipped(size), None);
        assert_eq!(
            rect(1, 1, u32::MAX, u32::MAX).clipped(size),
            Some(rect(1, 1, 9, 7))
        );
    }
}
