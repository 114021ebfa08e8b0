use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_inference::scheduler::{Class, Finished, Scheduler, Step};
use bedside_speech::recogniser::{Progress, Recogniser, Token, Transcript, TranscriptionOptions};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::super::{GIVEN_UP_AFTER, LocalOptions, NAME, jobs};
use super::memory::AudioMemory;
use super::pause::Pause;
use crate::traits::{BusAudio, TranscriberInput, TranscriberOutput, TranscriberParams};

/// The patient waits for a final; a long utterance is given longer.
const FINAL_DEADLINE: Duration = Duration::from_millis(250);
const FINAL_DEADLINE_PER_SECOND: Duration = Duration::from_millis(30);

/// Added to [`GIVEN_UP_AFTER`] for every second of an utterance.
const FINAL_LIMIT_PER_SECOND: Duration = Duration::from_millis(250);

/// A partial is news for so long.
const PARTIAL_LIMIT: Duration = Duration::from_millis(500);

/// The next partial waits until the utterance is longer by this part of it, as each hears all of it again.
const PARTIAL_GROWTH: u64 = 4;

/// Finals in the making at a time; a further utterance fails.
const MOST_FINALS: usize = 8;

/// An answer not taken for so long will never be.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

type Outcome = Result<Finished<Transcript>, StageFault>;

/// One session's transcription.
pub(super) struct Session {
    recogniser: Recogniser,
    scheduler: Arc<Scheduler>,
    options: LocalOptions,
    params: TranscriberParams,
    answers: mpsc::Sender<TranscriberOutput>,
    memory: AudioMemory,
    open: Option<Open>,
    /// The partial in the making: never more than one.
    partial: Option<Job>,
    /// The finals in the making, at most one an utterance.
    finals: BTreeMap<UtteranceId, (u32, Job)>,
}

/// The utterance that goes on.
struct Open {
    id: UtteranceId,
    from: AudioPos,
    /// The next partial is due when audio reaches this.
    partial_at: AudioPos,
    /// The utterance may be over: no partials until speech goes on.
    pause: Option<Pause>,
    /// The last transcript of it.
    known: Option<Known>,
}

struct Known {
    to: AudioPos,
    text: String,
    tokens: Vec<Token>,
}

/// A transcription under way.
struct Job {
    utterance: UtteranceId,
    to: AudioPos,
    outcome: BoxFuture<'static, Outcome>,
}

/// A final that is done.
struct Final {
    utterance: UtteranceId,
    attempt: u32,
    to: AudioPos,
}

/// What a session waits for.
enum Wake {
    Input(Option<TranscriberInput>),
    Partial(UtteranceId, AudioPos, Outcome),
    Final(Final, Outcome),
    Unheard,
}

impl Session {
    pub(super) fn new(
        recogniser: Recogniser,
        scheduler: Arc<Scheduler>,
        options: LocalOptions,
        params: TranscriberParams,
        answers: mpsc::Sender<TranscriberOutput>,
    ) -> Self {
        Self {
            recogniser,
            scheduler,
            options,
            params,
            answers,
            memory: AudioMemory::new(samples_in(options.audio_kept) as usize),
            open: None,
            partial: None,
            finals: BTreeMap::new(),
        }
    }

