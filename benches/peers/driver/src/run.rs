//! The run: frames leave when they are due, however late the answers are.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;

use crate::failure::Failure;
use crate::figures::{Figures, Used};
use crate::frames::PERIOD_NS;
use crate::session::Session;
use crate::wire::Wire;

/// How long an answer may be late after the last frame, before it counts as lost.
const DRAIN: Duration = Duration::from_secs(2);

/// How long the sessions are silent at first: a pipeline that is still being built as the first frames come may carry the
/// delay through the whole run.
const SETTLE: Duration = Duration::from_secs(1);

pub struct Plan {
    pub url: String,
    pub server: SocketAddr,
    pub pid: u32,
    pub wire: Wire,
    pub sessions: u32,
    /// Frames each session sends before measuring.
    pub warm_up: u32,
    /// Frames each session sends while measured.
    pub frames: u32,
}

struct Run<'a> {
    plan: &'a Plan,
    epoll: OwnedFd,
    sessions: Vec<Session>,
    began: Instant,
    figures: Figures,
}

/// Opens the sessions, sends, and measures.
pub fn run(plan: &Plan) -> Result<Figures, Failure> {
    let idle = Used::read(plan.pid)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut sessions = Vec::with_capacity(plan.sessions as usize);
    for number in 0..plan.sessions {
        let session = Session::open(number, plan.wire, plan.server, &plan.url)?;
        epoll::add(
            &epoll,
            session.stream(),
            epoll::EventData::new_u64(u64::from(number)),
            epoll::EventFlags::IN,
        )?;
        sessions.push(session);
    }
    let figures = Figures::new(plan.sessions, plan.frames, idle);
    let mut run = Run {
        plan,
        epoll,
        sessions,
        began: Instant::now() + SETTLE,
        figures,
    };
    run.send(0, plan.warm_up)?;
    run.figures.begin(Used::read(plan.pid)?);
    run.send(plan.warm_up, plan.frames)?;
    run.figures.end(Used::read(plan.pid)?);
    run.drain()?;
    run.figures.wrong = run.sessions.iter().map(Session::wrong).sum();
    Ok(run.figures)
}

impl Run<'_> {
    /// When a session's frame is due: the sessions share out a period evenly, as people do who began at any moment.
    fn due(&self, session: u32, frame: u32) -> Instant {
        let phase = PERIOD_NS * u64::from(session) / u64::from(self.plan.sessions);
        self.began + Duration::from_nanos(PERIOD_NS * u64::from(frame) + phase)
    }

    /// Sends `count` frames of each session from number `first` on, and returns when the next would be due.
    fn send(&mut self, first: u32, count: u32) -> Result<(), Failure> {
        for frame in first..first + count {
            for session in 0..self.plan.sessions {
                let due = self.due(session, frame);
                self.receive_until(due)?;
                self.sessions[session as usize].send()?;
                if frame >= self.plan.warm_up {
                    self.figures.sent(due.elapsed());
                }
            }
        }
        self.receive_until(self.due(0, first + count))
    }

    fn drain(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + DRAIN;
        while self.figures.outstanding() > 0 && Instant::now() < deadline {
            self.receive_until(Instant::now() + Duration::from_millis(10))?;
        }
        Ok(())
    }

    /// Takes what arrives until `until`, and what has arrived if that has passed.
    fn receive_until(&mut self, until: Instant) -> Result<(), Failure> {
        let mut events = Vec::with_capacity(64);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let timeout = Timespec {
                tv_sec: left.as_secs().cast_signed(),
                tv_nsec: i64::from(left.subsec_nanos()),
            };
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                self.receive(event.data.u64() as u32)?;
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, session: u32) -> Result<(), Failure> {
        let mut arrivals = Vec::new();
        self.sessions[session as usize].receive(|frame, arrived| arrivals.push((frame, arrived)))?;
        for (frame, arrived) in arrivals {
            self.figures.echoed();
            if frame >= self.plan.warm_up {
                let due = self.due(session, frame);
                self.figures.returned(arrived.saturating_duration_since(due));
            }
        }
        Ok(())
    }
}
