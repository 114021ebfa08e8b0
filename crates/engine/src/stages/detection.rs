//! Speech detection: audio in, one judgement per window out, reopened whenever it fails.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::traits::{BusAudio, DetectorStream, SpeechDetector, SpeechWindow};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::lane::Lane;

/// A detector that fails again and again is opened at most this often.
const REOPEN_AFTER: Duration = Duration::from_millis(250);

/// One session's speech detector.
pub(crate) struct Detection {
    detector: Arc<dyn SpeechDetector>,
    stream: Option<Open>,
    reopen_at: Instant,
}

struct Open {
    lane: Lane<BusAudio>,
    windows: mpsc::Receiver<Result<SpeechWindow, StageFault>>,
}

impl Detection {
    pub(crate) fn new(detector: Arc<dyn SpeechDetector>) -> Self {
        Self {
            detector,
            stream: None,
            reopen_at: Instant::now(),
        }
    }

    /// Queues audio; while the detector is down, audio passes it by.
    pub(crate) fn push(&mut self, audio: BusAudio) {
        let now = Instant::now();
        if self.stream.is_none() && now >= self.reopen_at {
            let DetectorStream { audio, windows } = self.detector.open();
            let mut lane = Lane::new();
            lane.connect(audio);
            self.stream = Some(Open { lane, windows });
        }
        if let Some(open) = &mut self.stream {
            open.lane.push(audio);
        }
    }

    /// Stops detecting: the session takes its turns by hand.
    pub(crate) fn stop(&mut self) {
        self.stream = None;
    }

    /// Feeds the detector and takes its next judgement. A fault closes the stream; the next audio opens another.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>> {
        let Some(open) = &mut self.stream else {
            return Poll::Pending;
        };
        let gone = matches!(open.lane.poll_feed(cx, |_| true), Poll::Ready(Err(_)));
        let answer = match open.windows.poll_recv(cx) {
            Poll::Pending if !gone => return Poll::Pending,
            Poll::Pending | Poll::Ready(None) => Err(fault(FaultKind::Disconnected)),
            Poll::Ready(Some(answer)) => answer,
        };
        if answer.is_err() {
            self.fail();
        }
        Poll::Ready(answer)
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

    /// Since when the detector has taken nothing although audio waits.
    pub(crate) fn stuck_since(&self) -> Option<Instant> {
        self.stream.as_ref().and_then(|open| open.lane.stuck_since())
    }

    /// Samples that wait for the detector.
    pub(crate) fn backlog(&self) -> u64 {
        let waiting = self.stream.iter().flat_map(|open| open.lane.waiting());
        waiting.map(|audio| audio.pcm.len() as u64 / 2).sum()
    }

    fn fail(&mut self) {
        self.stream = None;
        self.reopen_at = Instant::now() + REOPEN_AFTER;
    }
}

fn fault(kind: FaultKind) -> StageFault {
    StageFault {
        provider: "speech detection",
        kind,
    }
}
