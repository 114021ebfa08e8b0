//! One link's stream, and what waits to be told to it.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::replay::samples;
use crate::traits::{TranscriberInput, TranscriberOutput, TranscriberStream};

/// A stream that serves.
#[derive(Debug)]
pub(super) struct Open {
    /// `None` once all was told.
    input: Option<mpsc::Sender<TranscriberInput>>,
    output: mpsc::Receiver<TranscriberOutput>,
    waiting: VecDeque<TranscriberInput>,
    /// Of audio that waits.
    samples: u64,
    /// When it took something last, or something began to wait.
    taken: Instant,
    /// It must take something within this.
    limit: Duration,
}

/// What a stream does.
#[derive(Debug)]
pub(super) enum News {
    /// It answers.
    Said(TranscriberOutput),
    /// It is gone.
    Gone,
    /// It takes nothing.
    Stuck,
}

impl Open {
    pub(super) fn new(stream: TranscriberStream, told: VecDeque<TranscriberInput>, limit: Duration) -> Self {
        Self {
            input: Some(stream.input),
            output: stream.output,
            samples: told.iter().map(size).sum(),
            waiting: told,
            taken: Instant::now(),
            limit,
        }
    }

    /// Tells it something after everything else.
    pub(super) fn tell(&mut self, item: TranscriberInput) {
        if !self.waiting.is_empty() {
            return self.wait(item);
        }
        self.taken = Instant::now();
        if let Some(input) = &self.input
            && let Err(mpsc::error::TrySendError::Full(item) | mpsc::error::TrySendError::Closed(item)) =
                input.try_send(item)
        {
            self.wait(item);
        }
    }

    /// Samples of audio that wait to be taken.
    pub(super) fn backlog(&self) -> u64 {
        self.samples
    }

    /// Lets it know that it is told no more, once it was told everything.
    pub(super) fn finish(&mut self) {
        if self.waiting.is_empty() {
            self.input = None;
        }
    }

    /// Feeds it and waits for what it does. Can be given up and called again at any time.
    pub(super) async fn next(&mut self) -> News {
        loop {
            let (input, waits) = (&self.input, !self.waiting.is_empty());
            let room = async {
                match input {
                    Some(input) if waits => input.reserve().await,
                    _ => pending().await,
                }
            };
            tokio::select! {
                biased;
                said = self.output.recv() => return said.map_or(News::Gone, News::Said),
                room = room => {
                    let Ok(room) = room else { return News::Gone };
                    if let Some(item) = self.waiting.pop_front() {
                        self.samples -= size(&item);
                        room.send(item);
                    }
                    self.taken = Instant::now();
                }
                () = sleep_until(self.taken + self.limit), if waits => return News::Stuck,
            }
        }
    }

    fn wait(&mut self, item: TranscriberInput) {
        self.samples += size(&item);
        self.waiting.push_back(item);
    }
}

fn size(item: &TranscriberInput) -> u64 {
    match item {
        TranscriberInput::Audio(audio) => samples(audio),
        TranscriberInput::Command(_) => 0,
    }
}
