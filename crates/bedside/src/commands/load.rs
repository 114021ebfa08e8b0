//! `bedside load`: put many patients on a server and see what they see.

mod find;

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bedside_load::figures::{FigureName, Run, Second};
use bedside_load::report::{self, Document};
use bedside_load::{Clip, LoadError, Material, Plan, Scenario, Target};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::runtime;
use super::speak::speak;
use crate::assembly;
use crate::cli::Settings;
use crate::config::Flags;
use crate::failure::Failure;

/// An objective was not kept.
const BROKEN: u8 = 1;

/// The generator did not keep up: the run says nothing. `EX_TEMPFAIL` of `sysexits.h`.
const INVALID: u8 = 75;

/// What patients say if no recordings are given.
const SAYINGS: [&str; 8] = [
    "I have a headache.",
    "It started about three days ago, in the evening.",
    "No.",
    "It is mostly on the left side, and it gets worse when I bend down.",
    "I would say six out of ten.",
    "Yes, I take something for my blood pressure.",
    "I feel a bit sick in the morning, but I have not been sick.",
    "I am not sure, maybe twice last week.",
];

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// relay, consultation, scan, or a scenario's TOML file
    scenario: String,
    /// The server
    #[arg(long, value_name = "ws://HOST:PORT")]
    url: String,
    /// The server's model, where the scenario names none
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Environment variable that holds the server's API key
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<String>,
    /// How many sessions, instead of the scenario's
    #[arg(long, value_name = "N")]
    sessions: Option<u32>,
    /// How long, instead of the scenario's
    #[arg(long, value_name = "SECONDS")]
    duration: Option<f64>,
    /// Folder of WAV files that patients say [default: a few sentences in the program's own voice]
    #[arg(long, value_name = "DIR")]
    material: Option<PathBuf>,
    /// The server's process, if it runs on this machine [default: ask its /metrics]
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// Threads of the generator
    #[arg(long, value_name = "N", default_value_t = 1)]
    generators: usize,
    /// Find the most sessions that keep the scenario's objectives, beginning with its number
    #[arg(long)]
    find_capacity: bool,
    /// The most sessions that are tried for it
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "find_capacity", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    most: u32,
    /// Write what was measured to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a report with plots, one page of HTML, to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(crate) fn run(settings: &Settings, arguments: Arguments) -> Result<ExitCode, Failure> {
    let (mut scenario, text) = Scenario::find(&arguments.scenario).map_err(failure)?;
    scenario.sessions = arguments.sessions.unwrap_or(scenario.sessions);
    scenario.duration_s = arguments.duration.unwrap_or(scenario.duration_s);
    scenario.check().map_err(failure)?;
    let clips = match &arguments.material {
        Some(folder) => Clip::read_folder(folder).map_err(failure)?,
        None if scenario.has_voice() => sayings(settings)?,
        None => Vec::new(),
    };
    let plan = Plan {
        material: Arc::new(Material::prepare(&scenario, &clips).map_err(failure)?),
        scenario,
        text,
        threads: arguments.generators,
    };
    let target = Target {
        url: arguments.url,
        model: arguments.model,
        key: arguments.key_env.as_deref().map(key).transpose()?,
        process: arguments.server_pid,
    };
    let runtime = runtime()?;
    let document = if arguments.find_capacity {
        let found = runtime.block_on(find::capacity(&plan, &target, arguments.most))?;
        Document {
            run: found.run,
            capacity: Some(found.capacity),
        }
    } else {
        let view = View::new();
        let measured = runtime.block_on(bedside_load::run(&plan, &target, |second| view.show(second)));
        view.end();
        Document {
            run: measured.map_err(failure)?,
            capacity: None,
        }
    };
    write(&document, arguments.json.as_deref(), arguments.html.as_deref())?;
    Ok(match &document.capacity {
        Some(capacity) => find::verdict(capacity),
        None => verdict(&document.run),
    })
}

fn key(variable: &str) -> Result<secrecy::SecretString, Failure> {
    let key = std::env::var(variable);
    key.map(Into::into)
        .map_err(|_| Failure::usage(format_args!("--key-env: {variable} is not set")))
}

