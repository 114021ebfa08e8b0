//! Properties that hold for whatever picture or stream arrives.
#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use std::io::BufReader;

use bedside_media::video::avi::AviReader;
use bedside_media::video::colour::{Range, Rgb};
use bedside_media::video::frame::{FrameView, Layout, Pixels, Plane};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;
use bedside_media::video::mjpeg::MjpegReader;
use bedside_media::video::rate::FrameRate;
use bedside_media::video::shrink::Shrinker;
use bedside_media::video::y4m::Y4mReader;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

/// Bytes and everything that makes them a frame: width and height, gaps after rows, what they are.
#[derive(Debug, Clone)]
struct Picture {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    gap: usize,
    /// `None` for I420.
    layout: Option<Layout>,
    range: Range,
}

impl Picture {
    fn view(&self) -> FrameView<'_> {
        let size = Size::new(self.width, self.height).unwrap();
        let (width, height) = (self.width as usize, self.height as usize);
        if let Some(layout) = self.layout {
            let stride = width * layout.channels() + self.gap;
            return FrameView::packed_plane(
                layout,
                Plane {
                    data: &self.bytes,
                    stride,
                },
                size,
                7,
            )
            .unwrap();
        }
        let (y, rest) = self.bytes.split_at((width + self.gap) * height);
        let (cb, cr) = rest.split_at((width / 2 + self.gap) * height / 2);
        let half = |data| Plane {
            data,
            stride: width / 2 + self.gap,
        };
        let y = Plane {
            data: y,
            stride: width + self.gap,
        };
        FrameView::i420_planes([y, half(cb), half(cr)], size, self.range, 7).unwrap()
    }
}

fn any_picture() -> impl Strategy<Value = Picture> {
    let layouts = [
        Some(Layout::Rgb8),
        Some(Layout::Rgba8),
        Some(Layout::YCbCr8),
        Some(Layout::Grey8),
        None,
    ];
    let shape = (
        prop::sample::select(layouts.to_vec()),
        1_u32..80,
        1_u32..40,
        0_usize..9,
        any::<bool>(),
    );
    shape.prop_flat_map(|(layout, width, height, gap, full)| {
        let (width, height) = if layout.is_none() {
            (width * 2, height * 2)
        } else {
            (width, height)
        };
        let (w, h) = (width as usize, height as usize);
        let len = match layout {
            Some(layout) => (w * layout.channels() + gap) * h,
            None => (w + gap) * h + (w / 2 + gap) * h,
        };
        prop::collection::vec(any::<u8>(), len).prop_map(move |bytes| Picture {
            bytes,
            width,
            height,
            gap,
            layout,
            range: if full { Range::Full } else { Range::Limited },
        })
    })
}

fn any_rect() -> impl Strategy<Value = Rect> {
    (0_u32..170, 0_u32..90, 0_u32..200, 0_u32..100).prop_map(|(x, y, width, height)| Rect {
        x,
        y,
        width,
        height,
    })
}

/// The colour of one pixel, looked up and converted by itself.
fn pixel(frame: &FrameView<'_>, x: u32, y: u32) -> Rgb {
    let at = |plane: Plane<'_>, x: u32, y: u32| f32::from(plane.data[y as usize * plane.stride + x as usize]);
    match frame.pixels() {
        Pixels::Packed { layout, plane } => {
            let channels = layout.channels() as u32;
            let channel = |c: u32| at(plane, x * channels + c, y);
            match layout {
                Layout::Rgb8 | Layout::Rgba8 => Rgb {
                    r: channel(0),
                    g: channel(1),
                    b: channel(2),
                },
                Layout::YCbCr8 => Range::Full.to_rgb(channel(0), channel(1), channel(2)),
                Layout::Grey8 => Rgb {
                    r: channel(0),
                    g: channel(0),
                    b: channel(0),
                },
            }
        }
        Pixels::I420 {
            planes: [luma, cb, cr],
            range,
        } => range.to_rgb(at(luma, x, y), at(cb, x / 2, y / 2), at(cr, x / 2, y / 2)),
    }
}

/// The mean of all pixels of a rectangle, one by one.
fn naive_mean(frame: &FrameView<'_>, region: Rect) -> Option<Rgb> {
    let right = (region.x + region.width).min(frame.size().width());
    let bottom = (region.y + region.height).min(frame.size().height());
    let (mut sums, mut count) = ([0.0_f64; 3], 0.0);
    for y in region.y..bottom {
        for x in region.x..right {
            let Rgb { r, g, b } = pixel(frame, x, y);
            for (sum, value) in sums.iter_mut().zip([r, g, b]) {
                *sum += f64::from(value);
            }
            count += 1.0;
        }
    }
    let [r, g, b] = sums.map(|sum| (sum / count) as f32);
    (count > 0.0).then_some(Rgb { r, g, b })
}

