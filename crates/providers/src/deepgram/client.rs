use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault, TranscribeCommand, TranscriptEvent};
use bedside_conversation::service::Unit;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::hearing::Heard;
use super::outbox::{Outbox, Parcel};
use super::timeline::Timeline;
use super::utterances::{Patience, Utterances};
use super::{Api, Config, codec, flux};
use crate::report::Reporter;
use crate::socket::{End, Lease, Received};
use crate::traits::{BusAudio, TranscriberInput, TranscriberOutput, TranscriberStream};

/// Pieces of audio and commands that may wait: five seconds in pieces of 100 ms, and some commands. Then the sender waits.
const INPUT_WAITING: usize = 64;

/// Answers that may wait. Beyond it partials are dropped and finals wait.
const OUTPUT_WAITING: usize = 32;

/// An answer not taken for so long will never be.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Audio that may wait to be sent, bytes: a minute. Then the sender waits.
const MOST_AUDIO: usize = 60 * 32_000;

/// Inputs looked at before the socket is looked at again.
const INPUTS_AT_ONCE: usize = 32;

/// Billed time is told in steps of this many samples, and the rest at the end.
const TOLD_EVERY: u64 = 16_000;

/// Audio goes out in pieces of 100 ms for Nova …
const NOVA_PIECE: usize = 3_200;

/// … and 80 ms for Flux, as the vendor advises.
const FLUX_PIECE: usize = 2_560;

/// Serves one session on a socket.
pub(super) fn serve(
    name: &'static str,
    config: &Config,
    partials: bool,
    lease: Lease,
    reporter: Reporter,
) -> TranscriberStream {
    let (input, inputs) = mpsc::channel(INPUT_WAITING);
    let (answers, output) = mpsc::channel(OUTPUT_WAITING);
    let patience = Patience {
        heard: Duration::from_millis(config.finalize_ms),
        most: Duration::from_millis(config.answer_ms),
    };
    let (dialect, piece) = match config.api {
        Api::V1 => (Dialect::Nova, NOVA_PIECE),
        Api::Flux => (Dialect::Flux(flux::Reader::default()), FLUX_PIECE),
    };
    let session = Session {
        name,
        outbox: Outbox::new(piece),
        utterances: Utterances::new(name, patience, config.api == Api::Flux),
        timeline: Timeline::default(),
        dialect,
        partials,
        keep_alive: Duration::from_millis(config.keep_alive_ms),
        began: Instant::now(),
        last_sent: Duration::ZERO,
        billed: Billed { samples: 0, reporter },
        answers,
        lease,
    };
    tokio::spawn(session.run(inputs));
    TranscriberStream { input, output }
}

struct Session {
    name: &'static str,
    outbox: Outbox,
    utterances: Utterances,
    timeline: Timeline,
    dialect: Dialect,
    partials: bool,
    keep_alive: Duration,
    began: Instant,
    /// When something was sent last, since `began`.
    last_sent: Duration,
    billed: Billed,
    answers: mpsc::Sender<TranscriberOutput>,
    lease: Lease,
}

/// Which of the two interfaces is spoken.
enum Dialect {
    Nova,
    Flux(flux::Reader),
}

/// Audio that was sent and not told yet.
struct Billed {
    samples: u64,
    reporter: Reporter,
}

