use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedside_conversation::io::{StageFault, TranscribeCommand, TranscriptEvent, UtteranceId};
use bedside_conversation::time::AudioPos;
use bedside_providers::report::Reporter;
use bedside_providers::resilience::Link;
use bedside_providers::traits::{
    BusAudio, Transcriber, TranscriberInput, TranscriberOutput, TranscriberParams, TranscriberStream,
};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::failover::{self, Live, Trouble, fault, wait};

/// Samples in 20 ms.
const FRAME: u64 = 320;

/// When a transcriber gets into trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Opening,
    /// With audio from this second of the session on.
    Second(u64),
    /// When it is asked for the n-th time.
    Asked(usize),
    /// It says that it cannot answer when it is asked for the n-th time.
    Answering(usize),
}

/// Hears everything: a transcript names the frames that were heard of an utterance.
pub(crate) struct FakeEars {
    name: &'static str,
    delay_ms: u64,
    trouble: Mutex<Option<(Moment, Trouble)>>,
    pub(crate) opened: AtomicUsize,
    pub(crate) live: Live,
}

impl FakeEars {
    pub(crate) fn new(name: &'static str, delay_ms: u64) -> Arc<Self> {
        Arc::new(Self {
            name,
            delay_ms,
            trouble: Mutex::new(None),
            opened: AtomicUsize::new(0),
            live: Live::default(),
        })
    }

    pub(crate) fn trouble(&self, trouble: Option<(Moment, Trouble)>) {
        *self.trouble.lock().expect("not poisoned") = trouble;
    }

    pub(crate) fn link(self: &Arc<Self>) -> Link<dyn Transcriber> {
        failover::link(self.clone() as Arc<dyn Transcriber>)
    }
}

impl Transcriber for FakeEars {
    fn name(&self) -> &'static str {
        self.name
    }

    fn open(
        &self,
        _: TranscriberParams,
        _: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let (input, told) = mpsc::channel(64);
        let (answers, output) = mpsc::channel(32);
        let trouble = *self.trouble.lock().expect("not poisoned");
        let ears = Ears {
            name: self.name,
            delay_ms: self.delay_ms,
            trouble,
            asked: 0,
            frames: BTreeSet::new(),
            started: BTreeMap::new(),
            answers,
        };
        let (name, lives) = (self.name, self.live.one());
        async move {
            match trouble {
                Some((Moment::Opening, Trouble::Fails(kind))) => return Err(fault(name, kind)),
                Some((Moment::Opening, Trouble::Hangs)) => std::future::pending().await,
                Some((Moment::Opening, Trouble::Ends)) => drop(told),
                _ => {
                    tokio::spawn(async move {
                        let _lives = lives;
                        ears.run(told).await;
                    });
                }
            }
            Ok(TranscriberStream { input, output })
        }
        .boxed()
    }
}

struct Ears {
    name: &'static str,
    delay_ms: u64,
    trouble: Option<(Moment, Trouble)>,
    asked: usize,
    frames: BTreeSet<u64>,
    started: BTreeMap<UtteranceId, AudioPos>,
    answers: mpsc::Sender<TranscriberOutput>,
}

impl Ears {
    async fn run(mut self, mut told: mpsc::Receiver<TranscriberInput>) {
        let answers = self.answers.clone();
        let work = async {
            while let Some(item) = told.recv().await {
                let ended = match item {
                    TranscriberInput::Audio(audio) => self.hear(&audio).await,
                    TranscriberInput::Command(command) => self.obey(command).await,
                };
                if ended {
                    return;
                }
            }
        };
        tokio::select! {
            () = work => {}
            () = answers.closed() => {}
        }
    }

