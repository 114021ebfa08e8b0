use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use bedside_conversation::scan::{ScanNews, ScanParams};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::super::chain::{Chosen, Links};
use super::super::select::Standing;
use super::side::Side;
use crate::report::Reporter;
use crate::traits::{VideoFrame, VitalsOutput, VitalsService};

/// What is kept back of the last link's news; then the oldest is dropped.
const KEPT_BACK: usize = 64;

/// How long the summary of who serves is waited for: a conversation waits two seconds, and the last link's is there.
const SUMMARY_LIMIT: Duration = Duration::from_millis(1_800);

/// Between two pictures: nobody can be expected to have news of what was not captured.
const PAUSE: Duration = Duration::from_secs(1);

type Told = Result<VitalsOutput, StageFault>;

/// One scan, by whichever link serves.
pub(super) struct Scan {
    chain: Arc<Links<dyn VitalsService>>,
    reporter: Reporter,
    told: mpsc::Sender<Told>,
    /// What the consumer has not taken yet.
    untold: VecDeque<Told>,
    /// Who serves, if it is not the last link.
    leader: Option<Side>,
    /// The last link, unless it has failed.
    shadow: Option<Side>,
    /// How often readings are wanted.
    interval: Duration,
    /// When the newest picture was captured, µs.
    newest: u64,
    /// When the first one was captured since the last pause, µs.
    resumed: u64,
    /// Up to when the leader's latest news went, by kind (µs of capture).
    led_to: [Option<u64>; 3],
    /// What the last link said since the leader's latest news.
    kept_back: VecDeque<VitalsOutput>,
    /// The last link's summary, if it gave it before the leader.
    summary: Option<VitalsOutput>,
}

enum Wake {
    Seen(Option<VideoFrame>),
    Leader(Result<Option<VitalsOutput>, FaultKind>),
    Shadow(Result<Option<VitalsOutput>, FaultKind>),
    Silent,
}

impl Scan {
    pub(super) fn new(
        chain: Arc<Links<dyn VitalsService>>,
        params: ScanParams,
        reporter: Reporter,
        told: mpsc::Sender<Told>,
    ) -> Self {
        let last = chain.members.len() - 1;
        let mut route = chain.route(|_| Standing::Free);
        let leader = chain.choose(&mut route).filter(|chosen| chosen.link != last);
        let permit = chain.members[last].health.force();
        let shadow = Chosen { link: last, permit };
        let begin = |chosen| Side::new(&chain, chosen, params, &reporter);
        Self {
            leader: leader.map(begin),
            shadow: Some(begin(shadow)),
            chain,
            reporter,
            told,
            untold: VecDeque::new(),
            interval: params.interval,
            newest: 0,
            resumed: 0,
            led_to: [None; 3],
            kept_back: VecDeque::new(),
            summary: None,
        }
    }

    /// Serves until the scan is over, nobody listens or no link is left.
    pub(super) async fn run(mut self, mut seen: mpsc::Receiver<VideoFrame>) {
        let mut seeing = true;
        while self.leader.is_some() || self.shadow.is_some() || !self.untold.is_empty() {
            let silent = self.silent();
            let takes = seeing && self.steady().is_some_and(Side::is_ready);
            let Self {
                leader,
                shadow,
                told,
                untold,
                summary,
                ..
            } = &mut self;
            let going_on = untold.is_empty() && summary.is_none();
            let wake = tokio::select! {
                biased;
                () = told.closed() => return,
                room = told.reserve(), if !untold.is_empty() => {
                    let (Ok(room), Some(news)) = (room, untold.pop_front()) else { return };
                    room.send(news);
                    continue;
                }
                said = poll_fn(|cx| poll_side(cx, leader)), if untold.is_empty() => Wake::Leader(said),
                said = poll_fn(|cx| poll_side(cx, shadow)), if going_on => Wake::Shadow(said),
                frame = seen.recv(), if takes => Wake::Seen(frame),
                () = sleep_until(silent.unwrap_or_else(Instant::now)), if silent.is_some() => Wake::Silent,
            };
            match wake {
                Wake::Seen(Some(frame)) => self.on_seen(&frame),
                Wake::Seen(None) => {
                    seeing = false;
                    self.sides().for_each(Side::finish);
                }
                Wake::Leader(Ok(None)) | Wake::Shadow(Ok(None)) => {}
                Wake::Leader(Ok(Some(said))) => self.on_led(said),
                Wake::Leader(Err(kind)) => self.on_leader_lost(kind),
                Wake::Silent => self.on_leader_lost(FaultKind::Timeout),
                Wake::Shadow(Ok(Some(said))) => self.on_shadow(said),
                Wake::Shadow(Err(kind)) => self.on_shadow_lost(kind),
            }
        }
    }

    fn on_seen(&mut self, frame: &VideoFrame) {
        let apart = frame.captured_us.saturating_sub(self.newest);
        if Duration::from_micros(apart) > PAUSE {
            self.resumed = frame.captured_us;
        }
        self.newest = self.newest.max(frame.captured_us);
        if self.lags() {
            self.on_leader_lost(FaultKind::Timeout);
        }
        self.sides().for_each(|side| side.show(frame.clone()));
    }

