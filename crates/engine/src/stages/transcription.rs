//! Transcription: audio and commands in, answers out, one stream at a time.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_providers::report::Reporter;
use bedside_providers::traits::{
    BusAudio, Transcriber, TranscriberInput, TranscriberOutput, TranscriberParams, TranscriberStream,
};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::lane::Lane;
use crate::stages::{Opening, open_within};

/// A transcriber that fails again and again is opened at most this often.
const REOPEN_AFTER: Duration = Duration::from_millis(500);

/// Audio goes to the transcriber in pieces of so many samples, 100 ms, or less before a command: each piece wakes all who
/// pass it on, and those that send it over a network make no smaller ones either.
const PIECE: usize = AudioPos::RATE as usize / 10;

/// A new stream is first told the last of what its predecessor heard (in samples): an utterance is announced only
/// after it began. Longer than it takes to be sure of speech, and the padding before it.
const REPLAYED: u64 = AudioPos::RATE;

/// One session's transcriber.
///
/// When its stream breaks, every utterance of which a later stream lacks audio is answered with a failure once its
/// final text is asked for.
pub(crate) struct Transcription {
    transcriber: Arc<dyn Transcriber>,
    reporter: Reporter,
    params: TranscriberParams,
    /// The stream was opened with other parameters.
    outdated: bool,
    /// Nobody says when speech begins: audio may belong to a turn before its utterance is known.
    by_hand: bool,
    /// There is such audio.
    unclaimed: bool,
    open_limit: Duration,
    stream: Stream,
    lane: Lane<TranscriberInput>,
    /// Audio that makes no piece yet, and where it begins. Copied: it may be kept as long as an utterance, and a piece of a
    /// received buffer would hold all of it.
    joined: Vec<u8>,
    joined_at: AudioPos,
    /// The latest pieces, for the next stream.
    recent: VecDeque<BusAudio>,
    /// The first sample the stream was or will be told.
    begins: AudioPos,
    utterances: BTreeMap<UtteranceId, Utterance>,
    failures: VecDeque<TranscriberOutput>,
}

enum Stream {
    Closed { reopen_at: Instant },
    Opening(Pin<Box<Opening<TranscriberStream>>>),
    Open(mpsc::Receiver<TranscriberOutput>),
}

/// An utterance about which something may still be asked or answered.
struct Utterance {
    /// The `Finish` that waits for its answer.
    attempt: Option<u32>,
    /// The patient's turn is over: no `Finish` follows.
    over: bool,
    /// Why its stream broke, if it did.
    lost: Option<StageFault>,
}

impl Transcription {
    pub(crate) fn new(
        transcriber: Arc<dyn Transcriber>,
        reporter: Reporter,
        params: TranscriberParams,
        open_limit: Duration,
    ) -> Self {
        Self {
            transcriber,
            reporter,
            params,
            outdated: false,
            by_hand: false,
            unclaimed: false,
            open_limit,
            stream: Stream::Closed {
                reopen_at: Instant::now(),
            },
            lane: Lane::new(),
            joined: Vec::new(),
            joined_at: AudioPos::START,
            recent: VecDeque::new(),
            begins: AudioPos::START,
            utterances: BTreeMap::new(),
            failures: VecDeque::new(),
        }
    }

    /// Takes effect with the next stream, which begins as soon as nothing is lost by it. `by_hand` says that turns are
    /// taken by hand.
    pub(crate) fn configure(&mut self, params: TranscriberParams, by_hand: bool) {
        self.unclaimed &= by_hand;
        self.by_hand = by_hand;
        self.outdated |= self.params != params;
        self.params = params;
        self.renew();
    }

