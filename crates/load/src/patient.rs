//! A patient: pure, with the time as an argument. What is due is taken from it, and what the server says given to it.

mod camera;
mod echo;
pub(crate) mod player;
mod voice;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;

use self::camera::Camera;
use self::echo::Echo;
use self::voice::{Pcm, Voice};
use crate::chance::Chance;
use crate::figures::FigureName;
use crate::material::{FRAME, Material};
use crate::pacer::TICK;
use crate::scenario::{Kind, Scenario};
use crate::tally::Tally;
use crate::wire::{self, Event};

/// A session is there within this of its connection, and resumed within this of its loss.
const SET_UP: Duration = Duration::from_secs(10);

/// What is on its way at the end may still come for this long.
const LINGER: Duration = Duration::from_secs(5);

/// A patient and their session.
#[derive(Debug)]
pub(crate) struct Patient {
    plan: Plan,
    scenario: Arc<Scenario>,
    material: Arc<Material>,
    chance: Chance,
    stage: Stage,
    /// A message of setting up that is to be sent.
    first: Option<Message>,
    echo: Option<Echo>,
    voice: Option<Voice>,
    camera: Option<Camera>,
    loses_at: Option<Duration>,
    /// The way back, and the last event that came.
    ticket: Option<String>,
    last_event: String,
}

/// What was fixed of a session before the run. Times are since its beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// When it is to connect.
    pub(crate) due: Duration,
    /// When it says nothing more.
    pub(crate) ends: Duration,
    /// What the patient does.
    pub(crate) kind: Kind,
    /// Whether the connection is to be lost once.
    pub(crate) loses: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Connected, until the session is told of; no later than this.
    Arriving(Duration),
    /// Until the session is as wanted; no later than this.
    Settling(Duration),
    Live,
    /// Waiting for what is on its way; no later than this.
    Leaving(Duration),
}

/// What is to be done about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Nothing.
    Stay,
    /// Break it, and come back.
    Break,
    /// Close it: all is done.
    Close,
    /// Close it: the session never became what was wanted.
    GiveUp,
}

/// What is to be sent.
#[derive(Debug)]
pub(crate) struct Due {
    /// When it ought to be sent; `None` for an answer to the server.
    pub(crate) at: Option<Duration>,
    pub(crate) message: Message,
}

impl Patient {
    /// A patient who is about to connect.
    pub(crate) fn new(plan: Plan, scenario: Arc<Scenario>, material: Arc<Material>) -> Self {
        let chance = Chance::new(scenario.seed, plan.number + 1);
        Self {
            plan,
            scenario,
            material,
            chance,
            stage: Stage::Arriving(plan.due + SET_UP),
            first: None,
            echo: None,
            voice: None,
            camera: None,
            loses_at: None,
            ticket: None,
            last_event: String::new(),
        }
    }

    /// The connection stands.
    pub(crate) fn connected(&mut self, now: Duration, tally: &mut Tally) {
        if self.stage == Stage::Live {
            if let Some(voice) = &mut self.voice {
                voice.skip_to(now);
            }
            if let Some(camera) = &mut self.camera {
                camera.skip_to(now);
            }
            tally.sessions.resumed += 1;
        } else if self.plan.kind == Kind::Echo && self.scenario.echo.bare {
            self.arrived(now, tally);
            self.begin(now);
        } else {
            self.stage = Stage::Arriving(now + SET_UP);
        }
    }

    /// When it is to be looked after again, at the latest; if `blocked`, nothing can be sent until then.
    pub(crate) fn next_due(&self, blocked: bool) -> Duration {
        let own = match self.stage {
            Stage::Arriving(until) | Stage::Settling(until) | Stage::Leaving(until) => until,
            Stage::Live => self.plan.ends.min(self.loses_at.unwrap_or(Duration::MAX)),
        };
        if blocked {
            return own;
        }
        if self.first.is_some() {
            return Duration::ZERO;
        }
        self.media_due().map_or(own, |due| own.min(due))
    }

