//! Accepting connections, and numbering them.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::line::Line;

/// After an accept error the next attempt waits this long.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is cancelled; then connections are cut off.
pub(crate) async fn serve(listener: TcpListener, service: Router, shutdown: CancellationToken) {
    let mut id = 0;
    while let Some(accepted) = shutdown.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                id += 1;
                tokio::spawn(converse(id, stream, peer, service.clone(), shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Serves one connection until it ends, is cut, or becomes a WebSocket (which sees the cut itself).
async fn converse(
    id: u64,
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    shutdown: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, %peer, "connection is gone already");
        return;
    }
    let (line, wire) = Line::new(id, stream);
    let of_request = line.clone();
    let service = service.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(of_request.clone());
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(wire), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, %peer, "connection ended with an error");
        },
        () = line.was_cut() => {}
        () = shutdown.cancelled() => {}
    }
}
