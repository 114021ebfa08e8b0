use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, StageFault};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::super::chain::{Links, Route};
use super::lead::Lead;
use super::runner::{Heard, Runner, Text};
use crate::report::Reporter;
use crate::traits::{SynthesisInput, SynthesisOutput, SynthesisParams, Synthesizer};

type Spoken = Result<SynthesisOutput, StageFault>;

/// One spoken response, by whichever link speaks it.
pub(super) struct Speaking {
    chain: Arc<Links<dyn Synthesizer>>,
    params: SynthesisParams,
    reporter: Reporter,
    route: Route,
    spoken: mpsc::Sender<Spoken>,
    /// What the consumer has not taken yet.
    held: Option<Spoken>,
    text: Text,
    /// When there was something to speak first.
    asked: Option<Instant>,
    /// Until the first audio there may be two, and then one.
    runners: Vec<Runner>,
    begun: bool,
    /// How who has begun keeps up.
    lead: Lead,
    /// Segments that are spoken to their end.
    done: usize,
}

enum Wake {
    /// The consumer took what was held.
    Taken,
    Told(Option<SynthesisInput>),
    Heard(usize, Heard),
    Late(usize),
    /// The only runner is slower than usual.
    Slow,
}

/// Nothing more will be said.
struct Over;

impl Speaking {
    pub(super) fn new(
        chain: Arc<Links<dyn Synthesizer>>,
        params: SynthesisParams,
        reporter: Reporter,
        route: Route,
        spoken: mpsc::Sender<Spoken>,
    ) -> Self {
        Self {
            chain,
            params,
            reporter,
            route,
            spoken,
            held: None,
            text: Text::default(),
            asked: None,
            runners: Vec::new(),
            begun: false,
            lead: Lead::default(),
            done: 0,
        }
    }

    /// Speaks until all is spoken, nobody listens or no link is left.
    pub(super) async fn run(mut self, mut segments: mpsc::Receiver<SynthesisInput>) {
        self.start_next();
        loop {
            let (late, slow) = (self.late(), self.slow());
            let Self {
                runners,
                text,
                held,
                spoken,
                ..
            } = &mut self;
            let listens = held.is_none();
            let finished = text.finished;
            let heard = poll_fn(|cx| {
                for (index, runner) in runners.iter_mut().enumerate() {
                    if let Poll::Ready(heard) = runner.poll(cx, text, listens) {
                        return Poll::Ready((index, heard));
                    }
                }
                Poll::Pending
            });
            let wake = tokio::select! {
                biased;
                () = spoken.closed() => return,
                room = spoken.reserve(), if !listens => {
                    let (Ok(room), Some(said)) = (room, held.take()) else { return };
                    let over = said.is_err();
                    room.send(said);
                    if over {
                        return;
                    }
                    Wake::Taken
                }
                (index, heard) = heard => Wake::Heard(index, heard),
                told = segments.recv(), if !finished => Wake::Told(told),
                () = sleep_until(slow.unwrap_or_else(Instant::now)), if slow.is_some() => Wake::Slow,
                () = sleep_until(late.map_or_else(Instant::now, |(_, at)| at)), if late.is_some() => {
                    Wake::Late(late.map_or(0, |(index, _)| index))
                }
            };
            if self.on_wake(wake).is_err() {
                return;
            }
        }
    }

    fn on_wake(&mut self, wake: Wake) -> Result<(), Over> {
        match wake {
            Wake::Taken => self.touch(),
            Wake::Told(Some(segment)) => {
                if !self.is_owing() {
                    self.touch();
                    self.lead.forgive();
                }
                self.asked.get_or_insert_with(Instant::now);
                self.text.segments.push(segment);
            }
            Wake::Told(None) => {
                self.text.finished = true;
                self.touch();
            }
            Wake::Heard(index, Heard::Said(said)) => self.on_said(index, said),
            Wake::Heard(_, Heard::Closed) | Wake::Late(_) if self.is_done() => {
                if let Some(runner) = self.runners.pop() {
                    runner.permit.succeeded();
                }
                return Err(Over);
            }
            Wake::Heard(index, Heard::Failed(kind)) => self.on_fault(index, kind),
            Wake::Heard(index, Heard::Closed) => self.on_fault(index, FaultKind::Disconnected),
            Wake::Late(index) => self.on_fault(index, FaultKind::Timeout),
            Wake::Slow => {
                if let Some(chosen) = self.chain.choose_rival(&mut self.route) {
                    let rival = Runner::new(&self.chain, chosen, &self.params, &self.reporter);
                    self.runners.push(rival);
                }
            }
        }
        Ok(())
    }

