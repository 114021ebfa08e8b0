use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bedside_conversation::io::StageFault;
use bedside_providers::report::Reporter;
use bedside_providers::resilience::Link;
use bedside_providers::traits::{
    SynthesisInput, SynthesisOutput, SynthesisParams, SynthesisStream, Synthesizer,
};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::failover::{self, Live, Trouble, fault, wait};

/// When a voice gets into trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Opening,
    /// When it has been given text.
    Asked,
    /// After so many pieces of audio.
    Pieces(usize),
}

/// A tenth of a second at 24 kHz.
static PIECE: [u8; 4_800] = [0; 4_800];

/// Speaks each segment as three pieces of audio, each after a while.
pub(crate) struct FakeVoice {
    name: &'static str,
    voices: Vec<&'static str>,
    plan: Mutex<(u64, Option<(Moment, Trouble)>)>,
    pub(crate) opened: AtomicUsize,
    pub(crate) live: Live,
    /// The voice that was asked for last.
    pub(crate) voice: Mutex<String>,
}

impl FakeVoice {
    pub(crate) fn new(name: &'static str, voices: &[&'static str], piece_ms: u64) -> Arc<Self> {
        Arc::new(Self {
            name,
            voices: voices.to_vec(),
            plan: Mutex::new((piece_ms, None)),
            opened: AtomicUsize::new(0),
            live: Live::default(),
            voice: Mutex::default(),
        })
    }

    pub(crate) fn plan(&self, piece_ms: u64, trouble: Option<(Moment, Trouble)>) {
        *self.plan.lock().expect("not poisoned") = (piece_ms, trouble);
    }

    pub(crate) fn link(self: &Arc<Self>) -> Link<dyn Synthesizer> {
        failover::link(self.clone() as Arc<dyn Synthesizer>)
    }
}

impl Synthesizer for FakeVoice {
    fn name(&self) -> &'static str {
        self.name
    }

    fn voices(&self) -> Vec<String> {
        self.voices.iter().map(|&voice| voice.to_owned()).collect()
    }

    fn open(
        &self,
        params: SynthesisParams,
        _: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        *self.voice.lock().expect("not poisoned") = params.voice;
        let (input, segments) = mpsc::channel(8);
        let (spoken, output) = mpsc::channel(4);
        let (piece_ms, trouble) = *self.plan.lock().expect("not poisoned");
        let (name, lives) = (self.name, self.live.one());
        async move {
            match trouble {
                Some((Moment::Opening, Trouble::Fails(kind))) => return Err(fault(name, kind)),
                Some((Moment::Opening, Trouble::Hangs)) => std::future::pending().await,
                Some((Moment::Opening, Trouble::Ends)) => drop(segments),
                _ => {
                    tokio::spawn(async move {
                        let _lives = lives;
                        let closed = spoken.clone();
                        tokio::select! {
                            () = speak(name, piece_ms, trouble, segments, spoken) => {}
                            () = closed.closed() => {}
                        }
                    });
                }
            }
            Ok(SynthesisStream { input, output })
        }
        .boxed()
    }
}

async fn speak(
    name: &'static str,
    piece_ms: u64,
    trouble: Option<(Moment, Trouble)>,
    mut segments: mpsc::Receiver<SynthesisInput>,
    spoken: mpsc::Sender<Result<SynthesisOutput, StageFault>>,
) {
    let mut pieces = 0;
    while let Some(SynthesisInput { segment, .. }) = segments.recv().await {
        for _ in 0..3 {
            let now = [Moment::Pieces(pieces), Moment::Asked];
            match trouble {
                Some((moment, trouble)) if now.contains(&moment) => match trouble {
                    Trouble::Hangs => std::future::pending().await,
                    Trouble::Ends => return,
                    Trouble::Fails(kind) => {
                        let _ = spoken.send(Err(fault(name, kind))).await;
                        return;
                    }
                },
                _ => wait(piece_ms).await,
            }
            pieces += 1;
            let audio = SynthesisOutput::Audio {
                segment,
                pcm: Bytes::from_static(&PIECE),
                rate: 24_000,
            };
            if spoken.send(Ok(audio)).await.is_err() {
                return;
            }
        }
        let done = SynthesisOutput::SegmentDone {
            segment,
            words: Vec::new(),
            busy: Duration::ZERO,
            provider: name,
        };
        if spoken.send(Ok(done)).await.is_err() {
            return;
        }
    }
}
