//! One consultation in virtual time: patient, client, network, process and vendors around the core.

use std::collections::VecDeque;
use std::time::Duration;

use bedside_conversation::Conversation;
use bedside_conversation::io::Input;
use bedside_conversation::time::{AudioPos, Time};

use crate::camera::Camera;
use crate::checks::Checks;
use crate::client::Client;
use crate::clock::Agenda;
use crate::connection::Connection;
use crate::happening::Happening;
use crate::losses::Losses;
use crate::microphone::{Microphone, Packet};
use crate::network::Link;
use crate::process::Process;
use crate::report::Report;
use crate::rng::{Rng, Stream};
use crate::scenario::Scenario;
use crate::start::session_start;
use crate::trace::Trace;
use crate::vendors::bills::Bills;
use crate::vendors::judge::Judge;
use crate::vendors::model::Model;
use crate::vendors::scanner::Scanner;
use crate::vendors::synthesizer::Synthesizer;
use crate::vendors::tools::Tools;
use crate::vendors::transcriber::Transcriber;

mod acts;
mod outage;

/// So many wake-ups at one instant are a busy loop.
const MAX_TICKS: u32 = 32;

/// How a run is watched. No choice changes what happens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Watch {
    /// Keep a readable trace.
    pub readable: bool,
    /// Wake the core this often, needed or not.
    pub extra_ticks: Option<Duration>,
}

/// The world of one seed.
#[derive(Debug)]
pub struct World {
    agenda: Agenda<Happening>,
    core: Conversation,
    microphone: Microphone,
    client: Client,
    camera: Option<Camera>,
    /// Whether the core wants video.
    takes_video: bool,
    uplink: Link,
    downlink: Link,
    connection: Connection,
    losses: Losses,
    /// What the core knows to wait at the server.
    unsent: Duration,
    detector: Rng,
    detected_at: Time,
    judge: Judge,
    transcriber: Transcriber,
    model: Model,
    synthesizer: Synthesizer,
    scanner: Scanner,
    tools: Tools,
    bills: Bills,
    /// Probability of a report, per second.
    billing: f64,
    process: Process,
    /// What reached the frozen process.
    inbox: VecDeque<Happening>,
    received: AudioPos,
    ticks: u32,
    checks: Checks,
    trace: Trace,
    end: Time,
}

impl World {
    /// Plays a scenario to its end.
    pub fn play(scenario: &Scenario, watch: Watch) -> Report {
        let mut world = Self::new(scenario, watch);
        world.begin();
        world.run(watch.extra_ticks);
        let now = world.agenda.now();
        let (interruptions, caught_up) = (world.checks.interruptions(), world.checks.freezes());
        let (scans, measurements) = world.checks.scans();
        let (continued, tools, fillers) = world.checks.bridged();
        // What is still in the loudspeaker counts neither here nor there.
        world.client.ear(now);
        let (said, played) = (world.microphone.said(), world.client.playback().played());
        Report {
            seed: scenario.seed,
            hash: world.trace.hash(),
            answers: world.client.answers(),
            interruptions,
            caught_up,
            scans,
            measurements,
            continued,
            tools,
            fillers,
            resumed: world.losses.resumed(),
            violations: world
                .checks
                .finish(now, said, world.received, played, world.core.spent()),
            trace: world.trace.lines().to_vec(),
        }
    }

    fn new(scenario: &Scenario, watch: Watch) -> Self {
        let seed = scenario.seed;
        Self {
            agenda: Agenda::default(),
            core: Conversation::new(session_start(scenario)),
            microphone: Microphone::new(scenario.patient.clone(), &scenario.client, seed),
            client: Client::new(scenario.client.clone(), seed),
            camera: scenario.camera.clone().map(|manners| Camera::new(manners, seed)),
            takes_video: false,
            uplink: Link::new(scenario.uplink.clone(), seed, Stream::Uplink),
            downlink: Link::new(scenario.downlink.clone(), seed, Stream::Downlink),
            connection: Connection::new(scenario.blockages.clone(), seed),
            losses: Losses::new(scenario.losses.clone(), seed),
            unsent: Duration::ZERO,
            detector: Rng::new(seed, Stream::Detector),
            detected_at: Time::ZERO,
            judge: Judge::new(scenario.judge.clone(), seed),
            transcriber: Transcriber::new(scenario.transcriber.clone(), seed),
            model: Model::new(scenario.model.clone(), scenario.sentences.clone(), seed),
            synthesizer: Synthesizer::new(
                scenario.synthesizer.clone(),
                scenario.synthesis_factor_ms.clone(),
                seed,
            ),
            scanner: Scanner::new(scenario.scanner.clone(), seed),
            tools: Tools::new(scenario.tools.clone(), seed),
            bills: Bills::new(seed),
            billing: scenario.bills,
            process: Process::new(scenario.freezes.clone(), seed),
            inbox: VecDeque::new(),
            received: AudioPos::START,
            ticks: 0,
            checks: Checks::new(scenario),
            trace: Trace::new(watch.readable),
            end: Time::ZERO + scenario.length,
        }
    }

