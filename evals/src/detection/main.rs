//! Holds speech detection, batched across sessions, against the published graph run on every window of every session
//! alone, and prints a Markdown table.
//!
//! Exits 1 if a limit is broken: agreement of stretches of speech, processor time for each second of a session.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is its purpose"
)]

mod material;
mod noise;
mod published;
mod run;
mod segments;
#[path = "../table.rs"]
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use bedside_inference::store::{ModelStore, Source};
use bedside_speech::detection::SpeechModel;
use clap::Parser;

use crate::material::Material;
use crate::noise::Noise;
use crate::published::Published;
use crate::run::Outcome;
use crate::table::Table;

/// What went wrong with the tools, not with a measurement.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Least F1 of stretches of speech, over all clips of all conditions and over those of each.
const AGREEMENT: f64 = 0.99;

/// Most processor time for each second of a session in an ordinary room, ms.
const COST: f64 = 1.0;

#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of prepared models
    #[arg(long, env = "BEDSIDE_MODELS", value_name = "DIR")]
    models: PathBuf,
    /// Folder of WAV files of speech; our own voice without it
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print every clip, too
    #[arg(long)]
    clips: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("detection-eval: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every limit holds.
fn run(arguments: &Arguments) -> Result<bool, Fault> {
    let store = ModelStore::new(&arguments.models, Source::Pip);
    let path = store.speech_detection()?;
    let model = SpeechModel::load(&path)?;
    let published = Published::load(&path)?;
    let material = match &arguments.data {
        Some(folder) => Material::read(folder)?,
        None => Material::speak(&store)?,
    };
    let head = [
        "sound",
        "F1, stretches",
        "F1, windows",
        "apart at most",
        "ms/s",
        "alone, ms/s",
    ];
    let mut table = Table::new(head.map(str::to_owned).to_vec());
    let mut holds = true;
    let mut all = Outcome::default();
    for noise in Noise::ALL {
        let sessions = material.sessions(noise);
        let outcomes = run::together(&model, &published, &sessions)?;
        let mut sum = Outcome::default();
        for (clip, outcome) in material.names().zip(&outcomes.clips) {
            if arguments.clips {
                println!("{}: {clip}: {outcome}", noise.name());
            }
            sum.add(outcome);
        }
        all.add(&sum);
        let cost = outcomes.cost_ms();
        holds &= sum.stretches.f1() >= AGREEMENT && (noise != Noise::Room || cost <= COST);
        table.row(vec![
            noise.name().to_owned(),
            format!("{:.4}", sum.stretches.f1()),
            format!("{:.4}", sum.windows.f1()),
            format!("{:.4}", sum.apart),
            format!("{cost:.2}"),
            format!("{:.2}", outcomes.alone_ms()),
        ]);
    }
    println!("{table}");
    println!("All: {all}.");
    Ok(holds)
}
