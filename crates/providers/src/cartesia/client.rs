use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::service::Unit;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::codec::{self, Event, Style};
use super::response::{Response, Step};
use crate::report::Reporter;
use crate::socket::{End, Lease, Received, random_id};
use crate::traits::{SynthesisInput, SynthesisOutput, SynthesisStream};

/// Segments that may wait; then the sender waits.
const SEGMENTS_WAITING: usize = 32;

/// Pieces of audio that may wait to be taken: some seconds. Then the vendor waits.
const PIECES_WAITING: usize = 64;

/// Segments that may be with the vendor at a time: it speaks several times as fast as they play.
const MOST_AHEAD: usize = 8;

/// A context ends a second after its last audio: after half of one a new one is begun.
const CONTEXT_LIFE: Duration = Duration::from_millis(500);

/// How long a context that is not needed any more may take to end before its socket is used again.
const SETTLE_LIMIT: Duration = Duration::from_secs(1);

/// Serves one response on a socket. The vendor has failed when it is silent for `limit` with text to speak.
pub(super) fn serve(
    name: &'static str,
    style: Style,
    limit: Duration,
    lease: Lease,
    reporter: Reporter,
) -> SynthesisStream {
    let (input, segments) = mpsc::channel(SEGMENTS_WAITING);
    let (spoken, output) = mpsc::channel(PIECES_WAITING);
    let speaker = Speaker {
        name,
        response: Response::new(name, style.rate()),
        style,
        limit,
        reporter,
        spoken,
        context: None,
        open: true,
        last: Instant::now(),
        newest: Utf8Bytes::default(),
        lease,
    };
    tokio::spawn(speaker.run(segments));
    SynthesisStream { input, output }
}

struct Speaker {
    name: &'static str,
    style: Style,
    limit: Duration,
    reporter: Reporter,
    spoken: mpsc::Sender<Result<SynthesisOutput, StageFault>>,
    response: Response,
    /// The context that is spoken in, while there is one.
    context: Option<String>,
    /// Whether the socket is of use, as far as is known.
    open: bool,
    /// When the vendor said something last, or was given something to say while it had nothing.
    last: Instant,
    /// What it said last: it comes once.
    newest: Utf8Bytes,
    lease: Lease,
}

impl Speaker {
    async fn run(mut self, segments: mpsc::Receiver<SynthesisInput>) {
        let last_words = match self.serve(segments).await {
            Ok(()) => Style::finish,
            Err(End::Unheard) => |_: &Style, context: &str| codec::cancel(context),
            Err(End::Fault(kind)) => {
                let fault = StageFault {
                    provider: self.name,
                    kind,
                };
                // Whoever listens is told once; if nobody does, there is nobody to tell.
                drop(self.spoken.send(Err(fault)).await);
                return;
            }
        };
        let Self {
            spoken,
            context,
            style,
            lease,
            open,
            ..
        } = self;
        // All is said: whoever listens does not wait for the goodbye.
        drop(spoken);
        if open {
            settle(
                lease,
                context.map(|context| (last_words(&style, &context), context)),
            )
            .await;
        }
    }

    /// Speaks until the last segment is complete or nobody listens.
    async fn serve(&mut self, mut segments: mpsc::Receiver<SynthesisInput>) -> Result<(), End> {
        let mut more = true;
        while more || !self.response.waiting().is_empty() {
            let busy = !self.response.waiting().is_empty();
            let room = more && self.response.waiting().len() < MOST_AHEAD;
            let overdue = self.last + self.limit;
            let spoken = self.spoken.clone();
            tokio::select! {
                biased;
                () = spoken.closed() => return Err(End::Unheard),
                received = self.lease.socket.receive(), if self.open => self.on_received(received).await?,
                segment = segments.recv(), if room => match segment {
                    Some(segment) => self.speak(segment).await?,
                    None => more = false,
                },
                () = sleep_until(overdue), if busy => return Err(FaultKind::Timeout.into()),
            }
        }
        Ok(())
    }

