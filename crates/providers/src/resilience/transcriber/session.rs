use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::io::{FaultKind, TranscribeCommand, UtteranceId};
use bedside_conversation::time::AudioPos;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::super::chain::{Chosen, Links, Route};
use super::super::health::Permit;
use super::super::opening::{Opening, open_within};
use super::super::select::Standing;
use super::open::{News, Open};
use super::replay::{Ledger, Passing, Worth};
use crate::report::Reporter;
use crate::traits::{Transcriber, TranscriberInput, TranscriberOutput, TranscriberParams, TranscriberStream};

/// Audio that is kept for the next link (in samples): an utterance longer than this loses its beginning with its link.
const KEPT: u64 = 60 * AudioPos::RATE;

/// Audio that may wait for a link (in samples): all that is kept, and what comes while the link catches up. Then the
/// sender waits.
const MOST_WAITING: u64 = KEPT + 10 * AudioPos::RATE;

/// More audio than this (in samples) is told again to the last link alone: others hear hardly faster than it is spoken,
/// and the patient waits.
const LONG_REPLAY: u64 = 2 * AudioPos::RATE;

/// What a link that hears five seconds in four is given, for each second it is told again.
const CATCHING_UP_PER_SECOND: Duration = Duration::from_millis(800);

/// What the last link is given besides, for each second of an utterance: there is none to turn to.
const LAST_PER_SECOND: Duration = Duration::from_millis(300);

/// How often a session looks whether a better link works again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// One session's transcription, by whichever link serves.
pub(super) struct Session {
    chain: Arc<Links<dyn Transcriber>>,
    params: TranscriberParams,
    reporter: Reporter,
    ledger: Ledger,
    answers: mpsc::Sender<TranscriberOutput>,
    /// Answers that wait to be taken.
    unsent: VecDeque<TranscriberOutput>,
    /// Since the last answer.
    route: Route,
    link: usize,
    /// Of the use in course: the one utterance or, before the first, the stream.
    permit: Option<Permit>,
    stream: Stream,
    /// The answers that are owed, and until when.
    owed: BTreeMap<UtteranceId, Owed>,
    /// When the stream knows what was told again.
    caught_up: Instant,
    /// A better link's stream being opened.
    better: Option<(Chosen, Opening<TranscriberStream>)>,
    look_at: Instant,
    resting: BTreeMap<usize, Instant>,
}

enum Stream {
    Opening(Opening<TranscriberStream>),
    Open(Open),
}

#[derive(Debug, Clone, Copy)]
struct Owed {
    since: Instant,
    until: Instant,
}

/// What a session waits for.
enum Wake {
    Opened(Result<TranscriberStream, FaultKind>),
    News(News),
    Better(Result<TranscriberStream, FaultKind>),
    Told(Option<TranscriberInput>),
    Overdue,
}

/// Every link has failed since the last answer.
struct Exhausted;

impl Stream {
    async fn next(&mut self) -> Wake {
        match self {
            Self::Opening(opening) => Wake::Opened(opening.await),
            Self::Open(open) => Wake::News(open.next().await),
        }
    }
}

impl Session {
    /// `None` if there is no link at all.
    pub(super) fn new(
        chain: Arc<Links<dyn Transcriber>>,
        params: TranscriberParams,
        reporter: Reporter,
        answers: mpsc::Sender<TranscriberOutput>,
    ) -> Option<Self> {
        let mut route = chain.route(|_| Standing::Free);
        let Chosen { link, permit } = chain.choose(&mut route)?;
        let now = Instant::now();
        let stream = Stream::Opening(open(&chain, link, &params, &reporter));
        Some(Self {
            chain,
            params,
            reporter,
            ledger: Ledger::new(KEPT),
            answers,
            unsent: VecDeque::new(),
            route,
            link,
            permit: Some(permit),
            stream,
            owed: BTreeMap::new(),
            caught_up: now,
            better: None,
            look_at: now,
            resting: BTreeMap::new(),
        })
    }

