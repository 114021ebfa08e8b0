//! Videos of people with a contact sensor's wave beside them: `NAME.mp4` (or any video) and `NAME.csv`, which has the
//! wave in its column `ppg`, one number for each frame.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bedside_footage::Footage;
use bedside_providers::local::RegionMode;
use bedside_sight::FaceModel;
use bedside_vitals::reading::{Reading, Stage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::page::Page;
use crate::recoder::Recoder;
use crate::reference::rate_bpm;
use crate::score::Score;
use crate::subject::{Fault, all, drain, push_from_page, scanner};
use crate::table::Table;

/// Between readings: windows slide by this much.
const STRIDE: Duration = Duration::from_millis(200);
/// How often what is left to chance is repeated.
const SEEDS: u64 = 3;

/// What a bad camera or connection does.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Harm {
    None,
    Jpeg(u8),
    HalfLost,
    Jitter,
    Gap,
    HalfRate,
    Page,
}

impl Harm {
    const ALL: [Self; 8] = [
        Self::None,
        Self::Jpeg(75),
        Self::Jpeg(60),
        Self::HalfLost,
        Self::Jitter,
        Self::Gap,
        Self::HalfRate,
        Self::Page,
    ];

    fn name(self) -> String {
        match self {
            Self::None => "as recorded".to_owned(),
            Self::Jpeg(quality) => format!("JPEG q{quality}"),
            Self::HalfLost => "half the frames lost".to_owned(),
            Self::Jitter => "time stamps off by up to 40 ms".to_owned(),
            Self::Gap => "a gap of 1.5 s".to_owned(),
            Self::HalfRate => "every second frame".to_owned(),
            Self::Page => "cut out by a page".to_owned(),
        }
    }

    fn repeats(self) -> u64 {
        match self {
            Self::HalfLost | Self::Jitter | Self::Gap => SEEDS,
            _ => 1,
        }
    }
}

/// The videos of a folder that have a wave beside them, with the wave.
fn videos(folder: &Path) -> Result<Vec<(PathBuf, Vec<f64>)>, Fault> {
    let mut videos = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let table = path.with_extension("csv");
        if path != table && table.is_file() {
            videos.push((path, wave(&fs::read_to_string(table)?)?));
        }
    }
    videos.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(videos)
}

fn wave(table: &str) -> Result<Vec<f64>, Fault> {
    let mut lines = table.lines();
    let mut head = lines.next().unwrap_or_default().split(',');
    let column = head
        .position(|name| name.trim() == "ppg")
        .ok_or("a table has no column ppg")?;
    let cell = |line: &str| Ok(line.split(',').nth(column).unwrap_or_default().trim().parse()?);
    lines.filter(|line| !line.trim().is_empty()).map(cell).collect()
}

/// Readings of a video under a harm, and the true times of its frames, s.
fn scan(path: &Path, harm: Harm, seed: u64, model: &FaceModel) -> Result<(Vec<Reading>, Vec<f64>), Fault> {
    let mut footage = Footage::open(path, None)?;
    let mut scanner = scanner(model, RegionMode::Auto, STRIDE);
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let gap = 2_000_000 + 2_500_000 * seed..3_500_000 + 2_500_000 * seed;
    let (mut picture, mut page, mut readings, mut times) = (None, None, Vec::new(), Vec::new());
    while let Some(frame) = footage.next_frame()? {
        let captured = frame.captured_us();
        let index = times.len();
        times.push(captured as f64 / 1e6);
        let lost = match harm {
            Harm::HalfLost => chance.random::<bool>(),
            Harm::Gap => gap.contains(&captured),
            Harm::HalfRate => index % 2 == 1,
            _ => false,
        };
        match harm {
            _ if lost => continue,
            Harm::Jpeg(quality) => {
                let picture = picture.get_or_insert_with(|| Recoder::new(frame.size()));
                scanner.push(&picture.recode(&frame, quality)?)?;
            }
            Harm::Jitter => {
                let stamp = (captured + 40_000).saturating_add_signed(chance.random_range(-40_000..=40_000));
                scanner.push(&frame.captured_at(stamp))?;
            }
            Harm::Page => {
                let page = page.get_or_insert_with(|| Page::new(frame.size()));
                push_from_page(page, &frame, &mut scanner, &mut readings)?;
            }
            _ => scanner.push(&frame)?,
        }
        drain(&mut scanner, &mut readings);
    }
    Ok((readings, times))
}

/// Counts the readings of whole windows against the wave's rate in the same window.
fn judge(readings: &[Reading], times: &[f64], wave: &[f64]) -> Score {
    let mut score = Score::default();
    for reading in readings.iter().filter(|reading| reading.stage == Stage::Stable) {
        let end = reading.at.as_micros() as f64 / 1e6;
        let window = end - reading.window.as_secs_f64()..end;
        if let Some(truth) = rate_bpm(times, wave, window) {
            score.count(reading.heart_rate.ok().map(|rate| rate.bpm - truth));
        }
    }
    score
}

/// Error and coverage of all windows of all videos under each harm.
pub(crate) fn table(folder: &Path, model: &FaceModel) -> Result<String, Fault> {
    let videos = videos(folder)?;
    if videos.is_empty() {
        return Err("no video of the folder has a table beside it".into());
    }
    let mut jobs = Vec::new();
    for harm in Harm::ALL {
        for index in 0..videos.len() {
            jobs.extend((0..harm.repeats()).map(|seed| (harm, index, seed)));
        }
    }
    let scores = all(&jobs, |(harm, index, seed)| {
        let (path, wave) = &videos[*index];
        let (readings, times) = scan(path, *harm, *seed, model)?;
        Ok(judge(&readings, &times, wave))
    })?;
    let head = ["", "windows", "given", "mean error", "worst error"];
    let mut table = Table::new(head.map(str::to_owned).to_vec());
    for harm in Harm::ALL {
        for (index, (path, _)) in videos.iter().enumerate() {
            let mut score = Score::default();
            for (_, one) in jobs
                .iter()
                .zip(&scores)
                .filter(|(job, _)| job.0 == harm && job.1 == index)
            {
                score += *one;
            }
            table.row(vec![
                format!(
                    "{}: {}",
                    path.file_stem().unwrap_or_default().display(),
                    harm.name()
                ),
                score.due().to_string(),
                format!("{:.0} %", score.coverage()),
                score.mean().map_or("–".to_owned(), |mean| format!("{mean:.2}")),
                format!("{:.2}", score.worst()),
            ]);
        }
    }
    Ok(table.to_string())
}
