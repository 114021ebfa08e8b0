//! `vitals-eval --clips` on a video that is rendered, with the truth as its wave.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed expectation fails the test"
)]

use std::fs;
use std::process::Command;

use bedside_facegen::{Clip, Scene};

#[test]
fn a_rendered_clip_is_measured_right_under_every_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene {
        seconds: 12.0,
        ..Scene::default()
    };
    let (mut clip, mut pictures, mut times) = (Clip::new(&scene, 2), Vec::new(), Vec::new());
    while let Some(frame) = clip.next_frame() {
        frame.to_jpeg(95, &mut pictures).unwrap();
        times.push(frame.view.captured_us() as f64 / 1e6);
    }
    // A wave that is highest at each beat.
    let beats = clip.truth().beats_s();
    let wave = times.iter().map(|time| {
        let next = beats.partition_point(|beat| beat <= time);
        let phase = (time - beats[next - 1]) / (beats[next] - beats[next - 1]);
        format!("{:.4}\n", (std::f64::consts::TAU * phase).cos())
    });
    let table = std::iter::once("ppg\n".to_owned())
        .chain(wave)
        .collect::<String>();
    fs::write(folder.path().join("patient.csv"), table).unwrap();
    let bare = folder.path().join("pictures.mjpeg");
    fs::write(&bare, pictures).unwrap();
    let copied = Command::new("ffmpeg")
        .args(["-v", "error", "-framerate", "30", "-i"])
        .arg(&bare)
        .args(["-c", "copy"])
        .arg(folder.path().join("patient.mkv"))
        .status();
    assert!(copied.expect("ffmpeg is installed").success());
    let output = Command::new(env!("CARGO_BIN_EXE_vitals-eval"))
        .arg("--clips")
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rows: Vec<Vec<&str>> = said
        .lines()
        .filter(|line| line.starts_with("| patient: "))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 8, "{said}");
    assert_eq!(rows[0][3], "100 %", "{said}");
    for row in rows {
        let worst: f64 = row[5].parse().expect("a number");
        assert!(worst < 4.0, "{said}");
    }
}