    /// Serves until nobody listens, nobody speaks and all is answered, or no link is left.
    pub(super) async fn run(mut self, mut told: mpsc::Receiver<TranscriberInput>) {
        let mut speaks = true;
        while speaks || self.ledger.owed().next().is_some() || !self.unsent.is_empty() {
            if !speaks && let Stream::Open(open) = &mut self.stream {
                open.finish();
            }
            let overdue = self.overdue();
            let takes = speaks && self.has_room();
            let wake = tokio::select! {
                biased;
                () = self.answers.closed() => return,
                room = self.answers.reserve(), if !self.unsent.is_empty() => {
                    let (Ok(room), Some(answer)) = (room, self.unsent.pop_front()) else { return };
                    room.send(answer);
                    continue;
                }
                wake = self.stream.next() => wake,
                opened = opened(&mut self.better) => Wake::Better(opened),
                told = told.recv(), if takes => Wake::Told(told),
                () = sleep_until(overdue.unwrap_or_else(Instant::now)), if overdue.is_some() => Wake::Overdue,
            };
            let served = match wake {
                Wake::Told(None) => {
                    speaks = false;
                    Ok(())
                }
                Wake::Told(Some(item)) => {
                    self.on_told(item);
                    Ok(())
                }
                Wake::Opened(Ok(stream)) => {
                    self.take_over(stream);
                    Ok(())
                }
                Wake::Opened(Err(kind)) => self.hand_over(kind),
                Wake::News(News::Said(answer)) => {
                    self.on_said(answer);
                    Ok(())
                }
                Wake::News(News::Gone) => self.hand_over(FaultKind::Disconnected),
                Wake::News(News::Stuck) | Wake::Overdue => self.hand_over(FaultKind::Timeout),
                Wake::Better(opened) => {
                    self.on_better(opened);
                    Ok(())
                }
            };
            if served.is_err() {
                return;
            }
        }
    }

    fn on_told(&mut self, item: TranscriberInput) {
        let passing = match &item {
            TranscriberInput::Audio(audio) => {
                self.ledger.hear(audio);
                self.look_for_better();
                Passing::On
            }
            TranscriberInput::Command(command) => {
                let passing = self.ledger.obey(command);
                self.note_owed(command);
                passing
            }
        };
        match (&mut self.stream, passing) {
            // Whoever is being opened is told everything then.
            (Stream::Opening(_), _) | (_, Passing::Dropped) => {}
            (Stream::Open(open), Passing::On) => open.tell(item),
            (Stream::Open(_), Passing::Anew) => {
                self.stream = Stream::Opening(open(&self.chain, self.link, &self.params, &self.reporter));
            }
        }
    }

    fn note_owed(&mut self, command: &TranscribeCommand) {
        match *command {
            TranscribeCommand::Start { .. } => {}
            TranscribeCommand::Finish { utterance, .. } => {
                let now = Instant::now();
                let until = self.caught_up.max(now) + self.patience();
                self.owed.insert(utterance, Owed { since: now, until });
            }
            TranscribeCommand::Cancel { utterance } => {
                self.owed.remove(&utterance);
            }
        }
    }

    /// The link's stream is open: it is told what it has to know.
    fn take_over(&mut self, stream: TranscriberStream) {
        let limit = self.chain.members[self.link].limits.next;
        self.caught_up = Instant::now() + CATCHING_UP_PER_SECOND.mul_f64(self.owed_seconds());
        let until = self.caught_up + self.patience();
        for owed in self.owed.values_mut() {
            owed.until = until;
        }
        self.stream = Stream::Open(Open::new(stream, self.ledger.begin_anew(), limit));
        self.chain.serves(&self.reporter, self.link, false);
    }

    fn on_said(&mut self, answer: TranscriberOutput) {
        match self.ledger.judge(&answer) {
            Worth::Nothing => {}
            Worth::News => {
                if self.unsent.is_empty() {
                    // Dropped when answers wait: so does the patient's screen.
                    drop(self.answers.try_send(answer));
                }
            }
            Worth::Answer => {
                let owed = self.owed.remove(&answer.utterance);
                let further = self.chain.members[self.link].health.goes_on();
                if let Some(permit) = self.permit.replace(further) {
                    if let Some(owed) = owed {
                        permit.answered_after(owed.since.elapsed());
                    }
                    permit.succeeded();
                }
                self.begin_use();
                self.answer(answer);
            }
            Worth::Failure(kind) => {
                if self.hand_over(kind).is_err() {
                    self.permit = Some(self.chain.members[self.link].health.goes_on());
                    self.owed.remove(&answer.utterance);
                    self.ledger.give_up(answer.utterance);
                    self.answer(answer);
                }
            }
        }
    }

