//! `bedside speak`: say a text.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bedside_speech::synthesis::{Synthesiser, clauses};
use clap::Args;

use super::write_wav;
use crate::assembly;
use crate::cli::Settings;
use crate::config::Flags;
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What to say
    #[arg(required_unless_present = "tsv", conflicts_with = "tsv")]
    text: Option<String>,
    /// The WAV file to write; with --tsv the folder
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// Say every line of a file of name and text, separated by a tab, each into a file of its name
    #[arg(long, value_name = "FILE")]
    tsv: Option<PathBuf>,
    /// Speaking rate, 0.25 to 1.5
    #[arg(long, default_value_t = 1.0)]
    speed: f32,
}

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = settings.check(Flags::new())?;
    let voice = assembly::load_voice(&config)?;
    let say = |text: &str, path: &Path| {
        let samples = speak(&voice, text, arguments.speed)?;
        write_wav(path, voice.rate(), &samples)
    };
    if let Some(list) = &arguments.tsv {
        std::fs::create_dir_all(&arguments.out).map_err(Failure::file(&arguments.out))?;
        for (name, text) in lines(list)? {
            say(&text, &arguments.out.join(format!("{name}.wav")))?;
        }
    } else if let Some(text) = &arguments.text {
        say(text, &arguments.out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Clause by clause, as a session speaks.
pub(super) fn speak(voice: &Synthesiser, text: &str, speed: f32) -> Result<Vec<i16>, Failure> {
    let mut samples = Vec::new();
    for clause in clauses(text) {
        let speech = voice
            .synthesise(&text[clause], speed)
            .map_err(Failure::internal)?;
        samples.extend(speech.pcm);
    }
    Ok(samples)
}

fn lines(list: &Path) -> Result<Vec<(String, String)>, Failure> {
    let text = std::fs::read_to_string(list).map_err(Failure::file(list))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let pair = |line: &str| {
        let (name, text) = line.split_once('\t')?;
        let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        plain.then(|| (name.to_owned(), text.to_owned()))
    };
    lines
        .map(|line| {
            pair(line).ok_or_else(|| {
                Failure::data(format_args!(
                    "{}: {line:?} is not a name and a text with a tab between",
                    list.display()
                ))
            })
        })
        .collect()
}
