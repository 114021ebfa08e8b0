//! Providers that do what the script says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Finish, Message, ModelEvent, ModelUsage};
use bedside_conversation::io::{StageFault, TranscribeCommand, TranscriptEvent, WordMark};
use bedside_conversation::scan::{
    FaceState, Figures, Guidance, HeartRate, Progress, Reading, ScanNews, ScanParams, ScanSummary, Stage,
};
use bedside_conversation::time::AudioPos;
use bedside_providers::report::Reporter;
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
    /// A function of the server that the chat model calls before it answers.
    pub(crate) calls: Option<&'static str>,
    /// What the function returns.
    pub(crate) returns: &'static str,
    /// The chat model never says anything.
    pub(crate) model_stalls: AtomicBool,
    /// The detector takes no audio.
    pub(crate) detector_stalls: AtomicBool,
    /// How often a detector was opened.
    pub(crate) detectors: AtomicU32,
    /// How often a transcriber was opened.
    pub(crate) transcribers: AtomicU32,
    /// How long a scan takes for a picture.
    pub(crate) scan_takes: Duration,
    /// Nobody reads vital signs.
    pub(crate) reads_no_vitals: bool,
    /// No picture can be decoded.
    pub(crate) unreadable: bool,
    /// Scans that were begun, and those that ended, in whatever way.
    pub(crate) scans: Arc<(AtomicU32, AtomicU32)>,
}

impl SpeechDetector for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open(&self) -> Box<dyn DetectorStream> {
        self.detectors.fetch_add(1, Ordering::Relaxed);
        Box::new(Loudness {
            stalls: self.detector_stalls.load(Ordering::Relaxed),
            samples: Vec::new(),
            end: AudioPos::START,
        })
    }
}

/// Takes what is loud for speech.
struct Loudness {
    stalls: bool,
    samples: Vec<i16>,
    end: AudioPos,
}

impl DetectorStream for Loudness {
    fn push(&mut self, audio: &BusAudio) -> bool {
        if self.samples.is_empty() {
            self.end = audio.at;
        }
        let pairs = audio.pcm.chunks_exact(2);
        self.samples
            .extend(pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
        self.samples.len() >= WINDOW
    }

    fn poll_window(&mut self, _cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>> {
        if self.stalls || self.samples.len() < WINDOW {
            return Poll::Pending;
        }
        let loud = self.samples.drain(..WINDOW).any(|sample| sample > 1_000);
        self.end = self.end + WINDOW as u64;
        Poll::Ready(Ok(SpeechWindow {
            end: self.end,
            probability: if loud { 0.95 } else { 0.01 },
        }))
    }

    fn waiting(&self) -> u64 {
        self.samples.len() as u64
    }
}

impl TurnJudge for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

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

    fn open(
        &self,
        _params: TranscriberParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        self.transcribers.fetch_add(1, Ordering::Relaxed);
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

    fn generate(
        &self,
        request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        if self.model_stalls.load(Ordering::Relaxed) {
            return stream::pending().boxed();
        }
        let done = ModelEvent::Done {
            usage: ModelUsage::default(),
            finish: Finish::Stop,
        };
        let result = request.messages.iter().rev().find_map(|message| match message {
            Message::ToolResult { output, .. } => Some(output.clone()),
            _ => None,
        });
        let answer = ModelEvent::TextDelta(
            self.answer
                .replace("{result}", result.as_deref().unwrap_or_default()),
        );
        let Some(name) = self.calls.filter(|_| result.is_none()) else {
            return stream::iter([Ok(answer), Ok(done)]).boxed();
        };
        let call_id = "call-1".to_owned();
        let call = ModelEvent::ToolCallStart {
            call_id: call_id.clone(),
            name: name.to_owned(),
        };
        let arguments = ModelEvent::ToolCallArguments {
            call_id,
            delta: "{}".to_owned(),
        };
        stream::iter([Ok(call), Ok(arguments), Ok(done)]).boxed()
    }
}

impl Tool for Script {
    fn description(&self) -> bedside_conversation::context::Tool {
        bedside_conversation::context::Tool {
            name: self.calls.unwrap_or_default().to_owned(),
            description: "Looks something up.".to_owned(),
            parameters: serde_json::json!({"type": "object", "properties": {}}),
        }
    }

    fn run(&self, call: ToolRun, _reporter: Reporter) -> BoxFuture<'static, Result<String, StageFault>> {
        let seen = call.picture.map_or("no picture", |_| "a picture");
        std::future::ready(Ok(format!("{} with {seen}", self.returns))).boxed()
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
    fn open(
        &self,
        _params: SynthesisParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
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
                            provider: "scripted",
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

impl VitalsService for Script {
    fn name(&self) -> &'static str {
        "scripted"
    }

    /// Reads a heart rate of 72 from every picture.
    fn open(
        &self,
        _params: ScanParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        let (scans, takes, unreadable) = (self.scans.clone(), self.scan_takes, self.unreadable);
        async move {
            let (frames, mut incoming) = mpsc::channel::<VideoFrame>(1);
            let (outgoing, output) = mpsc::channel(8);
            tokio::spawn(async move {
                scans.0.fetch_add(1, Ordering::Relaxed);
                let _ = look(&mut incoming, &outgoing, takes, unreadable).await;
                scans.1.fetch_add(1, Ordering::Relaxed);
            });
            Ok(VitalsStream { frames, output })
        }
        .boxed()
    }
}

type Told = mpsc::Sender<Result<VitalsOutput, StageFault>>;

async fn look(
    incoming: &mut mpsc::Receiver<VideoFrame>,
    outgoing: &Told,
    takes: Duration,
    unreadable: bool,
) -> Result<(), mpsc::error::SendError<Result<VitalsOutput, StageFault>>> {
    let (mut frames, mut first) = (0, None);
    let figures = Figures {
        heart_rate: Ok(HeartRate {
            bpm: 72.0,
            quality: 0.9,
            snr_db: 6.0,
        }),
        respiratory_rate: Err("too_short"),
        hrv: Err("too_short"),
    };
    loop {
        let frame = tokio::select! {
            frame = incoming.recv() => frame,
            () = outgoing.closed() => return Ok(()),
        };
        let elapsed = |at: u64, first: Option<u64>| Duration::from_micros(at - first.unwrap_or(at));
        let Some(frame) = frame else {
            let summary = ScanSummary {
                elapsed: Duration::from_secs(10),
                frames,
                figures,
                coverage: 1.0,
                method: "scripted",
            };
            let finished = VitalsOutput::News(ScanNews::Finished(summary));
            return outgoing.send(Ok(finished)).await;
        };
        tokio::time::sleep(takes).await;
        if unreadable {
            outgoing.send(Ok(VitalsOutput::Unreadable)).await?;
            continue;
        }
        frames += 1;
        first.get_or_insert(frame.captured_us);
        let progress = Progress {
            at: frame.captured_us,
            elapsed: elapsed(frame.captured_us, first),
            face: Some(FaceState {
                bounds: None,
                motion: 0.0,
                brightness: 0.5,
            }),
            guidance: Guidance::Ok,
        };
        let reading = Reading {
            at: frame.captured_us,
            window: Duration::from_secs(10),
            stage: Stage::Stable,
            figures,
            method: "scripted",
        };
        for news in [ScanNews::Progress(progress), ScanNews::Reading(reading)] {
            outgoing.send(Ok(VitalsOutput::News(news))).await?;
        }
    }
}
