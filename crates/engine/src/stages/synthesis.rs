//! Synthesis: text in, audio in the client's format out, one response at a time.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::{Epoch, FaultKind, SegmentIndex, SpeakCommand, StageFault, SynthesisEvent};
use bedside_media::audio::encoder::{EncodedFrame, Encoder};
use bedside_media::audio::format::{AudioFormat, SampleRate};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{
    SynthesisInput, SynthesisOutput, SynthesisParams, SynthesisStream, Synthesizer,
};
use tokio::sync::mpsc;

use crate::lane::Lane;
use crate::stages::{Opening, open_within};

/// One session's synthesiser. A new epoch replaces the one before it.
pub(crate) struct Synthesis {
    synthesizer: Arc<dyn Synthesizer>,
    reporter: Reporter,
    open_limit: Duration,
    format: AudioFormat,
    /// Boxed: an encoder is large, and most of the time nobody speaks.
    live: Option<Box<Speaking>>,
}

/// What the synthesiser says about which epoch.
pub(crate) type Said = (Epoch, Result<SynthesisEvent, StageFault>);

struct Speaking {
    epoch: Epoch,
    stream: Stream,
    lane: Lane<SynthesisInput>,
    finishing: bool,
    unspoken: u32,
    /// `None` if the codec failed to start.
    encoder: Option<Encoder>,
    ready: VecDeque<SynthesisEvent>,
}

enum Stream {
    Opening(Pin<Box<Opening<SynthesisStream>>>),
    Open(mpsc::Receiver<Result<SynthesisOutput, StageFault>>),
}

impl Synthesis {
    pub(crate) fn new(
        synthesizer: Arc<dyn Synthesizer>,
        reporter: Reporter,
        open_limit: Duration,
        format: AudioFormat,
    ) -> Self {
        Self {
            synthesizer,
            reporter,
            open_limit,
            format,
            live: None,
        }
    }

    /// The client's format, for epochs opened from now on.
    pub(crate) fn configure(&mut self, format: AudioFormat) {
        self.format = format;
    }

    pub(crate) fn command(&mut self, command: SpeakCommand) {
        match command {
            SpeakCommand::Open {
                epoch,
                voice,
                speed,
                avoid,
            } => self.open(epoch, SynthesisParams { voice, speed, avoid }),
            SpeakCommand::Segment { epoch, segment, text } => {
                if let Some(speaking) = self.of(epoch) {
                    speaking.lane.push(SynthesisInput { segment, text });
                    speaking.unspoken += 1;
                }
            }
            SpeakCommand::Finish { epoch } => {
                if let Some(speaking) = self.of(epoch) {
                    speaking.finishing = true;
                }
            }
            SpeakCommand::Cancel { epoch } => self.live = self.live.take().filter(|live| live.epoch != epoch),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.live.is_none()
    }

    /// Feeds the synthesiser and, if `wanted`, takes what it says. An error ends the epoch.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, wanted: bool) -> Poll<Said> {
        let Some(live) = &mut self.live else {
            return Poll::Pending;
        };
        let epoch = live.epoch;
        match ready!(live.poll(cx, wanted, self.synthesizer.name())) {
            Some(Ok(event)) => Poll::Ready((epoch, Ok(event))),
            Some(Err(fault)) => {
                self.live = None;
                Poll::Ready((epoch, Err(fault)))
            }
            None => {
                self.live = None;
                Poll::Pending
            }
        }
    }

    fn open(&mut self, epoch: Epoch, params: SynthesisParams) {
        let opening = self.synthesizer.open(params, self.reporter.clone());
        let opening = Box::pin(open_within(self.open_limit, self.synthesizer.name(), opening));
        self.live = Some(Box::new(Speaking {
            epoch,
            stream: Stream::Opening(opening),
            lane: Lane::new(),
            finishing: false,
            unspoken: 0,
            encoder: Encoder::new(self.format).ok(),
            ready: VecDeque::new(),
        }));
    }

    fn of(&mut self, epoch: Epoch) -> Option<&mut Speaking> {
        self.live.as_deref_mut().filter(|live| live.epoch == epoch)
    }
}

impl Speaking {
    /// The next event; `None` once everything has been spoken.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        wanted: bool,
        provider: &'static str,
    ) -> Poll<Option<Result<SynthesisEvent, StageFault>>> {
        let fault = |kind| Poll::Ready(Some(Err(StageFault { provider, kind })));
        if let Stream::Opening(opening) = &mut self.stream {
            match ready!(opening.as_mut().poll(cx)) {
                Ok(SynthesisStream { input, output }) => {
                    self.lane.connect(input);
                    self.stream = Stream::Open(output);
                }
                Err(fault) => return Poll::Ready(Some(Err(fault))),
            }
        }
        let Stream::Open(output) = &mut self.stream else {
            return Poll::Pending;
        };
        let fed = self.lane.poll_feed(cx, |_| true);
        if self.finishing && fed == Poll::Ready(Ok(())) {
            self.lane = Lane::new();
        }
        if !wanted {
            return Poll::Pending;
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(said) = ready!(output.poll_recv(cx)) else {
                let complete = self.finishing && self.unspoken == 0;
                return if complete {
                    Poll::Ready(None)
                } else {
                    fault(FaultKind::Disconnected)
                };
            };
            let said = match said {
                Ok(said) => said,
                Err(fault) => return Poll::Ready(Some(Err(fault))),
            };
            let Some(encoder) = &mut self.encoder else {
                return fault(FaultKind::Internal);
            };
            if let SynthesisOutput::SegmentDone { .. } = said {
                self.unspoken = self.unspoken.saturating_sub(1);
            }
            if encode(encoder, said, &mut self.ready).is_err() {
                return fault(FaultKind::Internal);
            }
        }
    }
}

/// The synthesiser broke its contract (half samples, an unknown rate), or the codec failed.
struct Unencodable;

/// Turns what the synthesiser said into events with audio in the client's format. Each segment's audio is framed to
/// its end, so that word times within it hold.
fn encode(
    encoder: &mut Encoder,
    said: SynthesisOutput,
    events: &mut VecDeque<SynthesisEvent>,
) -> Result<(), Unencodable> {
    let audio = |segment: SegmentIndex| {
        move |EncodedFrame { data, duration }| SynthesisEvent::Audio {
            segment,
            data,
            duration,
        }
    };
    let mut frames = Vec::new();
    match said {
        SynthesisOutput::Audio { segment, pcm, rate } => {
            let rate = SampleRate::try_from(rate).map_err(|_| Unencodable)?;
            encoder.push(&pcm, rate, &mut frames).map_err(|_| Unencodable)?;
            events.extend(frames.into_iter().map(audio(segment)));
        }
        SynthesisOutput::SegmentDone {
            segment,
            words,
            busy,
            provider,
        } => {
            encoder.finish(&mut frames).map_err(|_| Unencodable)?;
            events.extend(frames.into_iter().map(audio(segment)));
            events.push_back(SynthesisEvent::SegmentDone {
                segment,
                words,
                busy,
                provider,
            });
        }
    }
    Ok(())
}
