//! Accepting connections, and stopping politely.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::app::App;
use crate::ops::sample;
use crate::router::router;
use crate::watch::watch;

/// Kernel buffer for what a client has not read: two seconds of its audio, so that one that reads nothing is noticed.
const SEND_BUFFER: u32 = 128 * 1024;

/// Connections that wait to be accepted.
const ACCEPT_BACKLOG: u32 = 1024;

/// Connections at a time that are not sessions. Overflow policy: newcomers wait in the accept backlog.
const HTTP_CONNECTIONS: usize = 1_024;

/// A client must have sent its request's head within this.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// After an accept error that is about this machine (no descriptors, say), the next attempt waits this long.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// After the drain's deadline, sessions get this long to hand over their last message.
const AFTER_DEADLINE: Duration = Duration::from_secs(2);

/// Binds `listen` with the socket options the server wants.
pub fn bind(listen: SocketAddr) -> io::Result<TcpListener> {
    let socket = if listen.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(listen)?;
    socket.listen(ACCEPT_BACKLOG)
}

/// Serves `app` on `listener` until `shutdown` is cancelled; then turns new sessions away with 503, lets those there are
/// end by themselves for at most `drain`, closes the rest with 1001, and returns.
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken, drain: Duration) {
    let service = router(app.clone());
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(HTTP_CONNECTIONS));
    let drained = CancellationToken::new();
    let accepting = async {
        while let Some((stream, peer, place)) = accept(&listener, &places, &drained).await {
            connections.spawn(converse(stream, peer, service.clone(), drained.clone(), place));
        }
    };
    let draining = async {
        shutdown.cancelled().await;
        let deadline = Instant::now() + drain;
        let last = deadline + AFTER_DEADLINE;
        let ended = tokio::time::timeout_at(last, app.registry().drain(deadline)).await;
        drained.cancel();
        (last, ended)
    };
    let sampling = drained.run_until_cancelled(sample(&app));
    let watching = drained.run_until_cancelled(watch(&app));
    let ((), (last, ended), _, _) = tokio::join!(accepting, draining, sampling, watching);
    drop(listener);
    connections.close();
    let answered = tokio::time::timeout_at(last, connections.wait()).await;
    if ended.is_err() || answered.is_err() {
        tracing::warn!(
            sessions = app.registry().live(),
            "connections outlived the drain and are cut off"
        );
    }
}

/// The next connection, or `None` once `closing` is cancelled.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    closing: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let next = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections");
                    tokio::time::sleep(ACCEPT_RETRY).await;
                }
            }
        }
    };
    closing.run_until_cancelled(next).await.flatten()
}

/// Whether only the connection that was about to be accepted is at fault.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Serves one connection until it ends or becomes a session.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    service: Router,
    closing: CancellationToken,
    _place: OwnedSemaphorePermit,
) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended with an error");
    }
}
