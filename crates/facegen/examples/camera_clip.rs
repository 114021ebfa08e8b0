//! Writes a clip for a browser's fake camera: `camera_clip OUT.mjpeg --bpm 72 --seconds 60`.
//!
//! Somebody sits before a camera of 640×480 at 30 frames a second. Their heart goes like a clock, so that its rate is the
//! truth wherever in the file a browser begins and however often it plays it over. The same arguments give the same bytes.
//! Chromium takes it with `--use-fake-device-for-media-stream --use-file-for-fake-video-capture=OUT.mjpeg`.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use bedside_facegen::{Behaviour, Camera, Clip, Scene, Subject};
use bedside_media::video::geometry::Size;
use clap::Parser;

/// Quality of the pictures: what a camera on a cable sends.
const JPEG_QUALITY: u8 = 95;

/// Writes a clip for a browser's fake camera.
#[derive(Debug, Parser)]
struct Arguments {
    /// Motion JPEG to be written, about 1.5 MB a second.
    out: PathBuf,
    /// The heart rate, beats a minute.
    #[arg(long, default_value_t = 72.0)]
    bpm: f64,
    /// How long it lasts, s.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Width of the head, as a fraction of the picture's.
    #[arg(long, default_value_t = 0.3)]
    head_width: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let scene = Scene {
        subject: Some(Subject {
            heart_bpm: arguments.bpm,
            heart_variability: 0.0,
            head_width: arguments.head_width,
            ..Subject::default()
        }),
        behaviour: Behaviour {
            sway: 0.005,
            ..Behaviour::default()
        },
        camera: Camera {
            size: Size::new(640, 480)?,
            ..Camera::default()
        },
        seconds: arguments.seconds,
        ..Scene::default()
    };
    let mut out = BufWriter::new(File::create(arguments.out)?);
    let (mut clip, mut picture) = (Clip::new(&scene, 1), Vec::new());
    while let Some(frame) = clip.next_frame() {
        picture.clear();
        frame.to_jpeg(JPEG_QUALITY, &mut picture)?;
        out.write_all(&picture)?;
    }
    Ok(out.flush()?)
}
