//! Providers that do what the script says.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Finish, ModelEvent, ModelUsage};
use bedside_conversation::io::{StageFault, TranscribeCommand, TranscriptEvent, WordMark};
use bedside_providers::traits::*;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;

/// Samples of a detector window.
const WINDOW: usize = 512;

/// How the providers behave.
#[derive(Default)]
pub(crate) struct Script {
    /// The answer of the chat model.
    pub(crate) answer: &'static str,
    /// What the transcriber hears.
    pub(crate) transcript: &'static str,
    /// The chat model never says anything.
    pub(crate) model_stalls: AtomicBool,
    /// The detector takes no audio.
    pub(crate) detector_stalls: AtomicBool,
    /// How often a detector was opened.
    pub(crate) detectors: AtomicU32,
}

impl SpeechDetector for Script {
    fn open(&self) -> DetectorStream {
        self.detectors.fetch_add(1, Ordering::Relaxed);
        let (audio, mut incoming) = mpsc::channel::<BusAudio>(4);
        let (outgoing, windows) = mpsc::channel(64);
        let stalls = self.detector_stalls.load(Ordering::Relaxed);
        tokio::spawn(async move {
            if stalls {
                outgoing.closed().await;
                return;
            }
            let mut samples: Vec<i16> = Vec::new();
            let mut end = None;
            while let Some(audio) = incoming.recv().await {
                let mut at = end.unwrap_or(audio.at);
                samples.extend(
                    audio
                        .pcm
                        .chunks_exact(2)
                        .map(|pair| i16::from_le_bytes([pair[0], pair[1]])),
                );
                while samples.len() >= WINDOW {
                    let loud = samples.drain(..WINDOW).any(|sample| sample > 1_000);
                    at = at + WINDOW as u64;
                    let window = SpeechWindow {
                        end: at,
                        probability: if loud { 0.95 } else { 0.01 },
                    };
                    if outgoing.send(Ok(window)).await.is_err() {
                        return;
                    }
                }
                end = Some(at);
            }
        });
        DetectorStream { audio, windows }
    }
}

impl TurnJudge for Script {
    fn judge(&self, _pcm: Vec<i16>) -> BoxFuture<'static, Result<TurnJudgement, StageFault>> {
        async {
            Ok(TurnJudgement {
                probability: 0.9,
                busy: Duration::from_millis(5),
            })
        }
        .boxed()
    }
}

impl Transcriber for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open(&self, _params: TranscriberParams) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        let text = self.transcript;
        async move {
            let (input, mut incoming) = mpsc::channel(16);
            let (outgoing, output) = mpsc::channel(16);
            tokio::spawn(async move {
                let mut heard = bedside_conversation::time::AudioPos::START;
                while let Some(item) = incoming.recv().await {
                    let (utterance, attempt, to) = match item {
                        TranscriberInput::Audio(BusAudio { at, pcm }) => {
                            heard = at + pcm.len() as u64 / 2;
                            continue;
                        }
                        TranscriberInput::Command(TranscribeCommand::Finish {
                            utterance,
                            attempt,
                            to,
                        }) => (utterance, attempt, to),
                        TranscriberInput::Command(_) => continue,
                    };
                    assert!(to <= heard, "a command refers only to audio sent before it");
                    let event = TranscriptEvent::Final {
                        attempt,
                        text: text.to_owned(),
                        busy: Duration::from_millis(50),
                        provider: "scripted",
                    };
                    if outgoing
                        .send(TranscriberOutput { utterance, event })
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            });
            Ok(TranscriberStream { input, output })
        }
        .boxed()
    }
}

impl ChatModel for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn generate(&self, _request: ChatRequest) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        if self.model_stalls.load(Ordering::Relaxed) {
            return stream::pending().boxed();
        }
        let done = ModelEvent::Done {
            usage: ModelUsage::default(),
            finish: Finish::Stop,
        };
        stream::iter([Ok(ModelEvent::TextDelta(self.answer.to_owned())), Ok(done)]).boxed()
    }
}

impl Synthesizer for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn voices(&self) -> Vec<String> {
        vec!["plain".to_owned()]
    }

    /// Speaks a second of audio per segment.
    fn open(&self, _params: SynthesisParams) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        async move {
            let (input, mut incoming) = mpsc::channel::<SynthesisInput>(8);
            let (outgoing, output) = mpsc::channel(8);
            tokio::spawn(async move {
                while let Some(SynthesisInput { segment, text }) = incoming.recv().await {
                    let pcm = vec![1; 22_050 * 2].into();
                    let words = vec![WordMark {
                        text: 0..text.len(),
                        start: Duration::ZERO,
                        end: Duration::from_secs(1),
                    }];
                    let said = [
                        SynthesisOutput::Audio {
                            segment,
                            pcm,
                            rate: 22_050,
                        },
                        SynthesisOutput::SegmentDone {
                            segment,
                            words,
                            busy: Duration::from_millis(30),
                        },
                    ];
                    for said in said {
                        if outgoing.send(Ok(said)).await.is_err() {
                            return;
                        }
                    }
                }
            });
            Ok(SynthesisStream { input, output })
        }
        .boxed()
    }
}