    fn answer(&mut self, answer: TranscriberOutput) {
        if !self.unsent.is_empty() {
            self.unsent.push_back(answer);
        } else if let Err(mpsc::error::TrySendError::Full(answer)) = self.answers.try_send(answer) {
            self.unsent.push_back(answer);
        }
    }

    /// The link failed: the next one takes over.
    fn hand_over(&mut self, kind: FaultKind) -> Result<(), Exhausted> {
        if let Some(permit) = self.permit.take() {
            permit.failed(kind);
        }
        self.better = None;
        self.resting.insert(self.link, Instant::now() + self.chain.rest);
        let fault = self.chain.fails(&self.reporter, self.link, kind);
        if self.ledger.owed_audio() > LONG_REPLAY {
            self.route.skip_to_last();
        }
        let Chosen { link, permit } = self.chain.choose(&mut self.route).ok_or(Exhausted)?;
        self.reporter.failed(self.chain.stage, fault);
        self.serve_by(link, permit);
        self.stream = Stream::Opening(open(&self.chain, link, &self.params, &self.reporter));
        Ok(())
    }

    fn serve_by(&mut self, link: usize, permit: Permit) {
        self.link = link;
        self.permit = Some(permit);
    }

    /// All links may be tried again, those that failed lately only if there is no other.
    fn begin_use(&mut self) {
        self.route = self.chain.route(|_| Standing::Free);
        self.route.tried(self.link);
        let now = Instant::now();
        let mut others = self.route.clone();
        for (&link, &until) in &self.resting {
            if link != self.link && now < until {
                others.avoid(link);
            }
        }
        if others.has_free() {
            self.route = others;
        }
    }

    /// Begins to go back to a better link, between utterances.
    fn look_for_better(&mut self) {
        let now = Instant::now();
        if self.link == 0 || self.better.is_some() || now < self.look_at || !self.ledger.is_quiet() {
            return;
        }
        self.look_at = now + LOOK_EVERY;
        let rested = |link: &usize| self.resting.get(link).is_none_or(|&until| now >= until);
        let admitted = (0..self.link).filter(rested).find_map(|link| {
            let permit = self.chain.members[link].health.admit()?;
            Some(Chosen { link, permit })
        });
        self.better = admitted.map(|chosen| {
            let opening = open(&self.chain, chosen.link, &self.params, &self.reporter);
            (chosen, opening)
        });
    }

    fn on_better(&mut self, opened: Result<TranscriberStream, FaultKind>) {
        let Some((Chosen { link, permit }, _)) = self.better.take() else {
            return;
        };
        match opened {
            Ok(stream) if self.ledger.is_quiet() => {
                self.serve_by(link, permit);
                self.begin_use();
                self.take_over(stream);
            }
            // The patient speaks again; after that there is another occasion.
            Ok(_) => {}
            Err(kind) => {
                permit.failed(kind);
                self.resting.insert(link, Instant::now() + self.chain.rest);
                let fault = self.chain.fails(&self.reporter, link, kind);
                self.reporter.failed(self.chain.stage, fault);
            }
        }
    }

    /// How long the link may take for an answer.
    fn patience(&self) -> Duration {
        let first = self.chain.members[self.link].limits.first;
        let is_last = self.link + 1 == self.chain.members.len();
        let long = LAST_PER_SECOND.mul_f64(self.owed_seconds());
        if is_last { first + long } else { first }
    }

    fn owed_seconds(&self) -> f64 {
        self.ledger.owed_audio() as f64 / AudioPos::RATE as f64
    }

    fn overdue(&self) -> Option<Instant> {
        match self.stream {
            Stream::Opening(_) => None,
            Stream::Open(_) => self.owed.values().map(|owed| owed.until).min(),
        }
    }

    fn has_room(&self) -> bool {
        match &self.stream {
            Stream::Opening(_) => true,
            Stream::Open(open) => open.backlog() < MOST_WAITING,
        }
    }
}

fn open(
    chain: &Links<dyn Transcriber>,
    link: usize,
    params: &TranscriberParams,
    session: &Reporter,
) -> Opening<TranscriberStream> {
    let member = &chain.members[link];
    let opening = member
        .provider
        .open(params.clone(), chain.reporter(link, session));
    open_within(member, opening)
}

/// A better link's stream; waits for ever while none is being opened.
async fn opened(
    better: &mut Option<(Chosen, Opening<TranscriberStream>)>,
) -> Result<TranscriberStream, FaultKind> {
    match better {
        Some((_, opening)) => opening.await,
        None => std::future::pending().await,
    }
}