impl Session {
    async fn run(mut self, inputs: mpsc::Receiver<TranscriberInput>) {
        match self.serve(inputs).await {
            Ok(()) | Err(End::Unheard) => {
                // Who is told nothing more is not billed for more either.
                let _ = self.lease.socket.send([Message::text(codec::CLOSE_STREAM)]).await;
                self.lease.close().await;
            }
            Err(End::Fault(kind)) => {
                for answer in self.utterances.fail(kind) {
                    if self.answer(answer).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Until nobody listens, or nobody speaks and all is answered.
    async fn serve(&mut self, mut inputs: mpsc::Receiver<TranscriberInput>) -> Result<(), End> {
        let mut fed = true;
        while fed || self.utterances.is_waiting() {
            self.send_what_is_due().await?;
            for answer in self.utterances.finals(&self.timeline, self.began.elapsed())? {
                self.answer(answer).await?;
            }
            let room = fed && self.outbox.waiting_bytes() < MOST_AUDIO;
            let wake = self.began + self.due();
            let answers = self.answers.clone();
            tokio::select! {
                biased;
                () = answers.closed() => return Err(End::Unheard),
                received = self.lease.socket.receive() => self.on_message(received?)?,
                input = inputs.recv(), if room => {
                    fed = self.on_inputs(input, &mut inputs).await?;
                }
                () = sleep_until(wake) => {}
            }
        }
        Ok(())
    }

    /// Takes what there is; whether more may follow.
    async fn on_inputs(
        &mut self,
        first: Option<TranscriberInput>,
        inputs: &mut mpsc::Receiver<TranscriberInput>,
    ) -> Result<bool, End> {
        let Some(first) = first else { return Ok(false) };
        self.on_input(first).await?;
        for _ in 1..INPUTS_AT_ONCE {
            let Ok(next) = inputs.try_recv() else { break };
            self.on_input(next).await?;
        }
        Ok(true)
    }

    async fn on_input(&mut self, input: TranscriberInput) -> Result<(), End> {
        match input {
            TranscriberInput::Audio(BusAudio { at, pcm }) => {
                let known = self.timeline.append(at, (pcm.len() / 2) as u64);
                self.outbox
                    .push(pcm.get(known as usize * 2..).unwrap_or_default());
            }
            TranscriberInput::Command(TranscribeCommand::Start { utterance, from }) => {
                self.utterances.start(utterance, from);
            }
            TranscriberInput::Command(TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            }) => {
                if self.utterances.finish(utterance, attempt, to) {
                    self.outbox.request();
                } else {
                    let fault = StageFault {
                        provider: self.name,
                        kind: FaultKind::Refused,
                    };
                    let event = TranscriptEvent::Failed { attempt, fault };
                    self.answer(TranscriberOutput { utterance, event }).await?;
                }
            }
            TranscriberInput::Command(TranscribeCommand::Cancel { utterance }) => {
                self.utterances.cancel(utterance);
            }
        }
        Ok(())
    }

    fn on_message(&mut self, received: Received) -> Result<(), FaultKind> {
        let Received::Text(text) = received else {
            return Err(FaultKind::Internal);
        };
        let Some(heard) = self
            .dialect
            .parse(&text)
            .map_err(|codec::Broken| FaultKind::Internal)?
        else {
            return Ok(());
        };
        // The final that it leads to says the same.
        let last = heard.settled && self.utterances.is_waiting();
        self.utterances.heard(heard);
        if self.partials
            && !last
            && let Some(partial) = self.utterances.partial(&self.timeline)
        {
            // Dropped when answers wait: so does the patient's screen.
            drop(self.answers.try_send(partial));
        }
        Ok(())
    }

    /// Sends all that may be sent now in one write, or a sign of life.
    async fn send_what_is_due(&mut self) -> Result<(), FaultKind> {
        let now = self.began.elapsed();
        let (mut messages, mut samples, mut asked) = (Vec::new(), 0, false);
        if now >= self.last_sent + self.keep_alive {
            match self.dialect {
                Dialect::Nova => messages.push(Message::text(codec::KEEP_ALIVE)),
                // It hangs up on a `KeepAlive`.
                Dialect::Flux(_) => {
                    self.timeline.pad(FLUX_PIECE as u64 / 2);
                    self.outbox.push(&[0; FLUX_PIECE]);
                }
            }
        }
        while let Some(parcel) = self.outbox.pop(now) {
            messages.push(match parcel {
                Parcel::Audio(pcm) => {
                    samples += (pcm.len() / 2) as u64;
                    Message::Binary(pcm)
                }
                Parcel::Request => {
                    asked = true;
                    Message::text(self.dialect.request())
                }
            });
        }
        if messages.is_empty() {
            return Ok(());
        }
        self.lease.socket.send(messages).await?;
        self.last_sent = now;
        self.billed.add(samples);
        if asked {
            self.utterances.asked(self.began.elapsed());
        }
        Ok(())
    }

    /// When there is something to do, if nothing happens until then; since `began`.
    fn due(&self) -> Duration {
        let alive = self.last_sent + self.keep_alive;
        let answers = self.utterances.due(self.began.elapsed());
        [self.outbox.due(), answers]
            .into_iter()
            .flatten()
            .fold(alive, Duration::min)
    }

    async fn answer(&self, answer: TranscriberOutput) -> Result<(), End> {
        self.answers
            .send_timeout(answer, ANSWER_LIMIT)
            .await
            .map_err(|_| End::Unheard)
    }
}

impl Dialect {
    fn parse(&mut self, text: &str) -> Result<Option<Heard>, codec::Broken> {
        match self {
            Self::Nova => codec::parse(text),
            Self::Flux(reader) => reader.parse(text),
        }
    }

    fn request(&self) -> &'static str {
        match self {
            Self::Nova => codec::FINALIZE,
            Self::Flux(_) => flux::FORCE_END_TURN,
        }
    }
}

impl Billed {
    fn add(&mut self, samples: u64) {
        self.samples += samples;
        if self.samples >= TOLD_EVERY {
            self.tell();
        }
    }

    fn tell(&mut self) {
        if self.samples > 0 {
            self.reporter
                .used(Unit::AudioSeconds, self.samples as f64 / 16_000.0);
            self.samples = 0;
        }
    }
}

impl Drop for Billed {
    fn drop(&mut self) {
        self.tell();
    }
}
