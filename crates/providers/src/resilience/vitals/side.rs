//! One link's work at a scan.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::scan::ScanParams;
use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::PollSender;

use super::super::chain::{Chosen, Links};
use super::super::health::Permit;
use super::super::opening::{Opening, open_within};
use crate::report::Reporter;
use crate::traits::{VideoFrame, VitalsOutput, VitalsService, VitalsStream};

/// Pictures that may wait for a link: a second at 30 a second. Then the oldest is dropped.
const WAITING: usize = 30;

pub(super) struct Side {
    pub(super) link: usize,
    pub(super) permit: Permit,
    pub(super) began: Instant,
    /// Whether it has said anything.
    pub(super) heard: bool,
    /// Since when it owes news of what it was shown.
    owes_since: Option<Instant>,
    stream: Stream,
    waiting: VecDeque<VideoFrame>,
    finishing: bool,
}

enum Stream {
    Opening(Opening<VitalsStream>),
    Open {
        /// `None` once the summary was asked for.
        frames: Option<PollSender<VideoFrame>>,
        output: mpsc::Receiver<Result<VitalsOutput, StageFault>>,
    },
}

impl Side {
    pub(super) fn new(
        chain: &Links<dyn VitalsService>,
        Chosen { link, permit }: Chosen,
        params: ScanParams,
        session: &Reporter,
    ) -> Self {
        let member = &chain.members[link];
        let opening = member.provider.open(params, chain.reporter(link, session));
        Self {
            link,
            permit,
            began: Instant::now(),
            heard: false,
            owes_since: None,
            stream: Stream::Opening(open_within(member, opening)),
            waiting: VecDeque::new(),
            finishing: false,
        }
    }

    /// Shows it a picture.
    pub(super) fn show(&mut self, frame: VideoFrame) {
        if self.waiting.len() == WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(frame);
        self.owe();
    }

    /// Whether it took every picture.
    pub(super) fn is_ready(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks for the summary. Pictures that still wait are not looked at.
    pub(super) fn finish(&mut self) {
        self.finishing = true;
        self.waiting.clear();
        self.owe();
    }

    /// Whether the summary was asked for.
    pub(super) fn is_finishing(&self) -> bool {
        self.finishing
    }

    /// Since when it owes news; its stream being opened has a limit of its own.
    pub(super) fn owes_since(&self) -> Option<Instant> {
        match self.stream {
            Stream::Opening(_) => None,
            Stream::Open { .. } => self.owes_since,
        }
    }

    /// Feeds it and takes what it says; `None` says that it has just taken the last picture that waited.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<VitalsOutput>, FaultKind>> {
        if let Stream::Opening(opening) = &mut self.stream {
            let VitalsStream { frames, output } = ready!(opening.poll_unpin(cx))?;
            let frames = Some(PollSender::new(frames));
            self.stream = Stream::Open { frames, output };
            self.owes_since = self.owes_since.map(|_| Instant::now());
        }
        let Stream::Open { frames, output } = &mut self.stream else {
            return Poll::Pending;
        };
        if self.finishing {
            *frames = None;
        }
        let fed = !self.waiting.is_empty();
        while let Some(sender) = frames
            && !self.waiting.is_empty()
        {
            let Poll::Ready(room) = sender.poll_reserve(cx) else {
                break;
            };
            let sent = room
                .ok()
                .and_then(|()| sender.send_item(self.waiting.pop_front()?).ok());
            if sent.is_none() {
                // It is gone; what it said before is heard yet.
                *frames = None;
                self.waiting.clear();
            }
        }
        if fed && self.waiting.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let said = match ready!(output.poll_recv(cx)) {
            Some(said) => said.map_err(|fault| fault.kind)?,
            None => return Poll::Ready(Err(FaultKind::Disconnected)),
        };
        if !self.finishing {
            self.owes_since = None;
        }
        Poll::Ready(Ok(Some(said)))
    }

    fn owe(&mut self) {
        self.owes_since.get_or_insert_with(Instant::now);
    }
}