/// The usual sentences, in the program's voice.
fn sayings(settings: &Settings) -> Result<Vec<Clip>, Failure> {
    let voice = assembly::load_voice(&settings.check(Flags::new())?)?;
    let say = |text: &&str| {
        Ok(Clip {
            samples: speak(&voice, text, 1.0)?,
            rate_hz: voice.rate(),
        })
    };
    SAYINGS.iter().map(say).collect()
}

fn write(document: &Document, json: Option<&Path>, html: Option<&Path>) -> Result<(), Failure> {
    if let Some(path) = html {
        std::fs::write(path, report::html(document)).map_err(Failure::file(path))?;
    }
    let text = report::json(document).map_err(Failure::internal)?;
    match json {
        Some(path) => std::fs::write(path, text).map_err(Failure::file(path))?,
        None => print!("{text}"),
    }
    Ok(())
}

/// Says on stderr what was not as it should be; the code says it to scripts.
fn verdict(run: &Run) -> ExitCode {
    for objective in &run.objectives {
        let measured = objective.measured;
        let measured = measured.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.1}"));
        let verdict = if objective.kept { "kept  " } else { "broken" };
        eprintln!("{verdict}  {} ({measured})", objective.objective);
    }
    for reason in &run.generator.invalid {
        eprintln!("invalid: {reason}");
    }
    if !run.generator.invalid.is_empty() {
        return ExitCode::from(INVALID);
    }
    if run.objectives.iter().any(|objective| !objective.kept) {
        return ExitCode::from(BROKEN);
    }
    ExitCode::SUCCESS
}

fn failure(error: LoadError) -> Failure {
    match error {
        LoadError::File { .. } => Failure::data(error),
        LoadError::System(_) | LoadError::Worker => Failure::internal(error),
        _ => Failure::usage(error),
    }
}

/// A line a second: in place on a terminal, one below the other elsewhere.
struct View(Option<ProgressBar>);

impl View {
    fn new() -> Self {
        let bar = || {
            let style = ProgressStyle::with_template("{spinner} {msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        };
        Self(std::io::stderr().is_terminal().then(bar))
    }

    fn show(&self, second: &Second) {
        let line = line(second);
        match &self.0 {
            Some(bar) => bar.set_message(line),
            None => eprintln!("{line}"),
        }
        if let Some(bar) = &self.0 {
            bar.tick();
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish();
        }
    }
}

fn line(second: &Second) -> String {
    let Second {
        at,
        live,
        refused,
        errors,
        ..
    } = second;
    let mut line = format!("{at:5.0} s  {live} sessions  {refused} refused  {errors} errors");
    for (name, short) in [
        (FigureName::Connect, "connect"),
        (FigureName::RoundTrip, "round trip"),
        (FigureName::VoiceToVoice, "voice to voice"),
        (FigureName::OwnLag, "own lag"),
    ] {
        if let Some(p99) = second.p99.get(&name) {
            let _ = write!(line, "  {short} {p99:.1} ms");
        }
    }
    if let Some(cores) = second.server_cores {
        let _ = write!(line, "  server {cores:.2} cores");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_was_measured() {
        let mut second = Second {
            at: 12.0,
            live: 90,
            ..Second::default()
        };
        second.p99.insert(FigureName::OwnLag, 0.66);
        assert_eq!(
            line(&second),
            "   12 s  90 sessions  0 refused  0 errors  own lag 0.7 ms"
        );
    }

    #[test]
    fn an_invalid_run_is_worse_than_a_broken_objective() {
        let mut run = Run::default();
        assert_eq!(verdict(&run), ExitCode::SUCCESS);
        run.objectives.push(bedside_load::figures::Verdict {
            objective: "errors <= 0".to_owned(),
            figure: None,
            limit: 0.0,
            measured: Some(1.0),
            kept: false,
        });
        assert_eq!(verdict(&run), ExitCode::from(BROKEN));
        run.generator.invalid.push("late".to_owned());
        assert_eq!(verdict(&run), ExitCode::from(INVALID));
    }
}
