//! One context: what it is told, in order, and when it speaks.

use std::time::Duration;

use axum::extract::ws::Message;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::buffer::Buffer;
use super::refusal::{Problem, Version};
use super::speaker::{Speaker, Stopped};
use super::usage::Place;
use crate::outlet::Ended;

/// A context ends this long after its last audio went out.
const EXPIRY: Duration = Duration::from_secs(1);

/// An input.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) text: String,
    pub(super) more: bool,
    pub(super) flush: bool,
    pub(super) came: Instant,
}

/// The task of a context.
pub(super) struct Context {
    pub(super) speaker: Speaker<Message>,
    pub(super) version: Version,
    pub(super) inputs: mpsc::Receiver<Input>,
    /// Stops what has not begun to be spoken.
    pub(super) cancelled: CancellationToken,
    /// Held until the context is over.
    pub(super) place: Place,
}

/// What a context waits for.
enum Wake {
    Input(Input),
    /// The text has waited long enough.
    Impatient,
    Expired,
    /// The socket is gone, or the context was cancelled.
    Over,
}

impl Context {
    pub(super) async fn run(mut self) {
        match self.serve().await {
            Ok(()) => {
                let _ = self.speaker.finish().await;
            }
            Err(Stopped::Failed) => {
                let problem = Problem::internal();
                let event = problem.event(self.version, self.speaker.events.context.as_deref());
                let _ = self.speaker.send(&event).await;
            }
            Err(Stopped::Ended(_)) => {}
        }
        drop(self.place);
    }

    /// Serves until the context is done.
    async fn serve(&mut self) -> Result<(), Stopped> {
        let mut buffer = Buffer::default();
        let mut since: Option<Instant> = None;
        let mut spoke: Option<Instant> = None;
        loop {
            let text = match self.wait(since, spoke).await {
                Wake::Expired => return Ok(()),
                Wake::Over if self.cancelled.is_cancelled() => return Ok(()),
                Wake::Over => return Err(Ended::Gone.into()),
                Wake::Impatient => buffer.all(),
                Wake::Input(input) => {
                    buffer.push(&input.text);
                    since = since.or(Some(input.came));
                    if !input.more || input.flush {
                        self.speak(buffer.all(), input.came).await?;
                        if !input.more {
                            return Ok(());
                        }
                        let done = self.speaker.events.flush_done();
                        self.speaker.send(&done).await?;
                        self.speaker.events.flush = self.speaker.events.flush.map(|flush| flush + 1);
                        (since, spoke) = (None, self.has_spoken());
                        continue;
                    }
                    let now = self.speaker.request.buffer_ms == 0;
                    if now { buffer.all() } else { buffer.sentences() }
                }
            };
            if text.is_some() {
                self.speak(text, since.unwrap_or_else(Instant::now)).await?;
                spoke = self.has_spoken();
                since = (!buffer.is_empty()).then(Instant::now);
            } else if buffer.is_empty() {
                since = None;
            }
        }
    }

    /// `since` is when the oldest text that waits came, `spoke` when audio last went out.
    async fn wait(&mut self, since: Option<Instant>, spoke: Option<Instant>) -> Wake {
        let patience = Duration::from_millis(self.speaker.request.buffer_ms);
        let (deadline, reason) = match (since, spoke) {
            (Some(since), _) => (Some(since + patience), Wake::Impatient),
            (None, Some(spoke)) => (Some(spoke + EXPIRY), Wake::Expired),
            (None, None) => (None, Wake::Expired),
        };
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => Wake::Over,
            input = self.inputs.recv() => input.map_or(Wake::Over, Wake::Input),
            () = sleep_until(deadline) => reason,
        }
    }

    async fn speak(&mut self, text: Option<String>, since: Instant) -> Result<(), Stopped> {
        let Some(text) = text else { return Ok(()) };
        let cancelled = self.cancelled.clone();
        self.speaker
            .speak(&text, since, || cancelled.is_cancelled())
            .await
    }

    fn has_spoken(&self) -> Option<Instant> {
        (self.speaker.samples > 0).then(Instant::now)
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
