//! What a scan holds is bounded, and between readings a picture takes no memory.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

use std::time::Instant;

use bedside_facegen::{Camera, Clip, Scene, Subject};
use bedside_inference::scheduler::{Class, Config, Scheduler};
use bedside_inference::store::{ModelStore, Source};
use bedside_media::video::geometry::Size;
use bedside_media::video::jpeg::PictureDecoder;
use bedside_providers::local::{RegionMode, Scanner};
use bedside_sight::FaceModel;
use bedside_vitals::ScanSettings;
use futures::executor::block_on;

/// Long enough for everything that grows to have grown: a scan looks back a minute.
const SECONDS: f64 = 70.0;

/// JPEG files and their capture times.
fn film(width: u32, height: u32, head_width: f64) -> Vec<(u64, Vec<u8>)> {
    let scene = Scene {
        subject: Some(Subject {
            head_width,
            ..Subject::default()
        }),
        camera: Camera {
            size: Size::new(width, height).expect("a usual size"),
            ..Camera::default()
        },
        seconds: SECONDS,
        ..Scene::default()
    };
    let mut clip = Clip::new(&scene, 5);
    let mut film = Vec::new();
    while let Some(frame) = clip.next_frame() {
        let mut jpeg = Vec::new();
        frame.to_jpeg(80, &mut jpeg).expect("a picture of ordinary size");
        film.push((frame.view.captured_us(), jpeg));
    }
    film
}

fn faces() -> FaceModel {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let path = ModelStore::new(root, Source::Pip).face_detection();
    FaceModel::load(&path.expect("the model is ready")).expect("the model loads")
}

#[test]
fn a_picture_between_readings_and_detections_takes_none() {
    let mut decoder = PictureDecoder::new(Size::MAX);
    let mut scanner = Scanner::new(Some(faces()), RegionMode::Auto, ScanSettings::default());
    let mut quiet = 0;
    for (captured, jpeg) in film(160, 120, 0.5) {
        let view = decoder.decode(&jpeg, captured).expect("a picture");
        let mut told = 0;
        let used = allocation_counter::measure(|| {
            scanner.push(&view).expect("the model runs");
            while scanner.poll_event().is_some() {
                told += 1;
            }
        });
        // Twice a second the detector runs, and after a minute nothing grows any more.
        let detects = captured % 500_000 < 40_000;
        if told == 0 && !detects && captured > 62_000_000 {
            assert_eq!(used.count_total, 0, "at {captured} us");
            quiet += 1;
        }
    }
    assert!(quiet > 150, "{quiet}");
}

#[test]
fn a_scan_holds_less_than_a_mebibyte() {
    let (faces, film) = (faces(), film(160, 120, 0.5));
    // On a thread of the scheduler, where the model runs on the thread that is measured.
    let scheduler = Scheduler::new(Config {
        threads: 1,
        ..Config::default()
    });
    let job = scheduler.submit(Class::Vitals, Instant::now(), move || {
        let mut decoder = PictureDecoder::new(Size::MAX);
        let mut scan = |scanner: &mut Scanner, film: &[(u64, Vec<u8>)]| {
            for (captured, jpeg) in film {
                let view = decoder.decode(jpeg, *captured).expect("a picture");
                scanner.push(&view).expect("the model runs");
                while scanner.poll_event().is_some() {}
            }
        };
        let open = || Scanner::new(Some(faces.clone()), RegionMode::Auto, ScanSettings::default());
        // What the model and the decoder keep for all scans is there after the first.
        scan(&mut open(), &film[..60]);
        let mut scanner = None;
        let used = allocation_counter::measure(|| scan(scanner.insert(open()), &film));
        (
            used.bytes_current,
            scanner.map(|scanner| scanner.summary().frames),
        )
    });
    let (bytes, frames) = block_on(job).expect("the job runs").value;
    println!("a scan of {SECONDS} s holds {bytes} bytes");
    assert!((1..1 << 20).contains(&bytes), "{bytes} bytes");
    assert!(frames.is_some_and(|frames| frames > 2_000));
}
