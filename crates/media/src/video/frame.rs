//! A picture and the moment it was captured.

use thiserror::Error;

use super::colour::Range;
use super::geometry::{Rect, Size};

/// Why bytes are not the picture they are said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// There are more or fewer bytes than the picture has.
    #[error("the picture has {expected} bytes, got {got}")]
    Length {
        /// Bytes of the picture.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// A plane ends before its last pixel.
    #[error("a plane has {expected} bytes at least, got {got}")]
    PlaneLength {
        /// Bytes to its last pixel.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// Rows overlap.
    #[error("rows of {row} bytes cannot begin every {stride} bytes")]
    Stride {
        /// Bytes of a row.
        row: usize,
        /// Bytes from row to row.
        stride: usize,
    },
    /// Colour at half the resolution needs even sides.
    #[error("{width}x{height} has an odd side")]
    OddSide {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

/// What the bytes of an interleaved pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Red, green, blue.
    Rgb8,
    /// Red, green, blue, and an opacity that is not looked at.
    Rgba8,
    /// Luma and two chromas, full range, as JPEG decodes without conversion.
    YCbCr8,
    /// Luma alone, full range.
    Grey8,
}

impl Layout {
    /// Bytes of a pixel.
    pub const fn channels(self) -> usize {
        match self {
            Self::Rgb8 | Self::YCbCr8 => 3,
            Self::Rgba8 => 4,
            Self::Grey8 => 1,
        }
    }
}

/// Rows of bytes, `stride` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plane<'a> {
    /// The bytes, from the first row's first.
    pub data: &'a [u8],
    /// Bytes from the beginning of a row to that of the next.
    pub stride: usize,
}

impl<'a> Plane<'a> {
    /// Checks that `height` rows of `row` bytes lie in it.
    fn checked(self, row: usize, height: usize) -> Result<Self, FrameError> {
        let (stride, got) = (self.stride, self.data.len());
        if stride < row {
            return Err(FrameError::Stride { row, stride });
        }
        match stride.checked_mul(height - 1).and_then(|n| n.checked_add(row)) {
            Some(expected) if expected <= got => Ok(self),
            expected => Err(FrameError::PlaneLength {
                expected: expected.unwrap_or(usize::MAX),
                got,
            }),
        }
    }

    /// The bytes of `rect`, row by row, where a pixel has `channels` bytes. Rows without a gap come as one.
    pub(super) fn rows(self, rect: Rect, channels: usize) -> impl Iterator<Item = &'a [u8]> {
        let row = rect.width as usize * channels;
        let start = rect.y as usize * self.stride + rect.x as usize * channels;
        let (row, height) = if row == self.stride {
            (row * rect.height as usize, 1)
        } else {
            (row, rect.height as usize)
        };
        (0..height).map_while(move |y| self.data[start..].get(y * self.stride..)?.get(..row))
    }
}

/// How the pixels of a frame lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels<'a> {
    /// All channels of a pixel side by side.
    Packed {
        /// What they are.
        layout: Layout,
        /// Where they are.
        plane: Plane<'a>,
    },
    /// A plane of luma, and two planes of chroma with a sample for each 2×2 pixels.
    I420 {
        /// Y, Cb, Cr.
        planes: [Plane<'a>; 3],
        /// What the numbers span.
        range: Range,
    },
}

/// A picture as it lies in the buffer it was received or decoded in, and when it was captured.
///
/// The constructors check once that all pixels are there; nothing that reads a view can fail after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameView<'a> {
    size: Size,
    captured_us: u64,
    pixels: Pixels<'a>,
}

impl<'a> FrameView<'a> {
    /// Interleaved pixels, row after row without a gap. `captured_us` is in microseconds of the sender's clock.
    pub fn packed(layout: Layout, data: &'a [u8], size: Size, captured_us: u64) -> Result<Self, FrameError> {
        let expected = size.pixels() * layout.channels();
        exactly(expected, data)?;
        let stride = expected / size.height() as usize;
        Self::packed_plane(layout, Plane { data, stride }, size, captured_us)
    }

    /// Interleaved pixels whose rows may have gaps between them.
    pub fn packed_plane(
        layout: Layout,
        plane: Plane<'a>,
        size: Size,
        captured_us: u64,
    ) -> Result<Self, FrameError> {
        let plane = plane.checked(size.width() as usize * layout.channels(), size.height() as usize)?;
        Ok(Self {
            size,
            captured_us,
            pixels: Pixels::Packed { layout, plane },
        })
    }

