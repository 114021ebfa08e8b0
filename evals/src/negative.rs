//! What has no pulse, and must get no number.

use bedside_facegen::{Behaviour, Scene, SkinTone, Subject};
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::Size;
use bedside_providers::local::RegionMode;
use bedside_sight::FaceModel;
use bedside_vitals::absence::Absence;
use bedside_vitals::reading::Reading;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::score::Score;
use crate::subject::{Fault, Job, all, drain, scan, scanner};
use crate::synthetic::flicker;
use crate::table::Table;

const SECONDS: f64 = 35.0;
const SEEDS: u64 = 3;
/// When the face that leaves does, s.
const LEAVES: f64 = 20.0;

/// A name and the clips it stands for.
struct Kind {
    name: &'static str,
    jobs: Vec<Job>,
}

/// Clips of every tone of skin, or of none, with something done to each.
fn kind(name: &'static str, people: bool, region: RegionMode, change: impl Fn(&mut Scene)) -> Kind {
    let tones = if people {
        &SkinTone::ALL[..]
    } else {
        &SkinTone::ALL[..1]
    };
    let mut jobs = Vec::new();
    for (index, skin) in tones.iter().enumerate() {
        for seed in 0..SEEDS {
            let photograph = Subject {
                skin: *skin,
                perfusion: 0.0,
                ..Subject::default()
            };
            let mut scene = Scene {
                subject: people.then_some(photograph),
                seconds: SECONDS,
                ..Scene::default()
            };
            change(&mut scene);
            jobs.push(Job {
                scene,
                seed: 1_000 + 10 * index as u64 + seed,
                jpeg: None,
                region,
                page: false,
            });
        }
    }
    Kind { name, jobs }
}

fn kinds() -> Vec<Kind> {
    let alias = |scene: &mut Scene| flicker(&mut scene.light, &mut scene.camera, 60.0, 29.6);
    let shaken = |sway, shake| {
        move |scene: &mut Scene| {
            scene.behaviour = Behaviour {
                sway,
                shake,
                ..Behaviour::default()
            };
        }
    };
    let mut cut_out = kind(
        "photograph held in the hand, cut out by a page",
        true,
        RegionMode::Auto,
        shaken(0.06, 0.005),
    );
    for job in &mut cut_out.jobs {
        job.show_to_page();
    }
    vec![
        cut_out,
        kind("still photograph", true, RegionMode::Auto, |_| {}),
        kind(
            "photograph held in the hand",
            true,
            RegionMode::Auto,
            shaken(0.02, 0.005),
        ),
        kind("photograph shaken", true, RegionMode::Auto, shaken(0.05, 0.03)),
        kind(
            "photograph in light that flickers at 96/min",
            true,
            RegionMode::Auto,
            alias,
        ),
        kind(
            "photograph, auto-exposure steps",
            true,
            RegionMode::Auto,
            |scene| {
                scene.light.exposure_steps_per_min = 20.0;
            },
        ),
        kind("mask that talks", true, RegionMode::Auto, |scene| {
            scene.behaviour.talking = true;
            scene.behaviour.sway = 0.02;
        }),
        kind("empty room", false, RegionMode::Auto, |_| {}),
        kind(
            "empty room, said to be a face",
            false,
            RegionMode::FaceCrop,
            |_| {},
        ),
        kind("flicker at 96/min, no face", false, RegionMode::Auto, alias),
        kind(
            "flicker at 96/min, said to be a face",
            false,
            RegionMode::FaceCrop,
            alias,
        ),
    ]
}

/// Readings of pictures of nothing but noise.
fn noise(model: &FaceModel, region: RegionMode, seed: u64) -> Result<Vec<Reading>, Fault> {
    let size = Size::new(72, 72)?;
    let mut scanner = scanner(model, region, std::time::Duration::from_secs(1));
    let (mut chance, mut readings) = (ChaCha8Rng::seed_from_u64(seed), Vec::new());
    let mut pixels = vec![0; size.pixels() * 3];
    for index in 0..(SECONDS * 30.0) as u64 {
        chance.fill_bytes(&mut pixels);
        scanner.push(&FrameView::packed(
            Layout::Rgb8,
            &pixels,
            size,
            index * 1_000_000 / 30,
        )?)?;
        drain(&mut scanner, &mut readings);
    }
    Ok(readings)
}

/// How long after the face left a rate was still given, and when it was withdrawn, s; `None` if it never was.
fn withdrawal(model: &FaceModel, seed: u64) -> Result<(f64, Option<f64>), Fault> {
    let scene = Scene {
        behaviour: Behaviour {
            away: Some(LEAVES..SECONDS),
            ..Behaviour::default()
        },
        seconds: SECONDS,
        ..Scene::default()
    };
    let (readings, _) = scan(
        &Job {
            scene,
            seed,
            jpeg: None,
            region: RegionMode::Auto,
            page: false,
        },
        model,
    )?;
    let at = |reading: &Reading| reading.at.as_micros() as f64 / 1e6 - LEAVES;
    let given = readings.iter().filter(|reading| reading.heart_rate.is_ok());
    let last = given.map(at).fold(0.0, f64::max);
    let gone = |reading: &&Reading| at(reading) > 0.0 && reading.heart_rate == Err(Absence::FaceLost);
    Ok((last, readings.iter().find(gone).map(at)))
}

/// The table, how many per cent of readings of its worst row were given, and the latest withdrawal, s.
pub(crate) fn table(model: &FaceModel) -> Result<(String, f64, f64), Fault> {
    let kinds = kinds();
    let jobs: Vec<_> = kinds.iter().flat_map(|kind| &kind.jobs).collect();
    let given = all(&jobs, |job| Ok(count(&scan(job, model)?.0)))?;
    let mut given = given.into_iter();
    let mut rows: Vec<(&str, Score)> = kinds
        .iter()
        .map(|kind| (kind.name, sum(given.by_ref().take(kind.jobs.len()))))
        .collect();
    for (name, region) in [
        ("noise", RegionMode::Auto),
        ("noise, said to be a face", RegionMode::FaceCrop),
    ] {
        let seeds: Vec<_> = (0..2 * SEEDS).collect();
        let given = all(&seeds, |seed| Ok(count(&noise(model, region, *seed)?)))?;
        rows.push((name, sum(given.into_iter())));
    }
    let mut table = Table::new(["", "readings due", "given"].map(str::to_owned).to_vec());
    let mut worst = 0.0_f64;
    for (name, score) in rows {
        worst = worst.max(score.coverage());
        table.row(vec![
            name.to_owned(),
            score.due().to_string(),
            score.given().to_string(),
        ]);
    }
    let mut latest = 0.0_f64;
    for seed in 0..SEEDS {
        let (given, lost) = withdrawal(model, seed)?;
        latest = latest.max(given).max(lost.unwrap_or(f64::INFINITY));
    }
    Ok((table.to_string(), worst, latest))
}

fn count(readings: &[Reading]) -> Score {
    let mut score = Score::default();
    for reading in readings {
        score.count(reading.heart_rate.is_ok().then_some(0.0));
    }
    score
}

fn sum(scores: impl Iterator<Item = Score>) -> Score {
    let mut sum = Score::default();
    for score in scores {
        sum += score;
    }
    sum
}