fn differ_by(a: Rgb, b: Rgb) -> f32 {
    (a.r - b.r).abs().max((a.g - b.g).abs()).max((a.b - b.b).abs())
}

fn jpeg(picture: &[u8], width: u16, height: u16, sampling: SamplingFactor, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(progressive);
    encoder.encode(picture, width, height, ColorType::Rgb).unwrap();
    bytes
}

fn gradient(width: u16, height: u16) -> Vec<u8> {
    let pixels = (0..u32::from(height)).flat_map(|y| (0..u32::from(width)).map(move |x| (x, y)));
    pixels
        .flat_map(|(x, y)| [90 + (x % 128) as u8, 60 + (y % 128) as u8, 120])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_mean_is_that_of_its_pixels(picture in any_picture(), region in any_rect()) {
        let frame = picture.view();
        match (frame.mean_rgb(region), naive_mean(&frame, region)) {
            (Some(fast), Some(naive)) => prop_assert!(differ_by(fast, naive) < 0.01, "{fast:?} {naive:?}"),
            (fast, naive) => prop_assert_eq!(fast, naive),
        }
    }

    #[test]
    fn shrinking_keeps_the_mean_where_boxes_are_alike(
        picture in any_picture(),
        width in 1_u32..20,
        height in 1_u32..20,
    ) {
        let frame = picture.view();
        let whole = Rect::whole(frame.size());
        let mut shrinker = Shrinker::new(Size::new(width, height).unwrap());
        let small = shrinker.shrink(&frame, whole).unwrap().to_vec();
        let even = whole.width.is_multiple_of(width) && whole.height.is_multiple_of(height);
        // Other layouts have colours beyond 0 to 255, which pixels cannot hold, and I420's boxes share chroma.
        if even && matches!(picture.layout, Some(Layout::Rgb8 | Layout::Rgba8 | Layout::Grey8)) {
            let small = FrameView::packed(Layout::Rgb8, &small, shrinker.size(), 0).unwrap();
            let (small, full) = (small.mean_rgb(whole).unwrap(), frame.mean_rgb(whole).unwrap());
            prop_assert!(differ_by(small, full) <= 0.51, "{small:?} {full:?}");
        }
    }

    #[test]
    fn any_region_can_be_shrunk(picture in any_picture(), region in any_rect()) {
        let frame = picture.view();
        let mut shrinker = Shrinker::new(Size::new(36, 36).unwrap());
        let within = region.clipped(frame.size()).is_some();
        prop_assert_eq!(shrinker.shrink(&frame, region).is_some(), within);
    }

    #[test]
    fn a_damaged_jpeg_is_a_picture_or_an_error(
        progressive in any::<bool>(),
        grid in 0_usize..4,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let samplings = [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_2_2, SamplingFactor::F_4_1];
        let mut bytes = jpeg(&gradient(50, 34), 50, 34, samplings[grid], progressive);
        for (place, value) in damage {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        let limit = Size::new(640, 480).unwrap();
        if let Ok(frame) = PictureDecoder::new(limit).decode(&bytes, 1) {
            prop_assert!(frame.size().fits_in(limit));
            prop_assert!(frame.mean_rgb(Rect::whole(frame.size())).is_some());
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let rate = FrameRate::new(30, 1).unwrap();
        let starts: [&[u8]; 5] = [
            b"",
            b"YUV4MPEG2 W4 H4 F30:1\nFRAME\n",
            b"\xFF\xD8\xFF\xDA\0\x02",
            b"RIFF\xFF\0\0\0AVI LIST",
            b"RIFF\xFF\0\0\0AVI strh\x30\0\0\0vidsMJPG\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x1E\0\0\0",
        ];
        for start in starts {
            let stream = [start, &bytes].concat();
            let mut decoder = PictureDecoder::new(Size::new(64, 64).unwrap());
            let _ = decoder.decode(&stream, 0);
            if let Ok(mut reader) = Y4mReader::new(&stream[..]) {
                while let Ok(Some(_)) = reader.next_frame() {}
            }
            let mut reader = MjpegReader::new(BufReader::with_capacity(3, &stream[..]), rate);
            while let Ok(Some(_)) = reader.next_picture() {}
            if let Ok(mut reader) = AviReader::new(&stream[..]) {
                while let Ok(Some(_)) = reader.next_picture() {}
            }
        }
    }
}
