//! `bedside emulate`: stand in for the vendors until told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;

use bedside_emulators::{Emulators, Options};
use clap::{Args, ValueEnum};

use super::runtime;
use crate::assembly;
use crate::cli::Settings;
use crate::config::Flags;
use crate::failure::Failure;
use crate::logging;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address to serve on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Who speaks in the vendors' place: the local voice, or a tone for each word
    #[arg(long, value_enum, value_name = "KIND", default_value = "local")]
    mouth: MouthKind,
    /// Who hears in the vendors' place: the local recogniser, or a script
    #[arg(long, value_enum, value_name = "KIND", default_value = "local")]
    ears: EarsKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MouthKind {
    Local,
    Tones,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EarsKind {
    Local,
    Script,
}

pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let config = settings.check(Flags::default())?;
    logging::start(&config.log, config.log_format);
    let recogniser = (arguments.ears == EarsKind::Local)
        .then(|| assembly::load_recogniser(&config))
        .transpose()?;
    let synthesiser = (arguments.mouth == MouthKind::Local)
        .then(|| assembly::load_voice(&config))
        .transpose()?;
    let options = Options {
        recogniser,
        synthesiser,
    };
    runtime()?.block_on(serve(arguments.listen, options))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(listen: SocketAddr, options: Options) -> Result<(), Failure> {
    let cannot = |error| Failure::unavailable(format_args!("cannot listen on {listen}: {error}"));
    let running = Emulators::start(listen, options).await.map_err(cannot)?;
    // Read by scripts that had the system choose a port.
    println!("emulating http://{}", running.address);
    tokio::signal::ctrl_c().await.map_err(Failure::internal)
}
