//! A patient's connection: moves messages between the socket and the pure patient.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::http::header::RETRY_AFTER;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::figures::FigureName;
use crate::material::Material;
use crate::pacer::Pacer;
use crate::patient::{Patient, Plan, Wish};
use crate::scenario::{Kind, Scenario};
use crate::tally::Tally;
use crate::target::{Target, model_query};

/// A server must have answered the handshake within this.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A server must have answered a close within this.
const FAREWELL: Duration = Duration::from_secs(1);

/// The library's own buffer of 128 KiB is filled with zeros at every read.
const READ_BUFFER: usize = 4 * 1024;

/// The largest message a server may send, bytes.
const MOST_MESSAGE: usize = 4 << 20;

/// Bytes that may wait for the socket; one who cannot write takes no more from the patient, so this is not reached.
const MOST_UNSENT: usize = 8 << 20;

/// Messages that are read before it is another session's turn.
const MOST_READ: usize = 64;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What the sessions of a thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) material: Arc<Material>,
    pub(crate) target: Target,
    pub(crate) pacer: Pacer,
    pub(crate) tally: Mutex<Tally>,
    pub(crate) live: Mutex<u64>,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denial {
    /// The server has no room, or was asked too often.
    Refused,
    /// Anything else.
    Unconnected,
}

/// How a connection ended.
#[derive(Debug)]
enum Ending {
    /// As the patient wished.
    Wished(Wish),
    /// The server closed it, with this code.
    Closed(Option<u16>),
    /// It broke.
    Broken,
}

