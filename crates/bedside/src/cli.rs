//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::config::{Config, Flags, Layers};
use crate::failure::Failure;

/// A real-time voice engine for medical consultations.
#[derive(Debug, Parser)]
#[command(name = "bedside", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Settings any command can be given. Their values are checked with those of the other sources, not here.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Configuration file [default: bedside.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of this installation's own files
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// Folder of prepared models
    #[arg(long, global = true, value_name = "DIR")]
    models: Option<String>,
    /// Threads that run models [default: one a core]
    #[arg(long, global = true, value_name = "N")]
    threads: Option<String>,
    /// Which recogniser hears: tiny.en or base
    #[arg(long, global = true, value_name = "NAME")]
    recogniser: Option<String>,
    /// Who speaks: joe, or an .onnx file of a Piper voice
    #[arg(long, global = true, value_name = "VOICE")]
    voice: Option<String>,
    /// Which log lines are written to stderr
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the Realtime API
    Serve(commands::serve::Arguments),
    /// Hold a consultation: play WAV files to it as the patient, and keep what it says
    Talk(commands::talk::Arguments),
    /// Write down what is said in WAV files
    Transcribe(commands::transcribe::Arguments),
    /// Say a text
    Speak(commands::speak::Arguments),
    /// Measure heart rate and breathing in a video of a face
    Scan(commands::scan::Arguments),
    /// Fetch, check and convert the models
    Models(commands::models::Arguments),
    /// Stand in for vendors, with faults on command, for tests
    Emulate(commands::emulate::Arguments),
    /// Put many patients on a server, and measure what they see
    Load(commands::load::Arguments),
    /// Check this installation and say what to do
    Doctor(commands::doctor::Arguments),
}

/// Reads the command line. Help and the version are printed and end the process.
pub(crate) fn parse() -> Result<Cli, Failure> {
    parse_from(std::env::args_os())
}

fn parse_from(words: impl IntoIterator<Item = OsString>) -> Result<Cli, Failure> {
    Cli::try_parse_from(words).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => {
            let text = error.to_string();
            Failure::usage(text.trim_start_matches("error: ").trim_end())
        }
    })
}

impl Settings {
    /// Reads all sources of settings, with `flags` of the command on top, and checks them.
    pub(crate) fn check(&self, mut flags: Flags) -> Result<Config, Failure> {
        let own = [
            ("data", &self.data),
            ("models", &self.models),
            ("threads", &self.threads),
            ("recogniser", &self.recogniser),
            ("voice", &self.voice),
            ("log", &self.log),
        ];
        flags.extend(
            own.into_iter()
                .filter_map(|(key, value)| Some((key, value.clone()?))),
        );
        Config::check(&Layers::read(self.config.as_deref(), flags)?)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_is_a_usage_failure() {
        let words = ["bedside", "serve", "--lisen", "127.0.0.1:1"].map(OsString::from);
        let failure = parse_from(words).expect_err("no such flag");
        assert!(failure.to_string().contains("--lisen"), "{failure}");
        assert_eq!(failure.exit_code(), std::process::ExitCode::from(64));
    }
}