    /// Whether the stream ends here.
    async fn suffer(&self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::Hangs => std::future::pending().await,
            // A stream has no other way to say how it broke.
            Trouble::Ends | Trouble::Fails(_) => true,
        }
    }

    async fn hear(&mut self, audio: &BusAudio) -> bool {
        if let Some((Moment::Second(second), trouble)) = self.trouble
            && audio.at >= AudioPos::from_millis(second * 1_000)
        {
            return self.suffer(trouble).await;
        }
        self.frames.insert(audio.at.samples() / FRAME);
        false
    }

    async fn obey(&mut self, command: TranscribeCommand) -> bool {
        let (utterance, attempt, to) = match command {
            TranscribeCommand::Start { utterance, from } => {
                self.started.insert(utterance, from);
                return false;
            }
            TranscribeCommand::Cancel { .. } => return false,
            TranscribeCommand::Finish {
                utterance,
                attempt,
                to,
            } => (utterance, attempt, to),
        };
        self.asked += 1;
        let mut event = self.text(utterance, attempt, to);
        match self.trouble {
            Some((Moment::Asked(asked), trouble)) if asked == self.asked => {
                return self.suffer(trouble).await;
            }
            Some((Moment::Answering(asked), trouble)) if asked == self.asked => {
                let fault = fault(self.name, trouble.kind());
                event = TranscriptEvent::Failed { attempt, fault };
            }
            _ => {}
        }
        let (answers, delay_ms) = (self.answers.clone(), self.delay_ms);
        tokio::spawn(async move {
            wait(delay_ms).await;
            let _ = answers.send(TranscriberOutput { utterance, event }).await;
        });
        false
    }

    fn text(&self, utterance: UtteranceId, attempt: u32, to: AudioPos) -> TranscriptEvent {
        let Some(from) = self.started.get(&utterance) else {
            return TranscriptEvent::Failed {
                attempt,
                fault: fault(self.name, bedside_conversation::io::FaultKind::Refused),
            };
        };
        let frames: Vec<_> = self
            .frames
            .range(from.samples() / FRAME..to.samples() / FRAME)
            .collect();
        let gapless = frames.windows(2).all(|pair| *pair[1] == pair[0] + 1);
        let ends = (frames.first(), frames.last());
        TranscriptEvent::Final {
            attempt,
            text: format!("{} {ends:?}", if gapless { "all of" } else { "some of" }),
            busy: Duration::ZERO,
            provider: self.name,
        }
    }
}

/// A patient whose audio comes in real time, and who is transcribed as the engine does it.
pub(crate) struct Patient {
    pub(crate) stream: TranscriberStream,
    pub(crate) position: AudioPos,
    pub(crate) finals: Vec<(u32, u32, String)>,
    pub(crate) failed: Vec<(u32, u32, StageFault)>,
    /// Whether the stream has ended.
    pub(crate) cut: bool,
}

impl Patient {
    pub(crate) async fn new(transcriber: &dyn Transcriber, session: &Reporter) -> Self {
        let params = TranscriberParams::default();
        let stream = transcriber.open(params, session.clone()).await.expect("a stream");
        Self {
            stream,
            position: AudioPos::START,
            finals: Vec::new(),
            failed: Vec::new(),
            cut: false,
        }
    }

    /// The microphone is on for so long.
    pub(crate) async fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            let pcm = Bytes::from(vec![0; FRAME as usize * 2]);
            self.tell(TranscriberInput::Audio(BusAudio {
                at: self.position,
                pcm,
            }))
            .await;
            self.position = self.position + FRAME;
            self.listen(20).await;
        }
    }

    /// The words of so long ago on are an utterance.
    pub(crate) async fn start(&mut self, utterance: u32, ago_ms: u64) {
        let from = self.position.back(ago_ms);
        let utterance = UtteranceId(utterance);
        self.command(TranscribeCommand::Start { utterance, from }).await;
    }

    pub(crate) async fn finish(&mut self, utterance: u32, attempt: u32) {
        let (utterance, to) = (UtteranceId(utterance), self.position);
        self.command(TranscribeCommand::Finish {
            utterance,
            attempt,
            to,
        })
        .await;
    }

    /// Waits without audio.
    pub(crate) async fn listen(&mut self, ms: u64) {
        let until = tokio::time::Instant::now() + Duration::from_millis(ms);
        loop {
            let said = tokio::time::timeout_at(until, self.stream.output.recv()).await;
            let Ok(Some(TranscriberOutput { utterance, event })) = said else {
                self.cut |= said.is_ok();
                tokio::time::sleep_until(until).await;
                return;
            };
            match event {
                TranscriptEvent::Final { attempt, text, .. } => {
                    self.finals.push((utterance.0, attempt, text));
                }
                TranscriptEvent::Failed { attempt, fault } => self.failed.push((utterance.0, attempt, fault)),
                TranscriptEvent::Partial { .. } => {}
            }
        }
    }

    async fn command(&mut self, command: TranscribeCommand) {
        self.tell(TranscriberInput::Command(command)).await;
    }

    async fn tell(&mut self, item: TranscriberInput) {
        let sent = tokio::time::timeout(Duration::from_secs(2), self.stream.input.send(item)).await;
        self.cut |= sent
            .expect("input is taken within the engine's patience")
            .is_err();
    }
}
