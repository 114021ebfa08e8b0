//! The kernels of pictures: measuring, decoding and shrinking a frame.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use std::hint::black_box;

use bedside_media::video::colour::Range;
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;
use bedside_media::video::shrink::Shrinker;
use criterion::{Criterion, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("a size of the table")
}

/// A shaded scene with the noise of a sensor, so that its JPEG is as large as a camera's.
fn scene(size: Size, channels: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut pixels = Vec::with_capacity(size.pixels() * channels);
    for y in 0..size.height() {
        for x in 0..size.width() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let shade = 70 + (x * 90 / size.width()) + (y * 60 / size.height()) + (state >> 29);
            pixels.extend((0..channels).map(|channel| shade as u8 + 10 * channel as u8));
        }
    }
    pixels
}

fn jpeg(size: Size) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 85);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (size.width() as u16, size.height() as u16);
    encoder
        .encode(&scene(size, 3), width, height, ColorType::Rgb)
        .expect("a picture");
    bytes
}

fn means(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mean");
    let face = size(72, 72);
    for (name, layout) in [("rgb", Layout::Rgb8), ("rgba", Layout::Rgba8)] {
        let pixels = scene(face, layout.channels());
        let frame = FrameView::packed(layout, &pixels, face, 0).expect("a frame");
        group.bench_function(format!("72x72_{name}"), |bencher| {
            bencher.iter(|| black_box(&frame).mean_rgb(Rect::whole(face)));
        });
    }
    let (camera, pixels) = (size(640, 480), scene(size(640, 480), 3));
    let region = |x, y| Rect {
        x,
        y,
        width: 90,
        height: 60,
    };
    let regions = [region(275, 100), region(240, 230), region(330, 231)];
    let rgb = FrameView::packed(Layout::Rgb8, &pixels, camera, 0).expect("a frame");
    let i420 = FrameView::i420(&pixels[..camera.pixels() * 3 / 2], camera, Range::Full, 0).expect("a frame");
    for (name, frame) in [("rgb", rgb), ("i420", i420)] {
        group.bench_function(format!("three_regions_640x480_{name}"), |bencher| {
            bencher.iter(|| regions.map(|region| black_box(&frame).mean_rgb(region)));
        });
    }
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("jpeg");
    for size in [size(72, 72), size(640, 480)] {
        let (picture, mut decoder) = (jpeg(size), PictureDecoder::new(size));
        group.bench_function(format!("{}x{}", size.width(), size.height()), |bencher| {
            bencher.iter(|| decoder.decode(black_box(&picture), 0).map(|frame| frame.size()));
        });
    }
}

fn shrink(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("shrink");
    let (camera, pixels) = (size(640, 480), scene(size(640, 480), 3));
    let rgb = FrameView::packed(Layout::Rgb8, &pixels, camera, 0).expect("a frame");
    let i420 = FrameView::i420(&pixels[..camera.pixels() * 3 / 2], camera, Range::Full, 0).expect("a frame");
    for (name, frame) in [("rgb", rgb), ("i420", i420)] {
        let mut shrinker = Shrinker::new(size(128, 96));
        group.bench_function(format!("640x480_to_128x96_{name}"), |bencher| {
            bencher.iter(|| {
                let small = shrinker.shrink(black_box(&frame), Rect::whole(camera));
                small.map(|pixels| pixels[0])
            });
        });
    }
}

criterion_group!(kernels, means, decode, shrink);
criterion_main!(kernels);
