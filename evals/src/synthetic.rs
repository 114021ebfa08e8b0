//! Faces whose pulse is known: error and coverage by tone of skin and by what makes it hard.

use bedside_facegen::{Behaviour, Camera, Light, Mains, Scene, SkinTone, Subject};
use bedside_media::video::geometry::Size;
use bedside_providers::local::RegionMode;
use bedside_sight::FaceModel;
use bedside_vitals::reading::Reading;

use crate::score::Score;
use crate::subject::{Fault, Job, all, scan};
use crate::table::Table;

/// A clip's length, s.
const SECONDS: f64 = 35.0;
/// Hearts, beats a minute: rest, ordinary, excited.
const HEARTS: [f64; 3] = [54.0, 76.0, 108.0];

/// What makes a measurement hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hardship {
    Still,
    Talking,
    HeadMotion,
    HandHeld,
    Dim,
    Mains50,
    Mains60,
    Alias,
    Exposure,
    Jpeg75,
    Jpeg60,
    LossAndJitter,
    Crop,
    Large,
    Page,
    PageMoves,
    PageAway,
}

impl Hardship {
    const ALL: [Self; 17] = [
        Self::Still,
        Self::Talking,
        Self::HeadMotion,
        Self::HandHeld,
        Self::Dim,
        Self::Mains50,
        Self::Mains60,
        Self::Alias,
        Self::Exposure,
        Self::Jpeg75,
        Self::Jpeg60,
        Self::LossAndJitter,
        Self::Crop,
        Self::Large,
        Self::Page,
        Self::PageMoves,
        Self::PageAway,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Still => "still",
            Self::Talking => "talking",
            Self::HeadMotion => "head moves",
            Self::HandHeld => "hand-held phone",
            Self::Dim => "dim light",
            Self::Mains50 => "flicker, 50 Hz mains",
            Self::Mains60 => "flicker, 60 Hz mains",
            Self::Alias => "flicker seen at 96/min",
            Self::Exposure => "auto-exposure steps",
            Self::Jpeg75 => "JPEG q75",
            Self::Jpeg60 => "JPEG q60",
            Self::LossAndJitter => "30 % loss, 40 ms jitter",
            Self::Crop => "face crop 72×72",
            Self::Large => "still, face twice as large",
            Self::Page => "page: cut to 72×72",
            Self::PageMoves => "page: head moves",
            Self::PageAway => "page: away for 3 s",
        }
    }

    /// The clip of a person under it.
    fn job(self, skin: SkinTone, heart_bpm: f64, seed: u64) -> Job {
        let subject = Subject {
            skin,
            heart_bpm,
            ..Subject::default()
        };
        let mut job = Job {
            scene: Scene {
                subject: Some(subject),
                seconds: SECONDS,
                ..Scene::default()
            },
            seed,
            jpeg: None,
            region: RegionMode::Auto,
            page: false,
        };
        job.scene.camera.size = size(240, 180);
        // Nobody sits like a statue.
        job.scene.behaviour.sway = 0.005;
        self.impose(&mut job);
        job
    }

    fn impose(self, job: &mut Job) {
        let Scene {
            behaviour,
            light,
            camera,
            subject,
            ..
        } = &mut job.scene;
        match self {
            Self::Still => {}
            Self::Talking => behaviour.talking = true,
            Self::HeadMotion => behaviour.sway = 0.06,
            Self::HandHeld => {
                *behaviour = Behaviour {
                    sway: 0.03,
                    shake: 0.008,
                    ..behaviour.clone()
                }
            }
            Self::Dim => light.level = 0.3,
            Self::Mains50 => flicker(light, camera, 50.0, 30.0),
            Self::Mains60 => flicker(light, camera, 59.97, 30.0),
            // 120 flickers a second, seen 29.6 times: 1.6 Hz.
            Self::Alias => flicker(light, camera, 60.0, 29.6),
            Self::Exposure => light.exposure_steps_per_min = 8.0,
            Self::Jpeg75 => job.jpeg = Some(75),
            Self::Jpeg60 => job.jpeg = Some(60),
            Self::LossAndJitter => (camera.loss, camera.jitter_s) = (0.3, 0.04),
            Self::Large => camera.size = size(480, 360),
            Self::Page | Self::PageMoves | Self::PageAway => {
                match self {
                    Self::PageMoves => behaviour.sway = 0.06,
                    Self::PageAway => behaviour.away = Some(14.0..17.0),
                    _ => {}
                }
                job.show_to_page();
            }
            Self::Crop => {
                camera.size = size(72, 72);
                if let Some(subject) = subject {
                    subject.head_width = 0.78;
                }
                job.region = RegionMode::FaceCrop;
            }
        }
    }
}

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).unwrap_or(Size::MAX)
}

