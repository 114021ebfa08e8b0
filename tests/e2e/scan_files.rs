//! `bedside scan` on files, as a user types it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed expectation fails the test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bedside_e2e::{program, run};
use bedside_facegen::{Camera, Clip, Scene, Subject};
use bedside_media::video::geometry::Size;
use serde_json::Value;
use tempfile::TempDir;

const SECONDS: f64 = 14.0;

/// A person in bare motion JPEG, 30 frames a second, and their heart rate in the last window.
fn video(folder: &TempDir, perfusion: f64) -> (PathBuf, f64) {
    let subject = Subject {
        heart_bpm: 72.0,
        perfusion,
        ..Subject::default()
    };
    let scene = Scene {
        subject: Some(subject),
        camera: Camera {
            size: Size::new(320, 240).expect("a size"),
            ..Camera::default()
        },
        seconds: SECONDS,
        ..Scene::default()
    };
    let (mut clip, mut bytes) = (Clip::new(&scene, 5), Vec::new());
    while let Some(frame) = clip.next_frame() {
        frame.to_jpeg(92, &mut bytes).expect("a frame");
    }
    let path = folder.path().join("patient.mjpeg");
    fs::write(&path, bytes).expect("a file");
    (path, clip.truth().heart_rate_bpm(SECONDS - 10.0..SECONDS))
}

fn scan(path: &Path, options: &[&str]) -> Output {
    let path = path.to_string_lossy();
    run(&[&["scan", &path], options].concat())
}

fn words(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn a_face_gives_its_heart_rate_a_table_and_a_plot() {
    let folder = TempDir::new().expect("a folder");
    let (path, truth) = video(&folder, 1.0);
    let plot = folder.path().join("plot.svg");
    let options = [
        "--fps",
        "30",
        "--json",
        "--plot",
        &plot.to_string_lossy(),
        "--csv",
    ];
    let output = scan(
        &path,
        &[&options[..], &[&folder.path().to_string_lossy()]].concat(),
    );
    let (said, fault, code) = words(&output);
    assert_eq!(code, Some(0), "{fault}");
    let result: Value = serde_json::from_str(&said).expect("JSON");
    let bpm = result["heart_rate"]["bpm"].as_f64().expect("a heart rate");
    assert!((bpm - truth).abs() < 3.0, "{bpm} for {truth}");
    let readings = result["readings"].as_array().expect("readings").len();
    let table = fs::read_to_string(folder.path().join("patient.csv")).expect("a table");
    assert_eq!(table.lines().count(), 1 + readings);
    assert!(fs::read_to_string(plot).expect("a plot").contains("Pulse wave"));
}

#[test]
fn what_ffmpeg_reads_gives_the_same_in_words() {
    let folder = TempDir::new().expect("a folder");
    let (path, truth) = video(&folder, 1.0);
    let (container, plot) = (folder.path().join("patient.mkv"), folder.path().join("plot.png"));
    let copied = Command::new("ffmpeg")
        .args(["-v", "error", "-framerate", "30", "-i"])
        .arg(&path)
        .args(["-c", "copy"])
        .arg(&container)
        .status();
    assert!(copied.expect("ffmpeg is installed").success());
    let (said, fault, code) = words(&scan(&container, &["--plot", &plot.to_string_lossy()]));
    assert_eq!(code, Some(0), "{fault}");
    let line = said
        .lines()
        .find(|line| line.starts_with("heart rate"))
        .expect("a line");
    let bpm: f64 = line.split_whitespace().nth(2).unwrap().parse().expect("a number");
    assert!((bpm - truth).abs() < 3.0, "{said}");
    assert!(fs::read(plot).expect("a plot").starts_with(b"\x89PNG"));
}

#[test]
fn a_photograph_gives_no_number_but_the_reason() {
    let folder = TempDir::new().expect("a folder");
    let (path, _) = video(&folder, 0.0);
    let (said, fault, code) = words(&scan(&path, &["--fps", "30"]));
    assert_eq!(code, Some(0), "{fault}");
    assert!(said.starts_with("heart rate        not given: "), "{said}");
    assert!(said.contains("0 of "), "{said}");
}

#[test]
fn what_cannot_be_scanned_is_refused_with_what_to_do() {
    let folder = TempDir::new().expect("a folder");
    let (path, _) = video(&folder, 1.0);
    let (_, fault, code) = words(&scan(&path, &[]));
    assert!(code == Some(64) && fault.contains("--fps"), "{fault}");
    let (_, fault, code) = words(&scan(&path, &["--fps", "30", "--plot", "plot.pdf"]));
    assert!(code == Some(64) && fault.contains(".svg or .png"), "{fault}");
    let (_, fault, code) = words(&scan(&folder.path().join("none.mp4"), &[]));
    assert!(code == Some(74) && fault.contains("none.mp4"), "{fault}");
    let text = folder.path().join("notes.mp4");
    fs::write(&text, "no video").expect("a file");
    let (_, fault, code) = words(&scan(&text, &[]));
    assert!(code == Some(65) && fault.contains("ffmpeg: "), "{fault}");
    let without = Command::new(program())
        .env("PATH", "")
        .arg("scan")
        .arg(&text)
        .output();
    let (_, fault, code) = words(&without.expect("the program starts"));
    assert!(code == Some(69) && fault.contains("install ffmpeg"), "{fault}");
}