    /// Queues audio; while the transcriber is down, audio passes it by. Whether there is something to poll for.
    pub(crate) fn push(&mut self, audio: &BusAudio) -> bool {
        self.unclaimed = self.by_hand;
        if self.joined.is_empty() {
            self.joined_at = audio.at;
        }
        self.joined.extend_from_slice(&audio.pcm);
        let whole = self.joined.len() / 2 >= PIECE;
        if whole {
            self.cut_piece();
        }
        match self.stream {
            Stream::Closed { reopen_at } if Instant::now() >= reopen_at => {
                self.open();
                true
            }
            _ => whole,
        }
    }

    fn cut_piece(&mut self) {
        if self.joined.is_empty() {
            return;
        }
        let piece = BusAudio {
            at: self.joined_at,
            pcm: Bytes::from(mem::replace(&mut self.joined, Vec::with_capacity(2 * PIECE))),
        };
        if !matches!(self.stream, Stream::Closed { .. }) {
            self.lane.push(TranscriberInput::Audio(piece.clone()));
        }
        self.remember(piece);
    }

    /// Queues a command behind the audio it refers to, but not behind later audio.
    pub(crate) fn command(&mut self, command: TranscribeCommand) {
        let (utterance, refers_to) = match command {
            TranscribeCommand::Start { utterance, from } => {
                let missing = matches!(self.stream, Stream::Closed { .. }) || from < self.begins;
                let begun = Utterance {
                    attempt: None,
                    over: false,
                    lost: missing.then(|| self.fault(FaultKind::Disconnected)),
                };
                self.utterances.insert(utterance, begun);
                (utterance, from)
            }
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => {
                if let Some(known) = self.utterances.get_mut(&utterance) {
                    known.attempt = Some(attempt);
                }
                (utterance, to)
            }
            TranscribeCommand::Cancel { utterance } => (utterance, AudioPos::START),
        };
        self.cut_piece();
        let cancelled = matches!(command, TranscribeCommand::Cancel { .. });
        // The stream knows nothing of an utterance that is lost.
        if self
            .utterances
            .get(&utterance)
            .is_none_or(|known| known.lost.is_none())
        {
            self.lane
                .push_after(TranscriberInput::Command(command), |other| match other {
                    TranscriberInput::Audio(audio) => audio.at < refers_to,
                    TranscriberInput::Command(_) => true,
                });
        }
        if cancelled {
            self.utterances.remove(&utterance);
        }
        self.answer_for_lost();
        self.renew();
    }

    /// The patient's turn was committed or cleared: of what was heard so far, only answers are still to come.
    pub(crate) fn turn_over(&mut self) {
        self.unclaimed = false;
        self.utterances.retain(|_, known| {
            known.over = true;
            known.attempt.is_some()
        });
        self.renew();
    }

