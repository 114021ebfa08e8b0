//! `bedside transcribe`: write down what is said in WAV files.

use std::path::PathBuf;
use std::process::ExitCode;

use bedside_media::audio::format::SampleRate;
use bedside_speech::recogniser::TranscriptionOptions;
use clap::Args;

use super::read_wav;
use crate::assembly;
use crate::cli::Settings;
use crate::config::Flags;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// WAV files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print lines of name and text, separated by a tab
    #[arg(long)]
    tsv: bool,
    /// The recogniser, as --recogniser
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// ISO 639-1 language of the speech (base only)
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
}

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let model = arguments.model.iter().map(|name| ("recogniser", name.clone()));
    let config = settings.check(model.collect::<Flags>())?;
    let files = expand(&arguments.files)?;
    let recogniser = assembly::load_recogniser(&config)?;
    for path in &files {
        let audio = read_wav(path, Some(SampleRate::HZ_16000))?.samples;
        let options = TranscriptionOptions {
            language: arguments.language.clone(),
            ..TranscriptionOptions::default()
        };
        let transcript = recogniser
            .transcribe(&audio, options)
            .map_err(Failure::internal)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        match (arguments.tsv, files.len()) {
            (true, _) => println!("{name}\t{}", transcript.text),
            (false, 1) => println!("{}", transcript.text),
            (false, _) => println!("{name}: {}", transcript.text),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Folders become the WAV files in them, by name.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(Failure::file(path))?;
            let inside: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
            let mut inside = inside.map_err(Failure::file(path))?;
            inside.retain(|path| {
                path.extension()
                    .is_some_and(|end| end.eq_ignore_ascii_case("wav"))
            });
            inside.sort();
            files.append(&mut inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}
