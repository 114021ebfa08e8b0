//! Vital signs: pictures in, news of scans out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::scan::{ScanCommand, ScanId, ScanNews, ScanParams};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{VideoFrame, VitalsOutput, VitalsService, VitalsStream};
use tokio::sync::mpsc;

use crate::lane::Lane;
use crate::stages::{Opening, open_within};

/// Pictures that may wait for a scan that gives way to speech: a second at 30 a second. Then the oldest is dropped.
const WAITING: usize = 30;

/// Bytes of pictures that may wait, the newest excepted.
const WAITING_BYTES: usize = 384 * 1024;

/// Microseconds by which a picture that waits may be older than the newest: a slow camera's would wait for long.
const WAITING_US: u64 = 1_000_000;

/// One session's scans. The core has one that runs, and others of which it waits for the summary.
pub(crate) struct Vitals {
    service: Option<Arc<dyn VitalsService>>,
    reporter: Reporter,
    open_limit: Duration,
    scans: Vec<Scanning>,
}

/// What a scan answers.
pub(crate) type Answer = (ScanId, Result<VitalsOutput, StageFault>);

struct Scanning {
    scan: ScanId,
    stream: Stream,
    lane: Lane<VideoFrame>,
    stopping: bool,
}

enum Stream {
    Opening(Pin<Box<Opening<VitalsStream>>>),
    Open(mpsc::Receiver<Result<VitalsOutput, StageFault>>),
}

impl Vitals {
    pub(crate) fn new(
        service: Option<Arc<dyn VitalsService>>,
        reporter: Reporter,
        open_limit: Duration,
    ) -> Self {
        Self {
            service,
            reporter,
            open_limit,
            scans: Vec::new(),
        }
    }

    pub(crate) fn command(&mut self, command: ScanCommand) {
        match command {
            ScanCommand::Start { scan, params } => self.start(scan, params),
            ScanCommand::Stop { scan } => {
                if let Some(scanning) = self.scans.iter_mut().find(|scanning| scanning.scan == scan) {
                    scanning.stop();
                }
            }
        }
    }

    /// Queues a picture for the scans that run; returns how many were dropped for it.
    pub(crate) fn push(&mut self, frame: &VideoFrame) -> u64 {
        let running = self.scans.iter_mut().filter(|scanning| !scanning.stopping);
        running.map(|scanning| scanning.push(frame.clone())).sum()
    }

    /// Whether anyone reads vital signs.
    pub(crate) fn is_offered(&self) -> bool {
        self.service.is_some()
    }

    /// Pictures that wait for scans.
    pub(crate) fn waiting(&self) -> u64 {
        let waiting = self
            .scans
            .iter()
            .map(|scanning| scanning.lane.waiting().count() as u64);
        waiting.sum()
    }

    /// Who reads vital signs at present.
    pub(crate) fn scanner(&self) -> Option<&'static str> {
        let service = self.service.as_ref().filter(|_| !self.is_idle())?;
        Some(service.name())
    }

    /// Whether pictures are of use to anyone.
    pub(crate) fn is_idle(&self) -> bool {
        self.scans.iter().all(|scanning| scanning.stopping)
    }

    /// Feeds the scans and takes the next answer of any. A fault or the summary ends a scan.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        for index in 0..self.scans.len() {
            let scanning = &mut self.scans[index];
            let Poll::Ready(answer) = scanning.poll(cx) else {
                continue;
            };
            let scan = scanning.scan;
            if matches!(answer, Ok(VitalsOutput::News(ScanNews::Finished(_))) | Err(_)) {
                self.scans.remove(index);
            }
            return Poll::Ready((scan, answer));
        }
        Poll::Pending
    }

    fn start(&mut self, scan: ScanId, params: ScanParams) {
        let opening: Pin<Box<Opening<VitalsStream>>> = match &self.service {
            Some(service) => {
                let opening = service.open(params, self.reporter.clone());
                Box::pin(open_within(self.open_limit, service.name(), opening))
            }
            None => Box::pin(std::future::ready(Err(fault(FaultKind::Refused)))),
        };
        self.scans.push(Scanning {
            scan,
            stream: Stream::Opening(opening),
            lane: Lane::new(),
            stopping: false,
        });
    }
}

impl Scanning {
    /// Asks for the summary, which is due soon: pictures that still wait are not looked at.
    fn stop(&mut self) {
        self.stopping = true;
        while self.lane.drop_oldest().is_some() {}
    }

    fn push(&mut self, frame: VideoFrame) -> u64 {
        let newest_us = frame.captured_us;
        self.lane.push(frame);
        let (mut count, mut bytes) = self.lane.waiting().fold((0, 0), |(count, bytes), frame| {
            (count + 1, bytes + frame.data.len())
        });
        let is_old = |oldest: &VideoFrame| newest_us.saturating_sub(oldest.captured_us) > WAITING_US;
        let mut dropped = 0;
        while count > WAITING
            || (count > 1 && bytes > WAITING_BYTES)
            || self.lane.waiting().next().is_some_and(is_old)
        {
            bytes -= self.lane.drop_oldest().map_or(0, |frame| frame.data.len());
            count -= 1;
            dropped += 1;
        }
        dropped
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<VitalsOutput, StageFault>> {
        if let Stream::Opening(opening) = &mut self.stream {
            let VitalsStream { frames, output } = ready!(opening.as_mut().poll(cx))?;
            self.lane.connect(frames);
            self.stream = Stream::Open(output);
        }
        let Stream::Open(output) = &mut self.stream else {
            return Poll::Pending;
        };
        let fed = self.lane.poll_feed(cx, |_| true);
        if self.stopping && fed == Poll::Ready(Ok(())) {
            self.lane = Lane::new();
        }
        let answer = ready!(output.poll_recv(cx));
        Poll::Ready(answer.unwrap_or(Err(fault(FaultKind::Disconnected))))
    }
}

fn fault(kind: FaultKind) -> StageFault {
    StageFault {
        provider: "vitals",
        kind,
    }
}
