//! One link's work at a response.

use std::task::{Context, Poll, ready};

use bedside_conversation::io::{FaultKind, StageFault};
use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::PollSender;

use super::super::chain::{Chosen, Links};
use super::super::health::Permit;
use super::super::opening::{Opening, open_within};
use crate::report::Reporter;
use crate::traits::{SynthesisInput, SynthesisOutput, SynthesisParams, SynthesisStream, Synthesizer};

pub(super) struct Runner {
    pub(super) link: usize,
    pub(super) permit: Permit,
    pub(super) began: Instant,
    /// When it last said something or was asked for more; `None` until its stream is open.
    pub(super) since: Option<Instant>,
    stream: Stream,
    /// Segments it was told.
    told: usize,
}

enum Stream {
    Opening(Opening<SynthesisStream>),
    Open {
        /// `None` once all was told.
        input: Option<PollSender<SynthesisInput>>,
        output: mpsc::Receiver<Result<SynthesisOutput, StageFault>>,
    },
}

/// The text of a response so far.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) segments: Vec<SynthesisInput>,
    /// No segment follows.
    pub(super) finished: bool,
}

/// What a link says.
pub(super) enum Heard {
    Said(SynthesisOutput),
    Failed(FaultKind),
    /// It says no more.
    Closed,
}

impl Runner {
    pub(super) fn new(
        chain: &Links<dyn Synthesizer>,
        Chosen { link, permit }: Chosen,
        params: &SynthesisParams,
        session: &Reporter,
    ) -> Self {
        let member = &chain.members[link];
        let voices = member.provider.voices();
        let known = voices.iter().find(|&voice| *voice == params.voice);
        let params = SynthesisParams {
            voice: known.or(voices.first()).unwrap_or(&params.voice).clone(),
            speed: params.speed,
            avoid: Vec::new(),
        };
        let opening = member.provider.open(params, chain.reporter(link, session));
        Self {
            link,
            permit,
            began: Instant::now(),
            since: None,
            stream: Stream::Opening(open_within(member, opening)),
            told: 0,
        }
    }

    /// Tells it the text and, if anybody listens, takes what it says.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, text: &Text, listens: bool) -> Poll<Heard> {
        if let Stream::Opening(opening) = &mut self.stream {
            match ready!(opening.poll_unpin(cx)) {
                Ok(SynthesisStream { input, output }) => {
                    let input = Some(PollSender::new(input));
                    self.stream = Stream::Open { input, output };
                    self.since = Some(Instant::now());
                }
                Err(kind) => return Poll::Ready(Heard::Failed(kind)),
            }
        }
        let Stream::Open { input, output } = &mut self.stream else {
            return Poll::Pending;
        };
        if let Some(sender) = input {
            let told = tell(cx, sender, &text.segments, &mut self.told);
            if told.is_err() || text.finished && self.told == text.segments.len() {
                // If it is gone, what it said before is heard yet.
                *input = None;
            }
        }
        if !listens {
            return Poll::Pending;
        }
        Poll::Ready(match ready!(output.poll_recv(cx)) {
            Some(Ok(said)) => Heard::Said(said),
            Some(Err(fault)) => Heard::Failed(fault.kind),
            None => Heard::Closed,
        })
    }
}

/// The link takes no text any more.
struct Gone;

fn tell(
    cx: &mut Context<'_>,
    input: &mut PollSender<SynthesisInput>,
    segments: &[SynthesisInput],
    told: &mut usize,
) -> Result<(), Gone> {
    while let Some(segment) = segments.get(*told) {
        let Poll::Ready(room) = input.poll_reserve(cx) else {
            return Ok(());
        };
        room.map_err(|_| Gone)?;
        input.send_item(segment.clone()).map_err(|_| Gone)?;
        *told += 1;
    }
    Ok(())
}
