//! A region of a frame as a small RGB picture, for models that look at faces.

use super::colour::{Range, Rgb};
use super::frame::{FrameView, Layout, Pixels, Plane};
use super::geometry::{Rect, Size};

/// Makes RGB pictures of one size, in a buffer of its own that is used again.
///
/// Each pixel is the mean of a box of source pixels, of whole pixels alone; where the source is smaller than the picture,
/// its nearest pixel. That is sharp enough to find a face and blurs away noise and compression.
#[derive(Debug)]
pub struct Shrinker {
    size: Size,
    /// One row of boxes, summed downwards: a number for each channel of each source column.
    columns: Vec<u32>,
    pixels: Vec<u8>,
}

impl Shrinker {
    /// For pictures of `size`.
    pub fn new(size: Size) -> Self {
        Self {
            size,
            columns: Vec::new(),
            pixels: vec![0; size.pixels() * 3],
        }
    }

    /// The size of the pictures.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The part of `region` within the frame, stretched to the size: RGB, row after row without a gap. `None` if no part
    /// is within.
    pub fn shrink(&mut self, frame: &FrameView<'_>, region: Rect) -> Option<&[u8]> {
        let region = region.clipped(frame.size())?;
        let width = self.size.width() as usize;
        for (row, out) in (0..self.size.height()).zip(self.pixels.chunks_exact_mut(width * 3)) {
            let (y, height) = span(row, self.size.height(), region.y, region.height);
            let boxes = Rect { y, height, ..region };
            let columns = &mut self.columns;
            match frame.pixels() {
                Pixels::Packed { layout, plane } => match layout {
                    Layout::Rgb8 => {
                        Boxes::<3>::of(plane, boxes, columns).write(out, |[r, g, b]| Rgb { r, g, b });
                    }
                    Layout::Rgba8 => {
                        Boxes::<4>::of(plane, boxes, columns).write(out, |[r, g, b, _]| Rgb { r, g, b });
                    }
                    Layout::YCbCr8 => Boxes::<3>::of(plane, boxes, columns)
                        .write(out, |[y, cb, cr]| Range::Full.to_rgb(y, cb, cr)),
                    Layout::Grey8 => {
                        Boxes::<1>::of(plane, boxes, columns).write(out, |[y]| Rgb { r: y, g: y, b: y });
                    }
                },
                Pixels::I420 { planes, range } => i420(planes, range, boxes, columns, out),
            }
        }
        Some(&self.pixels)
    }
}

/// The source pixels, first and how many, of box `index` out of `count` over `len` pixels from `start`.
fn span(index: u32, count: u32, start: u32, len: u32) -> (u32, u32) {
    let edge = |index: u32| (u64::from(index) * u64::from(len) / u64::from(count)) as u32;
    let first = edge(index).min(len - 1);
    (start + first, edge(index + 1).saturating_sub(first).max(1))
}

/// One row of boxes, summed downwards.
struct Boxes<'a, const N: usize> {
    columns: &'a [[u32; N]],
    rows: u32,
}

impl<'a, const N: usize> Boxes<'a, N> {
    fn of(plane: Plane<'_>, region: Rect, columns: &'a mut Vec<u32>) -> Self {
        columns.clear();
        columns.resize(region.width as usize * N, 0);
        for y in region.y..region.y + region.height {
            for row in plane.rows(
                Rect {
                    y,
                    height: 1,
                    ..region
                },
                N,
            ) {
                for (sum, byte) in columns.iter_mut().zip(row) {
                    *sum += u32::from(*byte);
                }
            }
        }
        Self {
            columns: columns.as_chunks().0,
            rows: region.height,
        }
    }

    /// The mean of `len` columns from `first`.
    fn mean(&self, first: u32, len: u32) -> [f32; N] {
        let mut sums = [0_u32; N];
        for column in &self.columns[first as usize..][..len as usize] {
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum += value;
            }
        }
        let scale = 1.0 / (len * self.rows) as f32;
        sums.map(|sum| sum as f32 * scale)
    }

    fn write(&self, out: &mut [u8], colour: impl Fn([f32; N]) -> Rgb) {
        let pixels = out.as_chunks_mut::<3>().0;
        let count = pixels.len() as u32;
        for (index, pixel) in (0..count).zip(pixels) {
            let (first, len) = span(index, count, 0, self.columns.len() as u32);
            *pixel = bytes(colour(self.mean(first, len)));
        }
    }
}

/// Luma over the box, and chroma over every sample that touches it.
fn i420([y, cb, cr]: [Plane<'_>; 3], range: Range, region: Rect, columns: &mut Vec<u32>, out: &mut [u8]) {
    let halved = |first: u32, len: u32| (first / 2, (first + len).div_ceil(2) - first / 2);
    let (pixels, _) = out.as_chunks_mut::<3>();
    let count = pixels.len() as u32;
    let (left, width) = halved(region.x, region.width);
    let (top, height) = halved(region.y, region.height);
    let chroma = Rect {
        x: left,
        y: top,
        width,
        height,
    };
    // Each channel of a pixel holds its own plane's mean until the last one is known.
    for (channel, (plane, region)) in [(y, region), (cb, chroma), (cr, chroma)].into_iter().enumerate() {
        let boxes = Boxes::<1>::of(plane, region, columns);
        for (index, pixel) in (0..count).zip(&mut *pixels) {
            let (first, len) = span(index, count, 0, region.width);
            let [mean] = boxes.mean(first, len);
            pixel[channel] = rounded(mean);
        }
    }
    for pixel in pixels {
        let [y, cb, cr] = pixel.map(f32::from);
        *pixel = bytes(range.to_rgb(y, cb, cr));
    }
}

fn bytes(Rgb { r, g, b }: Rgb) -> [u8; 3] {
    [rounded(r), rounded(g), rounded(b)]
}

fn rounded(value: f32) -> u8 {
    // The cast saturates.
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    #[test]
    fn boxes_cover_every_pixel_once_when_shrinking() {
        for (count, len) in [(1, 1), (3, 10), (36, 72), (128, 1_920), (7, 9)] {
            let mut next = 5;
            for index in 0..count {
                let (first, length) = span(index, count, 5, len);
                assert_eq!(first, next, "{index} of {count} over {len}");
                next += length;
            }
            assert_eq!(next, 5 + len);
        }
    }

    #[test]
    fn growing_repeats_pixels_and_stays_inside() {
        let spans: Vec<_> = (0..6).map(|index| span(index, 6, 0, 3)).collect();
        assert_eq!(spans, [(0, 1), (0, 1), (1, 1), (1, 1), (2, 1), (2, 1)]);
    }

    #[test]
    fn a_picture_of_two_halves_keeps_them() {
        let pixels: Vec<u8> = (0..8 * 4)
            .flat_map(|i| if i % 8 < 4 { [200, 10, 30] } else { [20, 100, 90] })
            .collect();
        let frame = FrameView::packed(Layout::Rgb8, &pixels, size(8, 4), 0).unwrap();
        let mut shrinker = Shrinker::new(size(2, 1));
        let small = shrinker.shrink(&frame, Rect::whole(frame.size())).unwrap();
        assert_eq!(small, [200, 10, 30, 20, 100, 90]);
        assert_eq!(
            shrinker.shrink(
                &frame,
                Rect {
                    x: 8,
                    ..Rect::default()
                }
            ),
            None
        );
    }
}
