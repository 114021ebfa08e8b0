//! Stand-ins for vendors that cannot be reached from a test: each speaks its vendor's protocol, with faults on command.
//!
//! One HTTP server on one port speaks for all of them, and takes its orders under `/control`. It must never know the
//! adapters that are tested against it: a shared mistake would hide.
//!
//! A vendor is a module with a `router()` of its own. Its handler asks `Faults::start` when a request begins (through
//! `Outlet::start`, or `body::open` for an answer that streams over HTTP) and `Faults::next` before each event it sends
//! (`Outlet::send` does). The connection comes as the extension `Line`, which can be cut.
//!
//! ```
//! use bedside_emulators::{Emulators, Options};
//!
//! # async fn run() -> std::io::Result<()> {
//! let running = Emulators::start("127.0.0.1:0".parse().unwrap(), Options::default()).await?;
//! println!("Deepgram is at ws://{}", running.address);
//! # Ok(())
//! # }
//! ```

mod answer;
mod aws;
mod body;
mod brain;
mod clock;
mod control;
mod device;
mod faults;
mod gemini;
mod hub;
mod line;
mod log;
mod openai;
mod outlet;
mod script;
mod server;
mod socket;
mod vendor;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use hub::Hub;

/// What the emulators start with.
#[derive(Debug, Clone, Default)]
pub struct Options {}

/// All emulators.
#[derive(Debug)]
pub struct Emulators;

/// Emulators that run until this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Where they listen.
    pub address: SocketAddr,
    _stop: DropGuard,
}

impl Emulators {
    /// Listens on `listen` and serves in a task of its own.
    pub async fn start(listen: SocketAddr, _options: Options) -> io::Result<Running> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, router(Hub::default()), stop.clone()));
        Ok(Running {
            address,
            _stop: stop.drop_guard(),
        })
    }
}

/// Every vendor's routes. Each vendor adds its own line.
fn router(hub: Hub) -> Router {
    Router::new()
        .merge(control::router())
        .merge(openai::router())
        .merge(gemini::router())
        .merge(aws::router())
        .merge(device::router())
        .with_state(hub)
}