    fn begin(&mut self) {
        self.drain();
        for event in self.client.opening() {
            self.send_up(event);
        }
        self.agenda.plan(Time::ZERO, Happening::Capture);
        self.agenda.plan(Time::from_millis(1_000), Happening::Meddle);
        if self.camera.is_some() {
            self.agenda.plan(Time::ZERO, Happening::Shutter);
        }
        if let Some(at) = self.process.next_freeze(Time::ZERO) {
            self.agenda.plan(at, Happening::Freeze);
        }
        self.plan_blockage();
        self.plan_loss();
    }

    fn plan_blockage(&mut self) {
        if let Some(at) = self.connection.next_blockage(self.agenda.now()) {
            self.agenda.plan(at, Happening::Block);
        }
    }

    fn run(&mut self, extra_ticks: Option<Duration>) {
        let mut extra = extra_ticks.map(|every| Time::ZERO + every);
        while let Some(next) = self.agenda.next_at() {
            let now = self.agenda.now();
            let due = self.due().map(|due| due.max(now)).filter(|due| *due <= next);
            let wake = [due, extra.filter(|extra| *extra <= next)]
                .into_iter()
                .flatten()
                .min();
            if wake.unwrap_or(next) > self.end {
                return;
            }
            match wake {
                Some(at) => {
                    if extra.is_some_and(|extra| extra <= at) {
                        extra = extra_ticks.map(|every| at + every);
                    }
                    self.agenda.advance(at);
                    self.wake();
                }
                None => {
                    if let Some(happening) = self.agenda.pop() {
                        self.happen(happening);
                    }
                }
            }
            if self.agenda.now() > now {
                self.ticks = 0;
            }
            self.pump();
            self.checks.step(self.agenda.now());
        }
    }

    /// When the process has something to do without being asked.
    fn due(&self) -> Option<Time> {
        if self.process.is_frozen() {
            return None;
        }
        let ready = if self.core.wants_synthesis() {
            self.synthesizer.next_ready()
        } else {
            None
        };
        [self.core.next_deadline(), ready].into_iter().flatten().min()
    }

    fn wake(&mut self) {
        let now = self.agenda.now();
        if self.process.is_frozen() {
            return;
        }
        self.ticks += 1;
        if self.ticks == MAX_TICKS {
            self.checks
                .violated(now, "busy", format!("woken {MAX_TICKS} times at one instant"));
        }
        if self.ticks > MAX_TICKS {
            // Let the world go on, so that the run ends.
            self.agenda.advance(self.agenda.next_at().unwrap_or(now));
        }
        self.give(Input::Tick);
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.agenda.now();
        match happening {
            Happening::Capture => self.capture(),
            Happening::ToClient { line, event } => self.reach_client(line, &event),
            Happening::Heard {
                line,
                item_id,
                duration,
            } => {
                if self.losses.delivers(line) {
                    self.client.hear(now, item_id, duration);
                }
            }
            Happening::Lose => self.lose(),
            Happening::Return => self.come_back(),
            Happening::Meddle => {
                if self.losses.is_connected() {
                    self.meddle();
                }
                if let Some(report) = self.bills.report(self.billing) {
                    self.agenda.plan(now, Happening::Answer(report));
                }
                self.agenda.plan(now + Duration::from_secs(1), Happening::Meddle);
            }
            Happening::Shutter => self.film(),
            Happening::Block => {
                let length = self.connection.block();
                self.trace
                    .note(now, "**", &format_args!("blocked for {length:?}"));
                self.agenda.plan(now + length, Happening::Unblock);
            }
            Happening::Freeze => {
                let length = self.process.freeze();
                self.trace.note(now, "**", &format_args!("frozen for {length:?}"));
                self.checks.froze(length);
                self.agenda.plan(now + length, Happening::Thaw);
            }
            Happening::Thaw => self.thaw(),
            Happening::CaughtUp => {
                let has_audio = self.connection.takes_since(now, Duration::from_secs(1))
                    && self.synthesizer.next_ready().is_some_and(|ready| ready <= now);
                self.checks.caught_up(now, has_audio);
            }
            at_server if self.process.is_frozen() => self.inbox.push_back(at_server),
            at_server => self.serve(at_server),
        }
    }

