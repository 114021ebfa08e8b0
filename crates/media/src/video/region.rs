//! The mean colour of a rectangle, measured on the pixels as they are.

use super::colour::{Range, Rgb};
use super::frame::{FrameView, Layout, Pixels, Plane};
use super::geometry::Rect;
use super::sums::ChannelSums;

impl FrameView<'_> {
    /// The mean colour of the part of `region` within the frame; `None` if there is none.
    ///
    /// Luma and chroma are averaged as they are and their mean is converted, which is the mean of the converted pixels
    /// but for those that conversion would clamp.
    pub fn mean_rgb(&self, region: Rect) -> Option<Rgb> {
        let region = region.clipped(self.size())?;
        Some(match self.pixels() {
            Pixels::Packed { layout, plane } => packed(layout, plane, region),
            Pixels::I420 { planes, range } => i420(planes, range, region),
        })
    }
}

fn packed(layout: Layout, plane: Plane<'_>, region: Rect) -> Rgb {
    match layout {
        Layout::Rgb8 => {
            let [r, g, b] = means::<3>(plane, region);
            Rgb { r, g, b }
        }
        Layout::Rgba8 => {
            let [r, g, b, _] = means::<4>(plane, region);
            Rgb { r, g, b }
        }
        Layout::YCbCr8 => {
            let [y, cb, cr] = means::<3>(plane, region);
            Range::Full.to_rgb(y, cb, cr)
        }
        Layout::Grey8 => {
            let [y] = means::<1>(plane, region);
            Rgb { r: y, g: y, b: y }
        }
    }
}

fn means<const N: usize>(plane: Plane<'_>, region: Rect) -> [f32; N] {
    let mut sums = ChannelSums::<N>::new();
    for row in plane.rows(region, N) {
        sums.add(row);
    }
    let pixels = region.pixels() as f64;
    sums.totals().map(|total| (total as f64 / pixels) as f32)
}

fn i420([y, cb, cr]: [Plane<'_>; 3], range: Range, region: Rect) -> Rgb {
    let [luma] = means::<1>(y, region);
    range.to_rgb(luma, halved_mean(cb, region), halved_mean(cr, region))
}

/// The mean over `region` of a plane with one sample for each 2×2 pixels, each sample counted once for every pixel of
/// the region it covers.
fn halved_mean(plane: Plane<'_>, region: Rect) -> f32 {
    let halves = |first: u32, len: u32| {
        let (start, end) = (first / 2, (first + len).div_ceil(2));
        // Samples at the ends that cover one pixel of the region instead of two.
        (
            start,
            end - start,
            !first.is_multiple_of(2),
            !(first + len).is_multiple_of(2),
        )
    };
    let (x, width, left, right) = halves(region.x, region.width);
    let (y, height, top, bottom) = halves(region.y, region.height);
    let sum = |x, y, width, height| {
        let mut sums = ChannelSums::<1>::new();
        for row in plane.rows(Rect { x, y, width, height }, 1) {
            sums.add(row);
        }
        let [sum] = sums.totals();
        sum
    };
    let column = |y, height| {
        let (first, last) = (sum(x, y, 1, height), sum(x + width - 1, y, 1, height));
        2 * sum(x, y, width, height) - u64::from(left) * first - u64::from(right) * last
    };
    let total =
        2 * column(y, height) - u64::from(top) * column(y, 1) - u64::from(bottom) * column(y + height - 1, 1);
    (total as f64 / region.pixels() as f64) as f32
}
