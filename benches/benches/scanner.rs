//! What a frame costs a scan, all in, and what finding the face costs of that.
//!
//! The model is that of the store in `BEDSIDE_MODELS`. A scan is measured over 15 s of frames with a reading each second,
//! so that detections and readings are shared out over the frames between them: divide by the throughput's elements.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use std::hint::black_box;

use bedside_facegen::{Camera, Clip, Scene};
use bedside_inference::store::{ModelStore, Source};
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::Size;
use bedside_media::video::jpeg::PictureDecoder;
use bedside_providers::local::{RegionMode, Scanner};
use bedside_sight::FaceModel;
use bedside_vitals::scan::ScanSettings;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const FRAMES: usize = 450;

fn model() -> FaceModel {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let store = ModelStore::new(root, Source::Pip);
    FaceModel::load(&store.face_detection().expect("the model is ready")).expect("the model loads")
}

/// Frames of a face, as RGB or JPEG.
fn frames(size: Size, jpeg: bool) -> Vec<(Vec<u8>, u64)> {
    let scene = Scene {
        camera: Camera {
            size,
            ..Camera::default()
        },
        ..Scene::default()
    };
    let (mut clip, mut frames) = (Clip::new(&scene, 1), Vec::new());
    while let Some(frame) = clip.next_frame().filter(|_| frames.len() < FRAMES) {
        let mut bytes = Vec::new();
        if jpeg {
            frame.to_jpeg(85, &mut bytes).expect("a picture");
        } else {
            bytes.extend_from_slice(frame.rgb());
        }
        frames.push((bytes, frame.view.captured_us()));
    }
    frames
}

fn drain(scanner: &mut Scanner) {
    while let Some(event) = scanner.poll_event() {
        black_box(event);
    }
}

fn scans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(FRAMES as u64));
    let settings = ScanSettings::default();
    let crop = Size::new(72, 72).expect("a size");
    let pictures = frames(crop, false);
    for (name, region) in [("face_crop", RegionMode::FaceCrop), ("auto", RegionMode::Auto)] {
        let model = model();
        group.bench_function(format!("72x72_rgb_{name}"), |bencher| {
            bencher.iter(|| {
                let mut scanner = Scanner::new(Some(model.clone()), region, settings);
                for (bytes, captured_us) in &pictures {
                    let frame = FrameView::packed(Layout::Rgb8, bytes, crop, *captured_us).expect("a frame");
                    scanner.push(&frame).expect("a scan");
                    drain(&mut scanner);
                }
                scanner.summary()
            });
        });
    }
    let camera = Size::new(640, 480).expect("a size");
    let pictures = frames(camera, true);
    let (model, mut decoder) = (model(), PictureDecoder::new(camera));
    group.bench_function("640x480_jpeg_auto", |bencher| {
        bencher.iter(|| {
            let mut scanner = Scanner::new(Some(model.clone()), RegionMode::Auto, settings);
            for (bytes, captured_us) in &pictures {
                let frame = decoder.decode(bytes, *captured_us).expect("a picture");
                scanner.push(&frame).expect("a scan");
                drain(&mut scanner);
            }
            scanner.summary()
        });
    });
    group.finish();
}

fn detection(criterion: &mut Criterion) {
    let mut detector = model().open();
    let size = Size::new(640, 480).expect("a size");
    let pictures = frames(size, false);
    let (bytes, captured_us) = &pictures[0];
    let frame = FrameView::packed(Layout::Rgb8, bytes, size, *captured_us).expect("a frame");
    assert_eq!(
        detector.detect(&frame).expect("it runs").len(),
        1,
        "a face is there"
    );
    criterion.bench_function("detect/640x480_rgb", |bencher| {
        bencher.iter(|| detector.detect(black_box(&frame)).map(|faces| faces.len()));
    });
}

criterion_group!(kernels, detection, scans);
criterion_main!(kernels);