    fn on_said(&mut self, index: usize, said: SynthesisOutput) {
        if !self.begun {
            self.begun = true;
            let winner = self.runners.remove(index);
            let outran = self.runners.iter().any(|loser| loser.began < winner.began);
            for runner in self.runners.iter().chain([&winner]) {
                let began = self.asked.map_or(runner.began, |asked| asked.max(runner.began));
                runner.permit.answered_after(began.elapsed());
            }
            self.chain.serves(&self.reporter, winner.link, outran);
            self.runners = vec![winner];
        }
        let length = match &said {
            SynthesisOutput::Audio { pcm, rate, .. } => {
                // 16-bit samples.
                Duration::from_secs_f64(pcm.len() as f64 / 2.0 / f64::from(*rate).max(1.0))
            }
            SynthesisOutput::SegmentDone { .. } => {
                self.done += 1;
                Duration::ZERO
            }
        };
        if let Some(since) = self.runners.first().and_then(|runner| runner.since) {
            self.lead.came(since, Instant::now(), length);
        }
        self.held = Some(Ok(said));
    }

    /// A link failed. Before anything was heard of it, another one begins again.
    fn on_fault(&mut self, index: usize, kind: FaultKind) {
        let Runner { link, permit, .. } = self.runners.remove(index);
        permit.failed(kind);
        let fault = self.chain.fails(&self.reporter, link, kind);
        if !self.begun && (!self.runners.is_empty() || self.start_next()) {
            self.reporter.failed(self.chain.stage, fault);
        } else {
            self.held = Some(Err(fault));
        }
    }

    /// Whether there was another link to begin with.
    fn start_next(&mut self) -> bool {
        let next = self.chain.choose(&mut self.route);
        let next = next.map(|chosen| Runner::new(&self.chain, chosen, &self.params, &self.reporter));
        self.runners.extend(next);
        !self.runners.is_empty()
    }

    /// Something new is awaited from now on.
    fn touch(&mut self) {
        let now = Instant::now();
        for runner in &mut self.runners {
            runner.since = runner.since.map(|_| now);
        }
    }

    fn is_owing(&self) -> bool {
        self.done < self.text.segments.len()
    }

    fn is_done(&self) -> bool {
        self.text.finished && !self.is_owing()
    }

    /// Who has to have said something by when. Once it is heard, a link that is slower than its speech plays has to give
    /// way as well, if there is another one.
    fn late(&self) -> Option<(usize, Instant)> {
        let awaited = self.held.is_none() && (self.is_owing() || self.text.finished);
        let due = self.runners.iter().enumerate().filter_map(|(index, runner)| {
            let limits = self.chain.members[runner.link].limits;
            let since = runner.since?;
            if !self.begun {
                return Some((index, since + limits.first));
            }
            let lost = self.lead.lost_at(since, limits.next);
            let lost = lost.filter(|_| self.is_owing() && self.route.has_free());
            let late = since + limits.next;
            Some((index, lost.map_or(late, |lost| lost.min(late))))
        });
        due.min_by_key(|&(_, at)| at).filter(|_| awaited)
    }

    /// When the only runner is slower than usual.
    fn slow(&self) -> Option<Instant> {
        let [only] = self.runners.as_slice() else {
            return None;
        };
        if self.begun || !self.route.has_free() {
            return None;
        }
        let began = self.asked?.max(only.began);
        let at = began + self.chain.hedged_after(only.link)?;
        Some(at).filter(|&at| Instant::now() < at)
    }
}