    /// The next message, if one is due at `now`.
    pub(crate) fn take_due(&mut self, now: Duration, tally: &mut Tally) -> Option<Due> {
        if let Some(message) = self.first.take() {
            return Some(Due { at: None, message });
        }
        let at = self.media_due().filter(|due| *due <= now)?;
        let message = if let Some(echo) = self.echo.as_mut() {
            Message::Binary(echo.send())
        } else if let Some(voice) = self.voice.as_mut().filter(|voice| voice.next_due() == at) {
            voice.send(tally)
        } else {
            Message::Binary(self.camera.as_mut()?.send())
        };
        Some(Due {
            at: Some(at),
            message,
        })
    }

    /// Takes a text message.
    pub(crate) fn read(&mut self, now: Duration, text: &str, tally: &mut Tally) {
        let Some(event) = Event::read(text) else {
            tally.error("unreadable_event");
            return;
        };
        if let Some(id) = &event.event_id {
            self.last_event.clear();
            self.last_event.push_str(id);
        }
        match &*event.kind {
            "session.created" => self.session_created(now, tally),
            "session.updated" => self.session_updated(now, &event),
            "response.output_audio.delta" => {
                if let (Some(voice), Some(audio)) = (&mut self.voice, &event.delta) {
                    voice.hear(now, Pcm::Base64(audio), wire::JSON_RATE, tally);
                }
            }
            "vitals.updated" => {
                if let (Some(camera), Some(rate)) = (&mut self.camera, event.heart_rate_bpm) {
                    camera.see(now, rate, tally);
                }
            }
            "error" => self.fault(now, &event, tally),
            _ => {
                if let Some(voice) = &mut self.voice {
                    voice.note(now, &event, tally);
                }
                let usage = event.response.and_then(|response| response.usage);
                if let Some(spent) = usage.and_then(|usage| usage.bedside) {
                    tally.spend(spent.cost, &spent.currency);
                }
            }
        }
    }

    /// Takes a binary message.
    pub(crate) fn take(&mut self, now: Duration, message: &[u8], tally: &mut Tally) {
        let Some((pcm, rate_hz)) = wire::read_audio(message) else {
            tally.error("unreadable_media");
            return;
        };
        if let Some(echo) = &mut self.echo {
            echo.receive(now, pcm, tally);
        } else if let Some(voice) = &mut self.voice {
            voice.hear(now, Pcm::Bytes(pcm), rate_hz, tally);
        }
    }

    /// What is to be done about the connection at `now`.
    pub(crate) fn wish(&mut self, now: Duration) -> Wish {
        match self.stage {
            Stage::Arriving(until) | Stage::Settling(until) if now >= until => Wish::GiveUp,
            Stage::Arriving(_) | Stage::Settling(_) => Wish::Stay,
            Stage::Live if now >= self.plan.ends => {
                self.stage = Stage::Leaving(now + LINGER);
                if let Some(voice) = &mut self.voice {
                    voice.leave();
                }
                self.when_settled()
            }
            Stage::Live if self.loses_at.is_some_and(|at| now >= at) => {
                self.loses_at = None;
                if self.ticket.is_some() {
                    Wish::Break
                } else {
                    Wish::Stay
                }
            }
            Stage::Live => Wish::Stay,
            Stage::Leaving(until) if now >= until => Wish::Close,
            Stage::Leaving(_) => self.when_settled(),
        }
    }

    /// Counts what never came.
    pub(crate) fn end(&mut self, tally: &mut Tally) {
        if let Some(echo) = &mut self.echo {
            echo.end(tally);
        }
        if let Some(voice) = &mut self.voice {
            voice.end(tally);
        }
        if let Some(camera) = &self.camera {
            camera.end(tally);
        }
    }

    /// Whether the session was let in.
    pub(crate) const fn is_in(&self) -> bool {
        !matches!(self.stage, Stage::Arriving(_))
    }