    /// The fixed order of the shell: expired timers, then what has come in.
    fn thaw(&mut self) {
        let now = self.agenda.now();
        self.process.thaw();
        self.wake();
        while let Some(happening) = self.inbox.pop_front() {
            self.serve(happening);
            self.pump();
        }
        self.agenda
            .plan(now + Duration::from_secs(1), Happening::CaughtUp);
        if let Some(at) = self.process.next_freeze(now + Duration::from_millis(1_001)) {
            self.agenda.plan(at, Happening::Freeze);
        }
    }

    fn capture(&mut self) {
        let now = self.agenda.now();
        self.agenda
            .plan(now + self.microphone.interval(), Happening::Capture);
        if !self.losses.is_connected() {
            return;
        }
        let ear = self.client.ear(now);
        let packet = self.microphone.capture(now, ear);
        self.agenda
            .plan(self.uplink.arrival(now), Happening::Audio(packet));
        for event in self.client.on_capture(now, self.microphone.is_speaking()) {
            self.send_up(event);
        }
    }

    fn film(&mut self) {
        let now = self.agenda.now();
        let films = self.camera.as_mut().is_some_and(|camera| camera.films(now));
        if films && self.losses.is_connected() {
            self.agenda.plan(self.uplink.arrival(now), Happening::Frame);
        }
        self.agenda.plan(now + Camera::FRAME, Happening::Shutter);
    }

    fn serve(&mut self, happening: Happening) {
        let now = self.agenda.now();
        match happening {
            Happening::Audio(packet) => self.receive(packet),
            Happening::FromClient(event) => self.give(Input::Client(*event)),
            Happening::Detected { end, probability } => self.give(Input::Speech { end, probability }),
            Happening::Frame if self.takes_video => {
                self.give(Input::VideoReceived);
                for (at, input) in self.scanner.frame(now) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Happening::Answer(input) => {
                let wanted = match &input {
                    Input::Transcript { utterance, .. } => self.transcriber.is_heard(*utterance),
                    Input::Model { generation, .. } => self.model.is_heard(*generation),
                    _ => true,
                };
                if wanted {
                    self.give(input);
                }
            }
            Happening::Notice { line } if line == self.losses.line() => self.lose_connection(),
            Happening::Claim {
                last_event_id,
                repeat_unheard,
            } => self.go_on(&last_event_id, repeat_unheard),
            Happening::Unblock => {
                for message in self.connection.unblock(now) {
                    self.carry(message, true);
                }
                self.tell_unsent();
                self.plan_blockage();
            }
            Happening::Partial(utterance) if self.transcriber.is_heard(utterance) => {
                let (input, again) =
                    self.transcriber
                        .partial(now, utterance, self.received, self.microphone.said());
                self.give(input);
                self.agenda.plan(again, Happening::Partial(utterance));
            }
            _ => {}
        }
    }

    fn receive(&mut self, packet: Packet) {
        let now = self.agenda.now();
        self.received = packet.to;
        if packet.has_words {
            self.checks.patient_spoke(now);
        }
        self.give(Input::AudioReceived { to: packet.to });
        for (end, probability) in packet.windows {
            let took = self.detector.millis(0..=3);
            self.detected_at = self.detected_at.max(now + took);
            self.agenda
                .plan(self.detected_at, Happening::Detected { end, probability });
        }
    }
}