    fn on_led(&mut self, said: VitalsOutput) {
        self.kept_back.clear();
        if let Some((kind, at)) = moment(&said) {
            self.led_to[kind] = self.led_to[kind].max(Some(at));
        }
        if let Some(leader) = &mut self.leader
            && !leader.heard
        {
            leader.heard = true;
            leader.permit.answered_after(leader.began.elapsed());
            self.chain.serves(&self.reporter, leader.link, false);
        }
        if is_end(&said) {
            if let Some(leader) = self.leader.take() {
                leader.permit.succeeded();
            }
            self.shadow = None;
        }
        self.untold.push_back(Ok(said));
    }

    fn on_shadow(&mut self, said: VitalsOutput) {
        if self.leader.is_some() {
            match said {
                // The pictures are the same for all, and whoever serves says so.
                VitalsOutput::Unreadable => {}
                VitalsOutput::News(ScanNews::Finished(_)) => self.summary = Some(said),
                VitalsOutput::News(_) => {
                    if self.kept_back.len() == KEPT_BACK {
                        self.kept_back.pop_front();
                    }
                    self.kept_back.push_back(said);
                }
            }
            return;
        }
        if let Some(shadow) = &mut self.shadow
            && !shadow.heard
        {
            shadow.heard = true;
            self.chain.serves(&self.reporter, shadow.link, false);
        }
        if is_end(&said)
            && let Some(shadow) = self.shadow.take()
        {
            shadow.permit.succeeded();
        }
        self.untold.push_back(Ok(said));
    }

    /// The last link goes on where the leader was.
    fn on_leader_lost(&mut self, kind: FaultKind) {
        let Some(Side { link, permit, .. }) = self.leader.take() else {
            return;
        };
        permit.failed(kind);
        let fault = self.chain.fails(&self.reporter, link, kind);
        let Some(shadow) = &mut self.shadow else {
            self.untold.push_back(Err(fault));
            return;
        };
        shadow.heard = true;
        self.reporter.failed(self.chain.stage, fault);
        self.chain.serves(&self.reporter, shadow.link, false);
        let kept_back = std::mem::take(&mut self.kept_back);
        for said in kept_back.into_iter().chain(self.summary.take()) {
            if moment(&said).is_none_or(|(kind, at)| Some(at) > self.led_to[kind]) {
                self.on_shadow(said);
            }
        }
    }

    fn on_shadow_lost(&mut self, kind: FaultKind) {
        let Some(Side { link, permit, .. }) = self.shadow.take() else {
            return;
        };
        permit.failed(kind);
        let fault = self.chain.fails(&self.reporter, link, kind);
        if self.leader.is_some() {
            self.reporter.failed(self.chain.stage, fault);
        } else {
            self.untold.push_back(Err(fault));
        }
    }

    fn sides(&mut self) -> impl Iterator<Item = &mut Side> {
        self.leader.iter_mut().chain(&mut self.shadow)
    }

    /// The link whose pace is the scan's.
    fn steady(&self) -> Option<&Side> {
        self.shadow.as_ref().or(self.leader.as_ref())
    }

    /// Whether the leader has news, but of pictures that were captured too long ago.
    fn lags(&self) -> bool {
        let latest = self.led_to.iter().flatten().max();
        let (Some(leader), Some(latest)) = (&self.leader, latest) else {
            return false;
        };
        let limit = self.chain.members[leader.link].limits.next + self.interval;
        let owed_from = self.resumed.max(*latest);
        Duration::from_micros(self.newest.saturating_sub(owed_from)) > limit
    }

    /// When the leader has been silent for too long.
    fn silent(&self) -> Option<Instant> {
        let leader = self.leader.as_ref().filter(|_| self.untold.is_empty())?;
        let limits = self.chain.members[leader.link].limits;
        let limit = if leader.heard { limits.next } else { limits.first };
        let limit = if leader.is_finishing() {
            limit.min(SUMMARY_LIMIT)
        } else {
            limit
        };
        leader.owes_since().map(|since| since + limit)
    }
}

/// What kind of news it is, and when the picture was captured that it goes back to.
fn moment(said: &VitalsOutput) -> Option<(usize, u64)> {
    match said {
        VitalsOutput::News(ScanNews::Progress(progress)) => Some((0, progress.at)),
        VitalsOutput::News(ScanNews::Waveform(waveform)) => Some((1, waveform.at)),
        VitalsOutput::News(ScanNews::Reading(reading)) => Some((2, reading.at)),
        VitalsOutput::News(ScanNews::Finished(_)) | VitalsOutput::Unreadable => None,
    }
}

fn is_end(said: &VitalsOutput) -> bool {
    matches!(said, VitalsOutput::News(ScanNews::Finished(_)))
}

/// What a link says; for ever pending without one.
fn poll_side(cx: &mut Context<'_>, side: &mut Option<Side>) -> Poll<Result<Option<VitalsOutput>, FaultKind>> {
    side.as_mut().map_or(Poll::Pending, |side| side.poll(cx))
}
