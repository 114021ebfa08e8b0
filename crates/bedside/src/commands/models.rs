//! `bedside models`: fetch, check and convert the models.

use std::path::PathBuf;
use std::process::ExitCode;

use bedside_inference::store::{Asset, ModelStore, Size, Source};
use clap::Args;

use crate::assembly;
use crate::cli::Settings;
use crate::config::{Config, Flags, Voice};
use crate::failure::Failure;
use crate::progress;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Take the packages from this folder instead of through pip
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Prepare every model, not only those of this configuration
    #[arg(long)]
    all: bool,
    /// Show what there is and prepare nothing
    #[arg(long, conflicts_with = "check")]
    list: bool,
    /// Load every model that is needed, and prepare nothing
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = settings.check(Flags::new())?;
    let source = arguments.from.clone().map_or(Source::Pip, Source::Mirror);
    let store = ModelStore::new(&config.models, source);
    if arguments.list {
        list(&store);
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.check {
        assembly::load_models(&config)?;
        println!("all models load");
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = if arguments.all {
        Asset::ALL.to_vec()
    } else {
        needed(&config)
    };
    progress::prepare(&store, &wanted).map_err(Failure::unavailable)?;
    println!("models are ready in {}", store.root().display());
    Ok(ExitCode::SUCCESS)
}

/// The models that `config` needs.
pub(crate) fn needed(config: &Config) -> Vec<Asset> {
    let recogniser = match config.recogniser {
        Size::TinyEn => Asset::TinyEn,
        Size::Base => Asset::Base,
    };
    let mut assets = vec![Asset::SpeechDetection, Asset::EndOfTurn, recogniser];
    if config.vitals {
        assets.push(Asset::FaceDetection);
    }
    if config.voice == Voice::Joe {
        assets.push(Asset::Joe);
    }
    assets
}

fn list(store: &ModelStore) {
    for asset in Asset::ALL {
        let state = if store.is_ready(asset) { "ready" } else { "missing" };
        println!("{:<16} {state:<8} {}", asset.id(), asset.licence());
        for wheel in asset.wheels() {
            println!("{:25} {} ({:.0} MB)", "", wheel.file, wheel.size as f64 / 1e6);
        }
    }
}