    /// Serves the stream until nobody listens, or nobody speaks and all is answered.
    pub(super) async fn run(mut self, mut input: mpsc::Receiver<TranscriberInput>) {
        let mut fed = true;
        while fed || !self.finals.is_empty() {
            let answers = self.answers.clone();
            let wake = tokio::select! {
                biased;
                () = answers.closed() => Wake::Unheard,
                (done, outcome) = next_final(&mut self.finals) => Wake::Final(done, outcome),
                (id, to, outcome) = next_partial(&mut self.partial) => Wake::Partial(id, to, outcome),
                input = input.recv(), if fed => Wake::Input(input),
            };
            match wake {
                Wake::Unheard => return,
                Wake::Input(None) => {
                    fed = false;
                    self.partial = None;
                }
                Wake::Input(Some(TranscriberInput::Audio(audio))) => self.on_audio(&audio),
                Wake::Input(Some(TranscriberInput::Command(command))) => {
                    if self.obey(command).await.is_none() {
                        return;
                    }
                }
                Wake::Partial(id, to, outcome) => self.on_partial(id, to, outcome),
                Wake::Final(done, outcome) => {
                    if self.on_final(done, outcome).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// `None` if nobody takes the answers.
    async fn obey(&mut self, command: TranscribeCommand) -> Option<()> {
        match command {
            TranscribeCommand::Start { utterance, from } => {
                self.memory.forget_before(from);
                self.partial = None;
                let partial_at = from + samples_in(self.options.partial_every);
                self.open = Some(Open {
                    id: utterance,
                    from,
                    partial_at,
                    pause: None,
                    known: None,
                });
            }
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => {
                return self.finish(utterance, attempt, to).await;
            }
            TranscribeCommand::Cancel { utterance } => {
                self.finals.remove(&utterance);
                if self.open.as_ref().is_some_and(|open| open.id == utterance) {
                    self.open = None;
                    self.partial = None;
                }
            }
        }
        Some(())
    }

    async fn finish(&mut self, utterance: UtteranceId, attempt: u32, to: AudioPos) -> Option<()> {
        // What an earlier attempt was to say is wanted no more.
        self.finals.remove(&utterance);
        let refused = |kind| TranscriptEvent::Failed {
            attempt,
            fault: jobs::fault(kind),
        };
        let Some(open) = self.open.as_mut().filter(|open| open.id == utterance) else {
            return self.answer(utterance, refused(FaultKind::Refused)).await;
        };
        if self.finals.len() >= MOST_FINALS {
            return self.answer(utterance, refused(FaultKind::Overloaded)).await;
        }
        self.partial = None;
        open.pause = self
            .params
            .partials
            .then(|| Pause::after(&self.memory.copy(open.from..to)));
        if let Some(known) = open.known.as_ref().filter(|known| known.to == to) {
            let event = heard(attempt, known.text.clone(), Duration::ZERO);
            return self.answer(utterance, event).await;
        }
        let (deadline, limit) = final_times(to - open.from);
        if let Some(job) = self.transcribe(Class::FinalTranscript, to, deadline, limit) {
            self.finals.insert(utterance, (attempt, job));
        }
        Some(())
    }

    fn on_audio(&mut self, audio: &BusAudio) {
        self.memory.push(audio);
        let end = self.memory.end();
        let Some(open) = &mut self.open else { return };
        if let Some(pause) = &mut open.pause {
            if !pause.ends_with(&audio.pcm) {
                return;
            }
            open.pause = None;
            open.partial_at = end;
        }
        let due = self.params.partials && self.partial.is_none() && end >= open.partial_at;
        if due {
            open.partial_at =
                end + samples_in(self.options.partial_every).max((end - open.from) / PARTIAL_GROWTH);
            self.partial = self.transcribe(Class::PartialTranscript, end, PARTIAL_LIMIT, PARTIAL_LIMIT);
        }
    }

    /// Begins a transcription of the open utterance up to `to`, from what is known of it already.
    fn transcribe(&self, class: Class, to: AudioPos, deadline: Duration, limit: Duration) -> Option<Job> {
        let open = self.open.as_ref()?;
        let audio = self.memory.copy(open.from..to);
        let options = TranscriptionOptions {
            language: self.params.language.clone(),
            draft: open
                .known
                .as_ref()
                .map(|known| known.tokens.clone())
                .unwrap_or_default(),
            medicines: class == Class::FinalTranscript,
            ..TranscriptionOptions::default()
        };
        let mut transcription = self.recogniser.begin(audio, options);
        let run = self
            .scheduler
            .submit_steps(class, jobs::deadline(deadline), move || {
                match transcription.step() {
                    Ok(Progress::More) => Step::More,
                    Ok(Progress::Done(transcript)) => Step::Done(Ok(transcript)),
                    Err(error) => Step::Done(Err(error)),
                }
            });
        Some(Job {
            utterance: open.id,
            to,
            outcome: jobs::outcome(run, limit).boxed(),
        })
    }

    fn on_partial(&mut self, utterance: UtteranceId, to: AudioPos, outcome: Outcome) {
        // A partial that failed or came too late is no loss: the next one says it all again.
        let Ok(finished) = outcome else { return };
        let text = finished.value.text.clone();
        self.remember(utterance, to, finished.value);
        let event = TranscriptEvent::Partial { text };
        // Dropped when answers wait: so does the patient's screen.
        drop(self.answers.try_send(TranscriberOutput { utterance, event }));
    }

    async fn on_final(&mut self, done: Final, outcome: Outcome) -> Option<()> {
        let Final {
            utterance,
            attempt,
            to,
        } = done;
        let event = match outcome {
            Ok(Finished { value, busy, .. }) => {
                let text = value.text.clone();
                self.remember(utterance, to, value);
                heard(attempt, text, busy)
            }
            Err(fault) => TranscriptEvent::Failed { attempt, fault },
        };
        self.answer(utterance, event).await
    }

    fn remember(&mut self, utterance: UtteranceId, to: AudioPos, transcript: Transcript) {
        if let Some(open) = self.open.as_mut().filter(|open| open.id == utterance) {
            let Transcript { text, tokens, .. } = transcript;
            open.known = Some(Known { to, text, tokens });
        }
    }

    /// `None` if nobody takes the answer.
    async fn answer(&mut self, utterance: UtteranceId, event: TranscriptEvent) -> Option<()> {
        let sent = self.answers.send(TranscriberOutput { utterance, event });
        tokio::time::timeout(ANSWER_LIMIT, sent).await.ok()?.ok()
    }
}

fn heard(attempt: u32, text: String, busy: Duration) -> TranscriptEvent {
    TranscriptEvent::Final {
        attempt,
        text,
        busy,
        provider: NAME,
    }
}

/// When the final of an utterance of so many samples should be there, and when it is given up.
fn final_times(samples: u64) -> (Duration, Duration) {
    let seconds = (samples / AudioPos::RATE) as u32;
    (
        FINAL_DEADLINE + FINAL_DEADLINE_PER_SECOND * seconds,
        GIVEN_UP_AFTER + FINAL_LIMIT_PER_SECOND * seconds,
    )
}

fn samples_in(time: Duration) -> u64 {
    time.as_millis() as u64 * AudioPos::RATE / 1_000
}

/// The next final that is done, taken out; waits for ever while there is none.
async fn next_final(finals: &mut BTreeMap<UtteranceId, (u32, Job)>) -> (Final, Outcome) {
    poll_fn(|cx| {
        let done = finals.iter_mut().find_map(|(utterance, (attempt, job))| {
            let Poll::Ready(outcome) = job.outcome.poll_unpin(cx) else {
                return None;
            };
            Some((
                Final {
                    utterance: *utterance,
                    attempt: *attempt,
                    to: job.to,
                },
                outcome,
            ))
        });
        match done {
            Some((done, outcome)) => {
                finals.remove(&done.utterance);
                Poll::Ready((done, outcome))
            }
            None => Poll::Pending,
        }
    })
    .await
}

/// The partial's outcome, taken out; waits for ever while there is none.
async fn next_partial(partial: &mut Option<Job>) -> (UtteranceId, AudioPos, Outcome) {
    poll_fn(|cx| {
        let Some(job) = partial else { return Poll::Pending };
        let outcome = std::task::ready!(job.outcome.poll_unpin(cx));
        let done = (job.utterance, job.to, outcome);
        *partial = None;
        Poll::Ready(done)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_utterance_is_given_longer() {
        let times = |seconds: u64| final_times(seconds * AudioPos::RATE);
        assert_eq!(
            times(0),
            (Duration::from_millis(250), Duration::from_millis(20_000))
        );
        assert_eq!(
            times(120),
            (Duration::from_millis(3_850), Duration::from_millis(50_000))
        );
    }
}
