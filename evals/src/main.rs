//! Measures the heart rates of the camera against truth that is known, and prints Markdown tables.
//!
//! Exits 1 if a limit is broken: gated error of synthetic faces, numbers given where there is no pulse, a face that left
//! withdrawn too late.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is its purpose"
)]

mod clips;
mod negative;
mod page;
mod recoder;
mod reference;
mod score;
mod subject;
mod synthetic;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use bedside_inference::store::{ModelStore, Source};
use bedside_sight::FaceModel;
use clap::Parser;

use crate::subject::Fault;

/// Largest root of the mean squared error of any cell, beats a minute.
const RMSE: f64 = 3.0;
/// Most readings given where there is no pulse, percent.
const GIVEN: f64 = 1.0;
/// Latest withdrawal of a face that left, s.
const WITHDRAWN: f64 = 2.0;

#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of prepared models
    #[arg(long, env = "BEDSIDE_MODELS", value_name = "DIR")]
    models: PathBuf,
    /// Folder of videos, each with its contact sensor's wave in a table beside it: measure these alone
    #[arg(long, value_name = "DIR")]
    clips: Option<PathBuf>,
    /// Measure only synthetic faces in rows with these letters
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("vitals-eval: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every limit holds.
fn run(arguments: &Arguments) -> Result<bool, Fault> {
    let path = ModelStore::new(&arguments.models, Source::Pip).face_detection()?;
    let model = FaceModel::load(&path)?;
    if let Some(folder) = &arguments.clips {
        println!("{}", clips::table(folder, &model)?);
        return Ok(true);
    }
    let (table, rmse) = synthetic::table(&model, arguments.only.as_deref())?;
    println!(
        "Root of the mean squared error of readings given, beats a minute (readings given of those due):\n"
    );
    println!("{table}");
    if arguments.only.is_some() {
        return Ok(rmse <= RMSE);
    }
    let (table, given, withdrawn) = negative::table(&model)?;
    println!("Where there is no pulse:\n\n{table}");
    println!("A face that left: withdrawn after {withdrawn:.1} s at the latest.");
    Ok(rmse <= RMSE && given <= GIVEN && withdrawn <= WITHDRAWN)
}
