//! Speech detection: audio in, one judgement per window out, reopened whenever it fails.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_providers::traits::{BusAudio, DetectorStream, SpeechDetector, SpeechWindow};
use tokio::time::Instant;

/// A detector that fails again and again is opened at most this often.
const REOPEN_AFTER: Duration = Duration::from_millis(250);

/// One session's speech detector.
pub(crate) struct Detection {
    detector: Arc<dyn SpeechDetector>,
    stream: Option<Box<dyn DetectorStream>>,
    reopen_at: Instant,
}

impl Detection {
    pub(crate) fn new(detector: Arc<dyn SpeechDetector>) -> Self {
        Self {
            detector,
            stream: None,
            reopen_at: Instant::now(),
        }
    }

    /// The name shown to operators.
    pub(crate) fn name(&self) -> &'static str {
        self.detector.name()
    }

    /// Queues audio; while the detector is down, audio passes it by. Whether there is something to poll for.
    pub(crate) fn push(&mut self, audio: &BusAudio) -> bool {
        if self.stream.is_none() && Instant::now() >= self.reopen_at {
            self.stream = Some(self.detector.open());
        }
        self.stream.as_mut().is_some_and(|stream| stream.push(audio))
    }

    /// Stops detecting: the session takes its turns by hand.
    pub(crate) fn stop(&mut self) {
        self.stream = None;
    }

    /// The next judgement. A fault closes the stream; the next audio opens another.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Pending;
        };
        let window = ready!(stream.poll_window(cx));
        if window.is_err() {
            self.fail();
        }
        Poll::Ready(window)
    }

    /// Whether audio is being searched.
    pub(crate) fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Gives up on the detector; returns how many samples of audio were dropped with it.
    pub(crate) fn give_up(&mut self) -> u64 {
        let dropped = self.backlog();
        self.fail();
        dropped
    }

    /// Samples that wait for the detector.
    pub(crate) fn backlog(&self) -> u64 {
        self.stream.as_ref().map_or(0, |stream| stream.waiting())
    }

    fn fail(&mut self) {
        self.stream = None;
        self.reopen_at = Instant::now() + REOPEN_AFTER;
    }
}
