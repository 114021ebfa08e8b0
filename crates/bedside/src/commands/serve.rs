//! `bedside serve`: serve the Realtime API until told to stop.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::runtime;
use crate::assembly;
use crate::cli::Settings;
use crate::config::{Config, Flags};
use crate::failure::Failure;
use crate::{logging, traces};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address to serve on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Sessions at a time [default: as many as this machine serves in time]
    #[arg(long, value_name = "N")]
    sessions: Option<String>,
    /// Seconds to wait for sessions when stopping [default: 10]
    #[arg(long, value_name = "N")]
    drain_seconds: Option<String>,
    /// Address of the OTLP collector that gets a trace of each turn [default: none is made]
    #[arg(long, value_name = "URL")]
    otlp_endpoint: Option<String>,
}

pub(crate) fn run(settings: &Settings, arguments: Arguments) -> Result<ExitCode, Failure> {
    let own = [
        ("listen", arguments.listen),
        ("sessions", arguments.sessions),
        ("drain_seconds", arguments.drain_seconds),
        ("otlp_endpoint", arguments.otlp_endpoint),
    ];
    let flags: Flags = own
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    let config = settings.check(flags)?;
    logging::start(&config.log, config.log_format);
    for name in &config.unknown_variables {
        tracing::warn!(%name, "this variable looks like a setting, but there is no such setting");
    }
    runtime()?.block_on(serve(&config))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: &Config) -> Result<(), Failure> {
    let app = assembly::app(config).await?;
    let shutdown = CancellationToken::new();
    stop_on_signal(shutdown.clone())?;
    let cannot = |error| Failure::unavailable(format_args!("cannot listen on {}: {error}", config.listen));
    let listener = bedside_server::bind(config.listen).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let traces = traces::start(config, &app)?;
    app.set_ready(true);
    // Read by scripts that had the system choose a port.
    println!(
        "serving ws://{address}/v1/realtime\nopen http://{}/ in a browser",
        nearest(address)
    );
    bedside_server::serve(listener, app, shutdown, config.drain).await;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// An address of this machine at which a server bound to `address` answers.
fn nearest(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Cancels `shutdown` at the first SIGTERM or SIGINT; a second one ends the process.
fn stop_on_signal(shutdown: CancellationToken) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::internal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::internal)?;
    tokio::spawn(async move {
        let mut first = true;
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if !first {
                std::process::exit(130);
            }
            first = false;
            tracing::info!("stopping: sessions may end by themselves");
            shutdown.cancel();
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_opened_on_this_machine() {
        for (bound, opened) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            let bound = bound.parse().expect("an address");
            assert_eq!(nearest(bound).to_string(), opened);
        }
    }
}
