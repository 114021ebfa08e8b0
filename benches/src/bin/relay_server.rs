//! Serves the echo test alone, without models: the server, the engine, and nothing else to measure.
//!
//! `relay_server [ADDRESS]`; says where it serves. Its default model is `echo`.

#![allow(clippy::print_stdout, reason = "a program that says where it serves")]

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use bedside_engine::{Profile, Profiles, SessionLimits};
use bedside_server::{Access, App, HandshakeRate, Settings, bind, serve};
use tokio_util::sync::CancellationToken;

/// More than a measurement opens.
const SESSIONS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let address: SocketAddr = address.as_deref().unwrap_or("127.0.0.1:0").parse()?;
    // As `bedside serve` has it.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(address)?;
        let address = listener.local_addr()?;
        let settings = Settings {
            access: Access::new(address, Vec::new(), Vec::new())?,
            capacity: SESSIONS.into(),
            limits: SessionLimits::default(),
            handshakes: HandshakeRate {
                burst: u32::MAX,
                ..HandshakeRate::default()
            },
        };
        let app = App::new(settings, Profiles::new(Profile::echo("echo"), []));
        app.set_ready(true);
        println!("serving ws://{address}/v1/realtime");
        serve(listener, app, CancellationToken::new(), Duration::ZERO).await;
        Ok(())
    })
}
