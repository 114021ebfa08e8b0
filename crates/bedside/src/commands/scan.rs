//! `bedside scan`: vital signs from a video file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use bedside_footage::{Footage, FootageError};
use bedside_media::video::rate::FrameRate;
use bedside_providers::local::{RegionMode, Scanner};
use bedside_vitals::scan::ScanSettings;
use clap::Args;

use crate::assembly;
use crate::cli::Settings;
use crate::config::Flags;
use crate::failure::Failure;
use crate::scan::plot::Kind;
use crate::scan::record::Record;
use crate::scan::{csv, json, plot};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Video of a face: y4m, motion JPEG, or anything ffmpeg reads
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the readings as a table: a file, or a folder to put one into
    #[arg(long, value_name = "PATH")]
    csv: Option<PathBuf>,
    /// Draw pulse wave, spectrum and heart rate: a file that ends in .svg or .png
    #[arg(long, value_name = "PATH")]
    plot: Option<PathBuf>,
    /// Print the result and all readings as JSON
    #[arg(long)]
    json: bool,
    /// The whole picture is a face
    #[arg(long)]
    face_crop: bool,
    /// Milliseconds between readings
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(200..=10_000))]
    interval: u64,
    /// Frames a second of bare motion JPEG, as 30 or 30000/1001
    #[arg(long, value_name = "RATE", value_parser = rate)]
    fps: Option<FrameRate>,
}

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = settings.check(Flags::new())?;
    let drawing = arguments.plot.as_deref();
    let drawing = drawing.map(|path| Ok((Kind::of(path)?, path))).transpose()?;
    let (model, region) = if arguments.face_crop {
        (None, RegionMode::FaceCrop)
    } else {
        (Some(assembly::load_face_model(&config)?), RegionMode::Auto)
    };
    let interval = Duration::from_millis(arguments.interval);
    let mut footage = open(&arguments.file, arguments.fps)?;
    let record = scan(
        &mut footage,
        Scanner::new(model, region, ScanSettings { interval }),
    )
    .map_err(|error| named(&arguments.file, &error))?;
    if let Some(path) = &arguments.csv {
        let path = table_path(path, &arguments.file);
        fs::write(&path, csv::table(&record)).map_err(Failure::file(&path))?;
    }
    if let Some((kind, path)) = drawing {
        plot::write(&record, kind, path)?;
    }
    if arguments.json {
        println!("{:#}", json::value(&record));
    } else {
        println!("{record}");
    }
    Ok(ExitCode::SUCCESS)
}

fn open(path: &Path, rate: Option<FrameRate>) -> Result<Footage, Failure> {
    Footage::open(path, rate).map_err(|error| match error {
        FootageError::Io(error) => Failure::file(path)(error),
        FootageError::NoFfmpeg => Failure::unavailable(format_args!("{}: {error}", path.display())),
        FootageError::NoRate => {
            Failure::usage(format_args!("{}: {error}; give it with --fps", path.display()))
        }
        error => named(path, &error),
    })
}

fn named(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::data(format_args!("{}: {error}", path.display()))
}

/// Scans the file to its end. Frames that are damaged are left out: each has its own time, so nothing shifts.
fn scan(footage: &mut Footage, mut scanner: Scanner) -> Result<Record, Box<dyn std::error::Error>> {
    let mut record = Record::new(scanner.summary());
    loop {
        match footage.next_frame() {
            Ok(Some(frame)) => scanner.push(&frame)?,
            Ok(None) => break,
            Err(FootageError::Jpeg(_)) => record.damaged += 1,
            Err(error) => return Err(error.into()),
        }
        while let Some(event) = scanner.poll_event() {
            record.keep(event);
        }
    }
    record.summary = scanner.summary();
    Ok(record)
}

/// The file itself, or in a folder a file named after the video.
fn table_path(wanted: &Path, video: &Path) -> PathBuf {
    if wanted.is_dir() {
        let name = video.file_stem().unwrap_or(video.as_os_str());
        wanted.join(format!("{}.csv", name.display()))
    } else {
        wanted.to_owned()
    }
}

fn rate(text: &str) -> Result<FrameRate, String> {
    let (frames, seconds) = text.split_once('/').unwrap_or((text, "1"));
    let rate = frames.parse().ok().zip(seconds.parse().ok());
    rate.and_then(|(frames, seconds)| FrameRate::new(frames, seconds))
        .ok_or_else(|| "write it as 30 or 30000/1001".to_owned())
}