    /// Feeds the transcriber audio that begins before `released`, and takes its next answer. An error says that the
    /// stream broke; answers for the utterances it took along follow.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        released: AudioPos,
    ) -> Poll<Result<TranscriberOutput, StageFault>> {
        if let Some(failure) = self.failures.pop_front() {
            return Poll::Ready(Ok(failure));
        }
        if let Stream::Opening(opening) = &mut self.stream {
            match ready!(opening.as_mut().poll(cx)) {
                Ok(TranscriberStream { input, output }) => {
                    self.lane.connect(input);
                    self.stream = Stream::Open(output);
                }
                Err(fault) => return Poll::Ready(Err(self.fail(fault))),
            }
        }
        let Stream::Open(output) = &mut self.stream else {
            return Poll::Pending;
        };
        let fed = self.lane.poll_feed(cx, |item| match item {
            TranscriberInput::Audio(audio) => audio.at < released,
            TranscriberInput::Command(_) => true,
        });
        match output.poll_recv(cx) {
            Poll::Ready(Some(answer)) => {
                self.settle(&answer);
                Poll::Ready(Ok(answer))
            }
            Poll::Pending if !matches!(fed, Poll::Ready(Err(_))) => Poll::Pending,
            Poll::Ready(None) | Poll::Pending => {
                let fault = self.fault(FaultKind::Disconnected);
                Poll::Ready(Err(self.fail(fault)))
            }
        }
    }

    /// Whether the patient is not in the middle of a turn, and nothing is still to be answered.
    pub(crate) fn is_idle(&self) -> bool {
        self.utterances.is_empty() && !self.unclaimed
    }

    /// Gives up on the stream; returns how many samples of audio were dropped with it.
    pub(crate) fn give_up(&mut self) -> u64 {
        let dropped = self.backlog();
        let fault = self.fault(FaultKind::Timeout);
        self.fail(fault);
        dropped
    }

    /// Whether something waits until the transcriber takes it, or may hear it.
    pub(crate) fn is_held_back(&self) -> bool {
        self.lane.waiting().next().is_some()
    }

    /// Since when the transcriber has taken nothing although something waits.
    pub(crate) fn stuck_since(&self) -> Option<Instant> {
        self.lane.stuck_since()
    }

    /// Samples that wait for the transcriber.
    pub(crate) fn backlog(&self) -> u64 {
        let audio = self.lane.waiting().filter_map(|item| match item {
            TranscriberInput::Audio(audio) => Some(audio.pcm.len() as u64 / 2),
            TranscriberInput::Command(_) => None,
        });
        audio.sum::<u64>() + self.joined.len() as u64 / 2
    }

    fn settle(&mut self, answer: &TranscriberOutput) {
        let (TranscriptEvent::Final { attempt, .. } | TranscriptEvent::Failed { attempt, .. }) = answer.event
        else {
            return;
        };
        let Some(known) = self.utterances.get_mut(&answer.utterance) else {
            return;
        };
        if known.attempt == Some(attempt) {
            known.attempt = None;
            if known.over {
                self.utterances.remove(&answer.utterance);
                self.renew();
            }
        }
    }

    /// Replaces a stream of other parameters, unless it alone has heard what is still to be transcribed.
    fn renew(&mut self) {
        let open = !matches!(self.stream, Stream::Closed { .. });
        if self.outdated && open && self.is_idle() {
            self.open();
        }
    }

    fn open(&mut self) {
        let opening = self.transcriber.open(self.params.clone(), self.reporter.clone());
        self.stream = Stream::Opening(Box::pin(open_within(
            self.open_limit,
            self.transcriber.name(),
            opening,
        )));
        self.outdated = false;
        self.lane = Lane::new();
        self.begins = self.recent.front().map_or(self.joined_at, |first| first.at);
        for audio in &self.recent {
            self.lane.push(TranscriberInput::Audio(audio.clone()));
        }
    }

    fn remember(&mut self, audio: BusAudio) {
        let end = audio.at + audio.pcm.len() as u64 / 2;
        self.recent.push_back(audio);
        while let Some(second) = self.recent.get(1)
            && end - second.at >= REPLAYED
        {
            self.recent.pop_front();
        }
    }

    fn fault(&self, kind: FaultKind) -> StageFault {
        StageFault {
            provider: self.transcriber.name(),
            kind,
        }
    }

    fn fail(&mut self, fault: StageFault) -> StageFault {
        self.stream = Stream::Closed {
            reopen_at: Instant::now() + REOPEN_AFTER,
        };
        self.lane = Lane::new();
        for utterance in self.utterances.values_mut() {
            utterance.lost.get_or_insert_with(|| fault.clone());
        }
        self.answer_for_lost();
        fault
    }

    fn answer_for_lost(&mut self) {
        let failures = &mut self.failures;
        self.utterances.retain(|&utterance, known| {
            if let Some(fault) = &known.lost
                && let Some(attempt) = known.attempt.take()
            {
                let event = TranscriptEvent::Failed {
                    attempt,
                    fault: fault.clone(),
                };
                failures.push_back(TranscriberOutput { utterance, event });
            }
            !known.over || known.attempt.is_some()
        });
    }
}

#[cfg(test)]
mod tests;