    /// The planes Y, Cb and Cr one after another without gaps. `captured_us` is in microseconds of the sender's clock.
    pub fn i420(data: &'a [u8], size: Size, range: Range, captured_us: u64) -> Result<Self, FrameError> {
        even(size)?;
        exactly(size.pixels() * 3 / 2, data)?;
        let (y, chroma) = data.split_at(size.pixels());
        let (cb, cr) = chroma.split_at(size.pixels() / 4);
        let width = size.width() as usize;
        let planes = [(y, width), (cb, width / 2), (cr, width / 2)];
        let planes = planes.map(|(data, stride)| Plane { data, stride });
        Self::i420_planes(planes, size, range, captured_us)
    }

    /// The planes Y, Cb and Cr, wherever they lie.
    pub fn i420_planes(
        [y, cb, cr]: [Plane<'a>; 3],
        size: Size,
        range: Range,
        captured_us: u64,
    ) -> Result<Self, FrameError> {
        even(size)?;
        let (width, height) = (size.width() as usize, size.height() as usize);
        let half = |plane: Plane<'a>| plane.checked(width / 2, height / 2);
        let planes = [y.checked(width, height)?, half(cb)?, half(cr)?];
        Ok(Self {
            size,
            captured_us,
            pixels: Pixels::I420 { planes, range },
        })
    }

    /// Its sides.
    pub fn size(&self) -> Size {
        self.size
    }

    /// When it was captured, in microseconds of the sender's clock.
    pub fn captured_us(&self) -> u64 {
        self.captured_us
    }

    /// The same picture, captured at another time: for streams whose times are told beside them.
    #[must_use]
    pub fn captured_at(self, captured_us: u64) -> Self {
        Self { captured_us, ..self }
    }

    /// Its pixels.
    pub fn pixels(&self) -> Pixels<'a> {
        self.pixels
    }
}

fn exactly(expected: usize, data: &[u8]) -> Result<(), FrameError> {
    match data.len() {
        got if got != expected => Err(FrameError::Length { expected, got }),
        _ => Ok(()),
    }
}

fn even(size: Size) -> Result<(), FrameError> {
    if size.is_even() {
        return Ok(());
    }
    Err(FrameError::OddSide {
        width: size.width(),
        height: size.height(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    #[test]
    fn a_picture_has_exactly_its_bytes() {
        for (layout, expected) in [
            (Layout::Rgb8, 36),
            (Layout::YCbCr8, 36),
            (Layout::Rgba8, 48),
            (Layout::Grey8, 12),
        ] {
            assert!(FrameView::packed(layout, &vec![0; expected], size(4, 3), 0).is_ok());
            for got in [expected - 1, expected + 1, 0] {
                let data = vec![0; got];
                let refused = FrameView::packed(layout, &data, size(4, 3), 0);
                assert_eq!(refused, Err(FrameError::Length { expected, got }));
            }
        }
        assert!(FrameView::i420(&[0; 24], size(4, 4), Range::Full, 0).is_ok());
        let refused = FrameView::i420(&[0; 23], size(4, 4), Range::Full, 0);
        assert_eq!(
            refused,
            Err(FrameError::Length {
                expected: 24,
                got: 23
            })
        );
    }

    #[test]
    fn halved_colour_needs_even_sides() {
        for (width, height) in [(3, 4), (4, 3)] {
            let refused = FrameView::i420(&[0; 18], size(width, height), Range::Limited, 0);
            assert_eq!(refused, Err(FrameError::OddSide { width, height }));
        }
    }

    #[test]
    fn a_gap_after_the_last_row_may_be_missing() {
        let plane = |len, stride| Plane {
            data: &[0; 100][..len],
            stride,
        };
        let view = |plane| FrameView::packed_plane(Layout::Rgb8, plane, size(3, 4), 0);
        assert!(view(plane(39, 10)).is_ok());
        assert_eq!(
            view(plane(38, 10)),
            Err(FrameError::PlaneLength {
                expected: 39,
                got: 38
            })
        );
        assert_eq!(view(plane(100, 8)), Err(FrameError::Stride { row: 9, stride: 8 }));
        let endless = usize::MAX / 2;
        let refused = view(plane(100, endless));
        assert_eq!(
            refused,
            Err(FrameError::PlaneLength {
                expected: usize::MAX,
                got: 100
            })
        );
    }

    #[test]
    fn rows_without_gaps_come_as_one() {
        let data: Vec<u8> = (0..60).collect();
        let rect = Rect {
            x: 0,
            y: 1,
            width: 4,
            height: 2,
        };
        let rows = |stride| -> Vec<&[u8]> { Plane { data: &data, stride }.rows(rect, 3).collect() };
        assert_eq!(rows(12), [&data[12..36]]);
        assert_eq!(rows(15), [&data[15..27], &data[30..42]]);
    }
}
