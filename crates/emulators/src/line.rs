//! A client's TCP connection that a handler can break, also below HTTP and WebSocket.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use futures::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A handle to the connection a request came on; found in the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    id: u64,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    cut: AtomicBool,
    raw: Mutex<Vec<u8>>,
    reader: AtomicWaker,
    writer: AtomicWaker,
    server: AtomicWaker,
}

impl Line {
    /// Wraps an accepted connection.
    pub(crate) fn new(id: u64, stream: TcpStream) -> (Self, Wire) {
        let shared = Arc::<Shared>::default();
        let line = Self {
            id,
            shared: shared.clone(),
        };
        (line, Wire { stream, shared })
    }

    /// The connection's number in the log.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Drops the connection as if the cable were cut: no close handshake, no end of the body, a reset.
    pub(crate) fn cut(&self) {
        self.shared.cut.store(true, Ordering::Release);
        self.shared.reader.wake();
        self.shared.writer.wake();
        self.shared.server.wake();
    }

    /// Puts bytes on the connection that no layer above knows of, before whatever is written next.
    pub(crate) fn inject(&self, bytes: &[u8]) {
        self.shared.raw.lock().extend_from_slice(bytes);
        self.shared.writer.wake();
        self.shared.reader.wake();
    }

    /// Returns once the line is cut. One task at a time may wait.
    pub(crate) async fn was_cut(&self) {
        std::future::poll_fn(|context| {
            self.shared.server.register(context.waker());
            if self.shared.is_cut() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

impl Shared {
    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }
}

/// The connection itself.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    shared: Arc<Shared>,
}

impl Wire {
    fn check(&self) -> io::Result<()> {
        if !self.shared.is_cut() {
            return Ok(());
        }
        // What is still buffered is thrown away with the connection.
        self.stream.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Writes what was injected.
    fn poll_raw(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let waiting = std::mem::take(&mut *self.shared.raw.lock());
            if waiting.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let written = Pin::new(&mut self.stream).poll_write(context, &waiting);
            let done = match &written {
                Poll::Ready(Ok(written)) => *written,
                _ => 0,
            };
            self.shared
                .raw
                .lock()
                .splice(..0, waiting[done..].iter().copied());
            ready!(written)?;
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.shared.reader.register(context.waker());
        self.check()?;
        // A reader that waits is the only one sure to be woken by an injection.
        if let Poll::Ready(Err(error)) = self.poll_raw(context) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.shared.writer.register(context.waker());
        self.check()?;
        ready!(self.poll_raw(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        ready!(self.poll_raw(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