    async fn speak(&mut self, segment: SynthesisInput) -> Result<(), End> {
        if self.response.waiting().is_empty() {
            if self.last.elapsed() >= CONTEXT_LIFE {
                self.context = None;
            }
            self.last = Instant::now();
        }
        self.reporter
            .used(Unit::Characters, segment.text.chars().count() as f64);
        let context = self.context()?;
        let messages = [
            self.style.speak(&context, &segment.text),
            self.style.flush(&context),
        ];
        self.response.sent(segment);
        let sent = if self.open {
            self.lease.socket.send(messages.map(Message::text)).await
        } else {
            Err(FaultKind::Disconnected)
        };
        match sent {
            Ok(()) => Ok(()),
            Err(kind) => self.begin_anew(kind, !self.open).await,
        }
    }

    /// The context to speak in.
    fn context(&mut self) -> Result<String, FaultKind> {
        if let Some(context) = &self.context {
            return Ok(context.clone());
        }
        let context = random_id()?;
        self.response.begin_context();
        self.context = Some(context.clone());
        Ok(context)
    }

    async fn on_received(&mut self, received: Result<Received, FaultKind>) -> Result<(), End> {
        let text = match received {
            Ok(Received::Text(text)) => text,
            Ok(Received::Binary(_)) => return Err(FaultKind::Internal.into()),
            Err(kind) => {
                self.open = false;
                if self.response.waiting().is_empty() {
                    // Nothing is lost by it.
                    self.context = None;
                    return Ok(());
                }
                return self.begin_anew(kind, false).await;
            }
        };
        let (context, event) = codec::parse(&text).map_err(|codec::Broken| FaultKind::Internal)?;
        // An error that names no context is about the socket, and so about this response.
        let ours = match &context {
            Some(context) => self.context.as_ref() == Some(context),
            None => matches!(event, Event::Failed(_)),
        };
        if !ours || text == self.newest {
            return Ok(());
        }
        self.newest = text;
        for step in self.response.on(event)? {
            match step {
                Step::Output(output) => self.hand_on(output).await?,
                Step::Ended => self.context = None,
            }
        }
        // Only now: whoever listens may have let it wait.
        self.last = Instant::now();
        Ok(())
    }

    /// Says what was sent on a new socket, if the last one was closed before it got any of it (`unsent`) or could answer.
    /// Else the fault stays.
    async fn begin_anew(&mut self, kind: FaultKind, unsent: bool) -> Result<(), End> {
        let stale = self.lease.warm && self.response.is_untouched();
        if kind == FaultKind::Timeout || !(unsent || stale) {
            return Err(kind.into());
        }
        self.lease.renew().await?;
        self.open = true;
        self.context = None;
        let context = self.context()?;
        let mut messages = Vec::new();
        for segment in self.response.waiting() {
            messages.push(Message::text(self.style.speak(&context, &segment.text)));
            messages.push(Message::text(self.style.flush(&context)));
        }
        self.last = Instant::now();
        Ok(self.lease.socket.send(messages).await?)
    }

    async fn hand_on(&self, output: SynthesisOutput) -> Result<(), End> {
        self.spoken.send(Ok(output)).await.map_err(|_| End::Unheard)
    }
}

/// Ends a context with `last_words`, and gives its socket back once it has; a socket that says nothing about it in time
/// is not used again.
async fn settle(mut lease: Lease, context: Option<(String, String)>) {
    if let Some((last_words, context)) = context {
        if lease.socket.send([Message::text(last_words)]).await.is_err() {
            return;
        }
        let ended = async {
            loop {
                let Ok(Received::Text(text)) = lease.socket.receive().await else {
                    return false;
                };
                match codec::parse(&text) {
                    Ok((of, Event::Done)) if of.as_ref() == Some(&context) => return true,
                    Ok((of, Event::Failed(_))) if of.as_ref() == Some(&context) => return true,
                    Ok((None, Event::Failed(_))) | Err(codec::Broken) => return false,
                    Ok(_) => {}
                }
            }
        };
        if !timeout(SETTLE_LIMIT, ended).await.unwrap_or(false) {
            return lease.close().await;
        }
    }
    lease.put_back();
}
