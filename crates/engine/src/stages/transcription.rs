//! Transcription: audio and commands in, answers out, one stream at a time.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_providers::traits::{
    BusAudio, Transcriber, TranscriberInput, TranscriberOutput, TranscriberParams, TranscriberStream,
};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::lane::Lane;
use crate::stages::{Opening, open_within};

/// A transcriber that fails again and again is opened at most this often.
const REOPEN_AFTER: Duration = Duration::from_millis(500);

/// One session's transcriber.
///
/// When its stream breaks, every utterance begun on it is answered with a failure once its final text is asked for,
/// and the next utterance gets a new stream.
pub(crate) struct Transcription {
    transcriber: Arc<dyn Transcriber>,
    params: TranscriberParams,
    open_limit: Duration,
    stream: Stream,
    lane: Lane<TranscriberInput>,
    utterances: BTreeMap<UtteranceId, Utterance>,
    failures: VecDeque<TranscriberOutput>,
}

enum Stream {
    Closed { reopen_at: Instant },
    Opening(Pin<Box<Opening<TranscriberStream>>>),
    Open(mpsc::Receiver<TranscriberOutput>),
}

/// An utterance that has begun and is neither final nor cancelled.
struct Utterance {
    /// The `Finish` that waits for its answer.
    attempt: Option<u32>,
    /// Why its stream broke, if it did.
    lost: Option<StageFault>,
}

impl Transcription {
    pub(crate) fn new(
        transcriber: Arc<dyn Transcriber>,
        params: TranscriberParams,
        open_limit: Duration,
    ) -> Self {
        Self {
            transcriber,
            params,
            open_limit,
            stream: Stream::Closed {
                reopen_at: Instant::now(),
            },
            lane: Lane::new(),
            utterances: BTreeMap::new(),
            failures: VecDeque::new(),
        }
    }

    /// Takes effect with the next stream; a stream on which no utterance is open is replaced at once.
    pub(crate) fn configure(&mut self, params: TranscriberParams) {
        let changed = self.params != params;
        self.params = params;
        if changed && self.utterances.is_empty() {
            self.stream = Stream::Closed {
                reopen_at: Instant::now(),
            };
            self.lane = Lane::new();
        }
    }

    /// Queues audio; while the transcriber is down, audio passes it by.
    pub(crate) fn push(&mut self, audio: BusAudio) {
        if let Stream::Closed { reopen_at } = self.stream {
            if Instant::now() < reopen_at {
                return;
            }
            let opening = self.transcriber.open(self.params.clone());
            self.stream = Stream::Opening(Box::pin(open_within(
                self.open_limit,
                self.transcriber.name(),
                opening,
            )));
        }
        self.lane.push(TranscriberInput::Audio(audio));
    }

    /// Queues a command behind the audio it refers to, but not behind later audio.
    pub(crate) fn command(&mut self, command: TranscribeCommand) {
        let refers_to = match command {
            TranscribeCommand::Start { utterance, from } => {
                let lost =
                    matches!(self.stream, Stream::Closed { .. }).then(|| self.fault(FaultKind::Disconnected));
                self.utterances
                    .insert(utterance, Utterance { attempt: None, lost });
                from
            }
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => {
                if let Some(known) = self.utterances.get_mut(&utterance) {
                    known.attempt = Some(attempt);
                }
                to
            }
            TranscribeCommand::Cancel { utterance } => {
                self.utterances.remove(&utterance);
                AudioPos::START
            }
        };
        self.lane
            .push_after(TranscriberInput::Command(command), |other| match other {
                TranscriberInput::Audio(audio) => audio.at < refers_to,
                TranscriberInput::Command(_) => true,
            });
        self.answer_for_lost();
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

    /// Whether no utterance is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.utterances.is_empty()
    }

    /// Gives up on the stream; returns how many samples of audio were dropped with it.
    pub(crate) fn give_up(&mut self) -> u64 {
        let dropped = self.backlog();
        let fault = self.fault(FaultKind::Timeout);
        self.fail(fault);
        dropped
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
        audio.sum()
    }

    fn settle(&mut self, answer: &TranscriberOutput) {
        let (TranscriptEvent::Final { attempt, .. } | TranscriptEvent::Failed { attempt, .. }) = answer.event
        else {
            return;
        };
        if self
            .utterances
            .get(&answer.utterance)
            .is_some_and(|known| known.attempt == Some(attempt))
        {
            self.utterances.remove(&answer.utterance);
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
            let (Some(fault), Some(attempt)) = (&known.lost, known.attempt) else {
                return true;
            };
            let event = TranscriptEvent::Failed {
                attempt,
                fault: fault.clone(),
            };
            failures.push_back(TranscriberOutput { utterance, event });
            false
        });
    }
}
