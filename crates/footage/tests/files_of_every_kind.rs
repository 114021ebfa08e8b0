//! The same clip comes back from every kind of file, with its times, and what is no video is refused in words.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails fails its test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bedside_facegen::{Clip, Scene};
use bedside_footage::{Footage, FootageError};
use bedside_media::video::geometry::Rect;
use bedside_media::video::rate::FrameRate;
use tempfile::TempDir;

const FRAMES: usize = 12;
const HALF_AS_OFTEN: &str = "select='lt(n,4)+gt(mod(n,2),0)'";

/// The JPEGs of a short clip, and the mean green of each frame.
fn clip() -> (Vec<Vec<u8>>, Vec<f32>) {
    let (mut clip, mut pictures, mut greens) = (Clip::new(&Scene::default(), 1), Vec::new(), Vec::new());
    while let Some(frame) = clip.next_frame().filter(|_| pictures.len() < FRAMES) {
        let mut jpeg = Vec::new();
        frame.to_jpeg(95, &mut jpeg).unwrap();
        pictures.push(jpeg);
        greens.push(frame.view.mean_rgb(Rect::whole(frame.view.size())).unwrap().g);
    }
    (pictures, greens)
}

/// Writes the clip as bare motion JPEG.
fn bare(folder: &TempDir) -> (PathBuf, Vec<f32>) {
    let (pictures, greens) = clip();
    let path = folder.path().join("clip.mjpeg");
    fs::write(&path, pictures.concat()).unwrap();
    (path, greens)
}

/// What ffmpeg makes of `from`.
fn converted(from: &Path, name: &str, options: &[&str]) -> PathBuf {
    let to = from.with_file_name(name);
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-framerate", "30", "-i"])
        .arg(from)
        .args(options)
        .arg(&to)
        .output()
        .expect("ffmpeg is installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    to
}

/// Times in ms and mean greens of a file's frames.
fn read(path: &Path, rate: Option<FrameRate>) -> Result<Vec<(u64, f32)>, FootageError> {
    let (mut footage, mut frames) = (Footage::open(path, rate)?, Vec::new());
    while let Some(frame) = footage.next_frame()? {
        let mean = frame.mean_rgb(Rect::whole(frame.size())).unwrap();
        frames.push((frame.captured_us().div_ceil(1_000), mean.g));
    }
    Ok(frames)
}

#[test]
fn every_kind_of_file_gives_the_same_frames() {
    let folder = TempDir::new().unwrap();
    let (bare, greens) = bare(&folder);
    let rate = FrameRate::new(30, 1);
    let files = [
        (bare.clone(), rate),
        (converted(&bare, "clip.avi", &["-c:v", "copy"]), None),
        (converted(&bare, "clip.y4m", &["-pix_fmt", "yuv420p"]), None),
        (converted(&bare, "clip.444.y4m", &["-pix_fmt", "yuv444p"]), None),
        (converted(&bare, "clip.ffv1.avi", &["-c:v", "ffv1"]), None),
        (converted(&bare, "clip:1.mkv", &["-c:v", "ffv1"]), None),
    ];
    for (path, rate) in files {
        let frames = read(&path, rate).unwrap();
        assert_eq!(frames.len(), FRAMES, "{}", path.display());
        for (index, ((ms, green), wanted)) in frames.iter().zip(&greens).enumerate() {
            let due = (index as u64 * 1_000).div_ceil(30);
            assert!(
                ms.abs_diff(due) <= 1,
                "{}: frame {index} at {ms} ms",
                path.display()
            );
            assert!(
                (green - wanted).abs() < 1.0,
                "{}: {green} for {wanted}",
                path.display()
            );
        }
    }
}

#[test]
fn a_variable_rate_stays_variable() {
    let folder = TempDir::new().unwrap();
    let (bare, _) = bare(&folder);
    let path = converted(&bare, "varying.mkv", &["-c:v", "ffv1", "-vf", HALF_AS_OFTEN]);
    let times: Vec<_> = read(&path, None).unwrap().into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times.len(), 8);
    let kept = [0, 1, 2, 3, 5, 7, 9, 11];
    for (time, frame) in times.iter().zip(kept) {
        assert!(time.abs_diff(frame * 1_000 / 30) <= 2, "{times:?}");
    }
}

#[test]
fn odd_and_large_pictures_are_made_to_fit() {
    let folder = TempDir::new().unwrap();
    let (bare, greens) = bare(&folder);
    for size in ["161:121", "2600:1950"] {
        let scale = format!("scale={size},format=yuv444p");
        let path = converted(
            &bare,
            &format!("{}.mkv", size.replace(':', "x")),
            &["-c:v", "ffv1", "-vf", &scale],
        );
        let mut footage = Footage::open(&path, None).unwrap();
        let frame = footage.next_frame().unwrap().unwrap();
        assert!(frame.size().is_even() && frame.size().width().max(frame.size().height()) <= 1_280);
        let green = frame.mean_rgb(Rect::whole(frame.size())).unwrap().g;
        assert!((green - greens[0]).abs() < 1.0, "{green} for {}", greens[0]);
    }
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let folder = TempDir::new().unwrap();
    let (bare, _) = bare(&folder);
    assert!(matches!(read(&bare, None), Err(FootageError::NoRate)));
    assert!(matches!(
        read(&folder.path().join("none"), None),
        Err(FootageError::Io(_))
    ));
    let text = folder.path().join("notes.txt");
    fs::write(&text, "no video at all\n").unwrap();
    let error = read(&text, None).unwrap_err();
    assert!(
        matches!(&error, FootageError::Ffmpeg(words) if !words.is_empty()),
        "{error}"
    );
    let cut = folder.path().join("cut.y4m");
    fs::write(&cut, "YUV4MPEG2 W16 H16 F30:1\nFRAME\nabc").unwrap();
    assert!(matches!(read(&cut, None), Err(FootageError::Y4m(_))));
}
