//! `bedside talk`: hold a consultation in the terminal.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use clap::Args;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{read_wav, runtime, write_wav};
use crate::assembly;
use crate::cli::Settings;
use crate::client::{Connection, Target, Visit, converse};
use crate::config::{Config, Flags};
use crate::failure::Failure;
use crate::logging;

/// Log lines that belong into a dialogue on a terminal.
const LOG: &str = "warn";

/// How long the server in this process may take to stop.
const STOP: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What the patient says, one WAV file a turn
    #[arg(required_unless_present = "greet", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write what is answered to this WAV file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Let the server speak first
    #[arg(long)]
    greet: bool,
    /// Talk to this server instead of one in this process
    #[arg(long, value_name = "ws://HOST:PORT")]
    url: Option<String>,
    /// The consultation protocol
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// API key of the server
    #[arg(
        long,
        value_name = "KEY",
        env = "OPENAI_API_KEY",
        hide_env_values = true,
        requires = "url"
    )]
    key: Option<String>,
}

pub(crate) fn run(settings: &Settings, arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = settings.check(Flags::new())?;
    let mut rate = None;
    let mut clips = Vec::new();
    for path in &arguments.files {
        let recording = read_wav(path, rate)?;
        rate = Some(recording.rate);
        clips.push(recording.samples);
    }
    let visit = Visit {
        clips,
        rate: rate.unwrap_or(SampleRate::HZ_24000),
        greet: arguments.greet,
    };
    let rate = visit.rate.hz();
    let out = arguments.out.clone();
    let runtime = runtime()?;
    let played = runtime.block_on(talk(&config, arguments, visit))?;
    if let Some(path) = out {
        write_wav(&path, rate, &played)?;
        println!(
            "wrote {} ({:.1} s)",
            path.display(),
            played.len() as f64 / f64::from(rate)
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn talk(config: &Config, arguments: Arguments, visit: Visit) -> Result<Vec<i16>, Failure> {
    let own = match &arguments.url {
        Some(_) => None,
        None => Some(OwnServer::start(config).await?),
    };
    let own_url = own.as_ref().map(|server| format!("ws://{}", server.address));
    let target = Target {
        url: arguments.url.or(own_url).unwrap_or_default(),
        model: arguments.model,
        key: arguments.key,
    };
    let connection = Connection::open(&target).await?;
    let played = converse(connection, visit, |turn| print!("{turn}")).await?;
    if let Some(server) = own {
        server.stop().await;
    }
    Ok(played)
}

/// A server in this process, on a port of this machine that the system chose.
struct OwnServer {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl OwnServer {
    async fn start(config: &Config) -> Result<Self, Failure> {
        logging::start(LOG, config.log_format);
        let local = Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            access: bedside_server::Access::local(),
            ..config.clone()
        };
        let app = assembly::app(&local).await?;
        let listener = bedside_server::bind(local.listen).map_err(Failure::unavailable)?;
        let address = listener.local_addr().map_err(Failure::unavailable)?;
        let shutdown = CancellationToken::new();
        app.set_ready(true);
        let task = tokio::spawn(bedside_server::serve(listener, app, shutdown.clone(), STOP));
        Ok(Self {
            address,
            shutdown,
            task,
        })
    }

    async fn stop(self) {
        self.shutdown.cancel();
        // A server that does not stop in time ends with the process.
        let _ = tokio::time::timeout(2 * STOP, self.task).await;
    }
}
