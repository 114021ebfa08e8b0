//! The commands, one a file.

pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod load;
pub(crate) mod models;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod speak;
pub(crate) mod talk;
pub(crate) mod transcribe;

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::ExitCode;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::resample::Resampler;
use bedside_media::audio::wav::{Wav, WavSink};

use crate::cli::{Cli, Command};
use crate::failure::Failure;

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let settings = &cli.settings;
    match cli.command {
        Command::Serve(arguments) => serve::run(settings, arguments),
        Command::Talk(arguments) => talk::run(settings, arguments),
        Command::Transcribe(arguments) => transcribe::run(settings, &arguments),
        Command::Speak(arguments) => speak::run(settings, &arguments),
        Command::Scan(arguments) => scan::run(settings, &arguments),
        Command::Models(arguments) => models::run(settings, &arguments),
        Command::Emulate(arguments) => emulate::run(settings, &arguments),
        Command::Load(arguments) => load::run(settings, arguments),
        Command::Doctor(arguments) => doctor::run(settings, &arguments),
    }
}

/// Speech from a file.
struct Recording {
    samples: Vec<i16>,
    rate: SampleRate,
}

/// Reads a WAV file, at `rate` if one is given, else at its own.
fn read_wav(path: &Path, rate: Option<SampleRate>) -> Result<Recording, Failure> {
    let named = |error: &dyn fmt::Display| Failure::data(format_args!("{}: {error}", path.display()));
    let file = File::open(path).map_err(Failure::file(path))?;
    let wav = Wav::read(BufReader::new(file)).map_err(|error| named(&error))?;
    let own = SampleRate::try_from(wav.rate_hz).map_err(|error| named(&error))?;
    let rate = rate.unwrap_or(own);
    if rate == own {
        let samples = wav.samples;
        return Ok(Recording { samples, rate });
    }
    let mut resampler = Resampler::new(own, rate).map_err(Failure::internal)?;
    let mut samples = Vec::new();
    resampler
        .process(&wav.samples, &mut samples)
        .map_err(Failure::internal)?;
    resampler.finish(&mut samples).map_err(Failure::internal)?;
    Ok(Recording { samples, rate })
}

fn write_wav(path: &Path, rate_hz: u32, samples: &[i16]) -> Result<(), Failure> {
    let file = File::create(path).map_err(Failure::file(path))?;
    let named = |error| Failure::data(format_args!("{}: {error}", path.display()));
    let mut sink = WavSink::new(BufWriter::new(file), rate_hz).map_err(named)?;
    sink.write(samples).and_then(|()| sink.finish()).map_err(named)
}

/// The asynchronous runtime of a command that needs one. Models run on threads of their own.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().map_err(Failure::internal)
}
