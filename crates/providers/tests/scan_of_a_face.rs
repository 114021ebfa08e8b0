//! A scan reads the pulse of a face from pictures as they travel, takes its time from them alone, and ends when either
//! side lets go.
//!
//! The model is that of the store in `BEDSIDE_MODELS`.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

use std::sync::LazyLock;
use std::time::Duration;

use bedside_conversation::scan::{ScanNews, ScanParams, ScanRegion, ScanSummary, Stage};
use bedside_facegen::{Camera, Clip, Scene, Subject};
use bedside_inference::scheduler::Class;
use bedside_inference::store::{ModelStore, Size as RecogniserSize, Source};
use bedside_media::video::geometry::Size;
use bedside_providers::local::{LocalFiles, LocalModels, LocalOptions};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{PictureFormat, VideoFrame, VitalsOutput, VitalsService, VitalsStream};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(30);

static MODELS: LazyLock<LocalModels> = LazyLock::new(|| {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names the folder of models");
    let store = ModelStore::new(root, Source::Pip);
    let files = LocalFiles::from_store(&store, RecogniserSize::TinyEn).expect("the models are ready");
    LocalModels::load(&files, LocalOptions::default()).expect("the models load")
});

fn scene(width: u32, height: u32, head_width: f64) -> Scene {
    Scene {
        subject: Some(Subject {
            heart_bpm: 81.0,
            heart_variability: 0.0,
            head_width,
            ..Subject::default()
        }),
        camera: Camera {
            size: Size::new(width, height).expect("a usual size"),
            ..Camera::default()
        },
        seconds: 12.0,
        ..Scene::default()
    }
}

fn film(scene: &Scene, format: PictureFormat) -> Vec<VideoFrame> {
    let mut clip = Clip::new(scene, 3);
    let mut frames = Vec::new();
    while let Some(frame) = clip.next_frame() {
        let mut data = Vec::new();
        if format == PictureFormat::Jpeg {
            frame.to_jpeg(85, &mut data).expect("a picture of ordinary size");
        } else {
            data.extend_from_slice(frame.rgb());
        }
        let size = frame.view.size();
        frames.push(VideoFrame {
            captured_us: frame.view.captured_us(),
            format,
            width: size.width() as u16,
            height: size.height() as u16,
            data: data.into(),
        });
    }
    frames
}

async fn open(region: ScanRegion) -> VitalsStream {
    let service = MODELS.vitals().expect("the store has a model of faces");
    let params = ScanParams {
        region,
        interval: Duration::from_secs(1),
    };
    service
        .open(params, Reporter::silent())
        .await
        .expect("a scan opens")
}

/// Everything a scan says of these pictures.
async fn scan(region: ScanRegion, film: Vec<VideoFrame>) -> (Vec<VitalsOutput>, ScanSummary) {
    let VitalsStream { frames, mut output } = open(region).await;
    let sending = tokio::spawn(async move {
        for frame in film {
            frames.send(frame).await.expect("the scan runs");
        }
    });
    let mut answers = Vec::new();
    while let Some(answer) = timeout(LONG, output.recv()).await.expect("an answer in time") {
        match answer.expect("no fault") {
            VitalsOutput::News(ScanNews::Finished(summary)) => {
                assert_eq!(output.recv().await, None, "nothing follows the summary");
                sending.await.expect("all was sent");
                return (answers, summary);
            }
            answer => answers.push(answer),
        }
    }
    panic!("no summary");
}

#[tokio::test]
async fn every_format_gives_the_same_heart_rate() {
    for (region, format, scene) in [
        (ScanRegion::FaceCrop, PictureFormat::Rgb24, scene(72, 72, 0.78)),
        (ScanRegion::Auto, PictureFormat::Rgb24, scene(320, 240, 0.45)),
        (ScanRegion::Auto, PictureFormat::Jpeg, scene(320, 240, 0.45)),
    ] {
        let (answers, summary) = scan(region, film(&scene, format)).await;
        let rate = summary.figures.heart_rate.expect("a heart rate");
        assert!((rate.bpm - 81.0).abs() <= 2.0, "{region:?} {format:?}: {rate:?}");
        let stages: Vec<_> = answers
            .iter()
            .filter_map(|answer| match answer {
                VitalsOutput::News(ScanNews::Reading(reading)) => Some(reading.stage),
                _ => None,
            })
            .collect();
        assert!(stages.starts_with(&[Stage::Preliminary]) && stages.contains(&Stage::Stable));
        assert_eq!(summary.frames, 360);
    }
}

#[tokio::test]
async fn a_damaged_picture_is_left_out_and_told() {
    let mut film = film(&scene(320, 240, 0.45), PictureFormat::Jpeg);
    let whole = film.len();
    for frame in film.iter_mut().step_by(50) {
        frame.data.truncate(frame.data.len() / 2);
    }
    let (answers, summary) = scan(ScanRegion::Auto, film).await;
    let told = answers
        .iter()
        .filter(|answer| **answer == VitalsOutput::Unreadable)
        .count();
    assert_eq!((told, summary.frames as usize), (8, whole - 8));
    assert!(summary.figures.heart_rate.is_ok(), "{:?}", summary.figures);
}

#[tokio::test]
async fn a_scan_nobody_listens_to_stops() {
    let VitalsStream { frames, output } = open(ScanRegion::FaceCrop).await;
    drop(output);
    timeout(LONG, frames.closed())
        .await
        .expect("the scan lets go of its pictures");
}

#[tokio::test]
async fn pictures_are_measured_in_the_class_that_gives_way_to_speech() {
    let before = finished();
    let mut film = film(&scene(72, 72, 0.78), PictureFormat::Rgb24);
    film.truncate(5);
    scan(ScanRegion::FaceCrop, film).await;
    assert!(finished() >= before + 5);
}

fn finished() -> u64 {
    let classes = MODELS.scheduler().metrics().into_iter();
    classes
        .filter(|(class, _)| *class == Class::Vitals)
        .map(|(_, metrics)| metrics.finished)
        .sum()
}