/// Tubes before a camera with a short exposure.
pub(crate) fn flicker(light: &mut Light, camera: &mut Camera, mains_hz: f64, fps: f64) {
    light.mains = Some(Mains {
        hz: mains_hz,
        depth: 0.1,
    });
    (camera.shutter_s, camera.fps) = (0.003, fps);
}

/// Counts readings against the heart rate of the very window each was found in.
fn judge(readings: &[Reading], truth: &bedside_facegen::Truth) -> Score {
    let mut score = Score::default();
    for reading in readings {
        let end = reading.at.as_micros() as f64 / 1e6;
        let truth = truth.heart_rate_bpm(end - reading.window.as_secs_f64()..end);
        score.count(reading.heart_rate.ok().map(|rate| rate.bpm - truth));
    }
    score
}

/// The table, and the largest error (RMSE) of its cells.
pub(crate) fn table(model: &FaceModel, only: Option<&str>) -> Result<(String, f64), Fault> {
    let mut keys = Vec::new();
    let hardships = Hardship::ALL.into_iter().enumerate();
    for (row, hardship) in
        hardships.filter(|(_, hardship)| only.is_none_or(|only| hardship.name().contains(only)))
    {
        for (column, skin) in SkinTone::ALL.into_iter().enumerate() {
            for (index, heart) in HEARTS.into_iter().enumerate() {
                let seed = (row * 100 + column * 10 + index) as u64;
                keys.push((hardship, skin, hardship.job(skin, heart, seed)));
            }
        }
    }
    let scores = all(&keys, |(_, _, job)| {
        let (readings, truth) = scan(job, model)?;
        Ok(judge(&readings, &truth))
    })?;
    let mut head = vec![String::new()];
    head.extend(SkinTone::ALL.map(|skin| format!("{skin:?}")));
    head.push("all".to_owned());
    let (mut table, mut highest) = (Table::new(head), 0.0_f64);
    let sum = |wanted: &dyn Fn(Hardship, SkinTone) -> bool| {
        let mut sum = Score::default();
        for ((hardship, skin, _), score) in keys.iter().zip(&scores) {
            if wanted(*hardship, *skin) {
                sum += *score;
            }
        }
        sum
    };
    for hardship in Hardship::ALL
        .into_iter()
        .filter(|row| keys.iter().any(|(key, ..)| key == row))
    {
        let mut row = vec![hardship.name().to_owned()];
        for skin in SkinTone::ALL {
            let score = sum(&|h, s| h == hardship && s == skin);
            highest = highest.max(score.rmse().unwrap_or(0.0));
            row.push(cell(score));
        }
        row.push(cell(sum(&|h, _| h == hardship)));
        table.row(row);
    }
    let mut row = vec!["all".to_owned()];
    row.extend(SkinTone::ALL.map(|skin| cell(sum(&|_, s| s == skin))));
    row.push(cell(sum(&|_, _| true)));
    table.row(row);
    Ok((table.to_string(), highest))
}

fn cell(score: Score) -> String {
    match score.rmse() {
        Some(rmse) => format!("{rmse:.1} ({:.0} %)", score.coverage()),
        None => format!("– ({:.0} %)", score.coverage()),
    }
}