    /// What it does.
    pub(crate) const fn kind(&self) -> Kind {
        self.plan.kind
    }

    /// The query that leads back into the session.
    pub(crate) fn way_back(&self) -> Option<String> {
        let token = self.ticket.as_ref()?;
        Some(format!("resume={token}&last_event_id={}", self.last_event))
    }

    fn when_settled(&self) -> Wish {
        let settled = self.echo.as_ref().is_none_or(Echo::is_settled)
            && self.voice.as_ref().is_none_or(Voice::is_settled);
        if settled { Wish::Close } else { Wish::Stay }
    }

    /// When the next frame is due. Of an echo, none after the end; a microphone and a camera go on while one waits.
    fn media_due(&self) -> Option<Duration> {
        let echo = self
            .echo
            .as_ref()
            .filter(|_| self.stage == Stage::Live)
            .map(Echo::next_due);
        let voice = self.voice.as_ref().map(Voice::next_due);
        let camera = self.camera.as_ref().map(Camera::next_due);
        [echo, voice, camera].into_iter().flatten().min()
    }

    fn session_created(&mut self, now: Duration, tally: &mut Tally) {
        if self.is_in() {
            return;
        }
        self.arrived(now, tally);
        let update = wire::session_update(&self.scenario, self.plan.kind, self.plan.loses);
        self.first = update.map(Message::text);
        self.stage = Stage::Settling(now + SET_UP);
    }

    fn arrived(&mut self, now: Duration, tally: &mut Tally) {
        tally.sessions.started += 1;
        let due = self.plan.due;
        tally.time(FigureName::Connect, due, now.saturating_sub(due));
    }

    fn session_updated(&mut self, now: Duration, event: &Event<'_>) {
        let extension = event
            .session
            .as_ref()
            .and_then(|session| session.bedside.as_ref());
        if let Some(ticket) = extension.and_then(|extension| extension.resume.as_ref()) {
            self.ticket = Some(ticket.token.clone());
        }
        if matches!(self.stage, Stage::Settling(_)) {
            self.begin(now);
        }
    }

    /// Opens microphone and camera.
    fn begin(&mut self, now: Duration) {
        self.stage = Stage::Live;
        // Devices do not take their samples at the same time; on a tick, though, as nobody is woken between two.
        let start = now + self.chance.up_to(FRAME);
        let start = TICK * start.as_nanos().div_ceil(TICK.as_nanos()) as u32;
        let kind = self.plan.kind;
        if kind == Kind::Echo {
            self.echo = Some(Echo::new(start));
        }
        if matches!(kind, Kind::Voice | Kind::Both) {
            let chance = Chance::new(self.scenario.seed ^ VOICES, self.plan.number);
            let manner = self.scenario.voice.clone();
            self.voice = Some(Voice::new(manner, Arc::clone(&self.material), chance, start));
        }
        if matches!(kind, Kind::Scan | Kind::Both) {
            self.camera = Some(Camera::new(self.scenario.scan, Arc::clone(&self.material), start));
        }
        if self.plan.loses {
            let left = self.plan.ends.saturating_sub(now);
            self.loses_at = Some(now + self.chance.up_to(left));
        }
    }

    fn fault(&mut self, now: Duration, event: &Event<'_>, tally: &mut Tally) {
        let fault = event.error.as_ref();
        let code = fault.and_then(|fault| fault.code.as_deref().or(fault.kind.as_deref()));
        let code = code.unwrap_or("error");
        if code == OVERFLOW {
            tally.drop(OVERFLOW, 1);
        }
        tally.error(code);
        if matches!(self.stage, Stage::Settling(_)) {
            // What was asked for was refused: nothing would be as the scenario wants it.
            self.stage = Stage::Settling(now);
        }
    }
}

/// The server threw away audio that it could not take.
const OVERFLOW: &str = "input_audio_buffer_overflow";

/// What patients say is drawn apart from everything else.
const VOICES: u64 = 0x0076_6f69_6365;