/// One patient's visit, from the first connection to the last.
pub(crate) async fn visit(plan: Plan, shared: Arc<Shared>) {
    {
        let mut tally = shared.tally.lock();
        tally.sessions.due += 1;
        let lag = shared.pacer.now().saturating_sub(plan.due);
        tally.time(FigureName::OwnLag, plan.due, lag);
    }
    let mut patient = Patient::new(plan, Arc::clone(&shared.scenario), Arc::clone(&shared.material));
    let mut socket = match connect(&shared, &first_query(&shared, patient.kind())).await {
        Ok(socket) => socket,
        Err(denial) => {
            let sessions = &mut shared.tally.lock().sessions;
            match denial {
                Denial::Refused => sessions.refused += 1,
                Denial::Unconnected => sessions.unconnected += 1,
            }
            return;
        }
    };
    let counted = Live::count(&shared);
    let ending = loop {
        patient.connected(shared.pacer.now(), &mut shared.tally.lock());
        let mut line = Line {
            socket,
            patient: &mut patient,
            shared: &shared,
            unsent: false,
            free_at: Duration::ZERO,
            close_code: None,
        };
        let ending = poll_fn(|context| line.poll(context)).await;
        socket = line.socket;
        if !matches!(ending, Ending::Wished(Wish::Break)) {
            break ending;
        }
        drop(socket);
        let query = patient.way_back().unwrap_or_default();
        let Ok(again) = connect(&shared, &query).await else {
            shared.tally.lock().sessions.failed += 1;
            return;
        };
        socket = again;
    };
    drop(counted);
    {
        let mut tally = shared.tally.lock();
        patient.end(&mut tally);
        settle(&ending, &patient, &mut tally);
    }
    // A server that is gone already was also left.
    let _ = timeout(FAREWELL, async {
        let _ = socket.close(None).await;
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
}

fn settle(ending: &Ending, patient: &Patient, tally: &mut Tally) {
    match ending {
        Ending::Wished(Wish::Close) => {
            tally.sessions.completed += 1;
            return;
        }
        Ending::Wished(_) => tally.error("session_not_set_up"),
        Ending::Closed(Some(code)) => tally.error(&format!("close_{code}")),
        Ending::Closed(None) | Ending::Broken => tally.error("connection_lost"),
    }
    if patient.is_in() {
        tally.sessions.failed += 1;
    } else {
        tally.sessions.unconnected += 1;
    }
}

fn first_query(shared: &Shared, kind: Kind) -> String {
    let scenario = &shared.scenario;
    match kind {
        Kind::Echo if scenario.echo.bare => String::new(),
        Kind::Echo => model_query(Some(&scenario.echo.model)),
        _ => {
            let own = scenario.voice.model.as_deref();
            model_query(own.or(shared.target.model.as_deref()))
        }
    }
}

/// Connects, or counts the error.
async fn connect(shared: &Shared, query: &str) -> Result<Socket, Denial> {
    // The address was tried before the run.
    let request = shared.target.request(query).map_err(|_| Denial::Unconnected)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_write_buffer_size(MOST_UNSENT)
        .max_message_size(Some(MOST_MESSAGE));
    let connecting = connect_async_with_config(request, Some(config), true);
    let connected = timeout(HANDSHAKE, connecting).await;
    let mut tally = shared.tally.lock();
    match connected {
        Ok(Ok((socket, _))) => return Ok(socket),
        Ok(Err(Error::Http(response))) => {
            let status = response.status().as_u16();
            if !matches!(status, 429 | 503) {
                tally.error(&format!("http_{status}"));
                return Err(Denial::Unconnected);
            }
            let after = response.headers().get(RETRY_AFTER);
            let told =
                after.is_some_and(|after| after.to_str().is_ok_and(|after| after.parse::<u64>().is_ok()));
            let silently = if told { "" } else { "_without_retry_after" };
            tally.error(&format!("http_{status}{silently}"));
            return Err(Denial::Refused);
        }
        Ok(Err(_)) => tally.error("not_connected"),
        Err(_) => tally.error("handshake_timeout"),
    }
    Err(Denial::Unconnected)
}

/// A connection under way.
struct Line<'a> {
    socket: Socket,
    patient: &'a mut Patient,
    shared: &'a Shared,
    /// Whether the socket takes no more for now.
    unsent: bool,
    /// When it last did again: what was due before is the server's lateness, not ours.
    free_at: Duration,
    close_code: Option<u16>,
}

impl Line<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ending> {
        let shared = self.shared;
        let mut tally = shared.tally.lock();
        if let Poll::Ready(ending) = self.read(context, &mut tally) {
            return Poll::Ready(ending);
        }
        let wish = self.patient.wish(shared.pacer.now());
        if wish != Wish::Stay {
            return Poll::Ready(Ending::Wished(wish));
        }
        if self.write(context, &mut tally).is_err() {
            return Poll::Ready(Ending::Broken);
        }
        drop(tally);
        // A socket that takes nothing wakes the session itself once it does again.
        let due = self.patient.next_due(self.unsent);
        shared.pacer.wake_at(due, context.waker());
        Poll::Pending
    }

    fn read(&mut self, context: &mut Context<'_>, tally: &mut Tally) -> Poll<Ending> {
        for _ in 0..MOST_READ {
            let message = ready!(self.socket.poll_next_unpin(context));
            let now = self.shared.pacer.now();
            match message {
                Some(Ok(Message::Text(text))) => self.patient.read(now, &text, tally),
                Some(Ok(Message::Binary(bytes))) => self.patient.take(now, &bytes, tally),
                Some(Ok(Message::Close(frame))) => self.close_code = frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) if self.close_code.is_none() => return Poll::Ready(Ending::Broken),
                Some(Err(_)) | None => return Poll::Ready(Ending::Closed(self.close_code)),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn write(&mut self, context: &mut Context<'_>, tally: &mut Tally) -> Result<(), Error> {
        if self.unsent {
            if self.socket.poll_flush_unpin(context)?.is_pending() {
                return Ok(());
            }
            self.unsent = false;
            self.free_at = self.shared.pacer.now();
        }
        let now = self.shared.pacer.now();
        let mut wrote = false;
        while let Some(due) = self.patient.take_due(now, tally) {
            if let Some(at) = due.at {
                let lag = now.saturating_sub(at.max(self.free_at));
                tally.time(FigureName::OwnLag, at, lag);
            }
            self.socket.start_send_unpin(due.message)?;
            wrote = true;
        }
        if wrote {
            self.unsent = self.socket.poll_flush_unpin(context)?.is_pending();
        }
        Ok(())
    }
}

/// Counts a live session while it is kept.
struct Live<'a>(&'a Shared);

impl<'a> Live<'a> {
    fn count(shared: &'a Shared) -> Self {
        *shared.live.lock() += 1;
        Self(shared)
    }
}

impl Drop for Live<'_> {
    fn drop(&mut self) {
        *self.0.live.lock() -= 1;
    }
}
