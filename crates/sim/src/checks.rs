//! The reference model as a whole: sees every input and output of the core, and judges.

use std::collections::BTreeMap;
use std::time::Duration;

use bedside_conversation::cost::Spent;
use bedside_conversation::io::{AudioOut, Epoch, Input, Output, SegmentIndex, SynthesisEvent};
use bedside_conversation::time::{AudioPos, Time};
use bedside_protocol::{ClientEventKind, CloseCode, ResponseStatus, ServerEvent, ServerEventKind};

use crate::patient::SaidWord;
use crate::playback::Played;
use crate::reference::answers::Answers;
use crate::reference::bills::Bills;
use crate::reference::bridges::Bridges;
use crate::reference::delivery::Delivery;
use crate::reference::functions::Functions;
use crate::reference::grammar::Grammar;
use crate::reference::heard::Shown;
use crate::reference::ledger::Ledger;
use crate::reference::limits::Limits;
use crate::reference::scans::Scans;
use crate::reference::silence::Silence;
use crate::reference::words::Words;
use crate::reference::{Violation, Violations};
use crate::scenario::Scenario;
use crate::vendors::synthesizer::{PieceLabel, Spoken};

/// Words said in the last seconds may still be on their way when a run ends.
const UNSETTLED_MS: u64 = 15_000;

/// Rounding between the client's account, in whole milliseconds, and ours.
const SAME: Duration = Duration::from_millis(2);

/// All invariants.
#[derive(Debug)]
pub struct Checks {
    delivery: Delivery,
    grammar: Grammar,
    ledger: Ledger,
    shown: Shown,
    limits: Limits,
    silence: Silence,
    words: Words,
    scans: Scans,
    answers: Answers,
    functions: Functions,
    bridges: Bridges,
    bills: Bills,
    /// Who failed in the response in progress, and nobody has made good yet.
    failed: Option<&'static str>,
    /// No vendor fails.
    healthy: bool,
    /// The patient's words are accounted for only where no one may lose them.
    counts_words: bool,
    /// The delay of the network, if it is steady and takes everything: then what the client really played must equal our
    /// account.
    delay: Option<Duration>,
    violations: Violations,
}

impl Checks {
    /// The invariants of a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            delivery: Delivery::default(),
            grammar: Grammar::default(),
            ledger: Ledger::default(),
            shown: Shown::default(),
            limits: Limits::new(scenario.client.interrupts && scenario.client.detects_speech()),
            silence: Silence::new(scenario),
            words: Words::default(),
            scans: Scans::default(),
            answers: Answers::default(),
            functions: Functions::default(),
            bridges: Bridges::new(scenario),
            bills: Bills::default(),
            failed: None,
            healthy: scenario.is_healthy(),
            counts_words: scenario.is_healthy() && scenario.client.detects_speech(),
            delay: scenario
                .downlink
                .steady_delay()
                .filter(|_| scenario.client.obeys() && scenario.is_undisturbed()),
            violations: Violations::default(),
        }
    }

    /// The core is about to be given an input.
    pub fn input(&mut self, now: Time, input: &Input) {
        self.limits.step();
        let wish = match input {
            Input::Client(event) => event.event_id.as_deref(),
            _ => None,
        };
        self.grammar.wish(now, wish, &mut self.violations);
        self.scans.input(now, input, &mut self.violations);
        self.functions.input(now, input, &mut self.violations);
        self.bills.input(now, input, &mut self.violations);
        self.failed = self.answers.fault_of(input);
        self.answers.input(input);
        match input {
            Input::Speech { probability, .. } => self.limits.window(now, *probability),
            Input::Synthesis {
                epoch,
                event: Ok(SynthesisEvent::Audio { duration, .. }),
            } => {
                self.limits
                    .synthesised(now, *epoch, *duration, &mut self.violations);
            }
            Input::Synthesis {
                epoch,
                event: Ok(SynthesisEvent::SegmentDone { segment, .. }),
            } if self.limits.is_live(*epoch) => self.ledger.marked(*epoch, *segment),
            Input::Client(event) => {
                self.client(&event.kind);
            }
            // What was cut off is owed anew.
            Input::ConnectionBack { .. } => self.bridges.turn(),
            _ => {}
        }
    }

    fn client(&mut self, event: &ClientEventKind) {
        match event {
            ClientEventKind::ConversationItemTruncate {
                item_id,
                audio_end_ms,
                ..
            } => {
                self.ledger.ruled(item_id, Duration::from_millis(*audio_end_ms));
                self.scans.client_cancelled();
                self.functions.client_cancelled();
            }
            ClientEventKind::ResponseCancel { .. }
            | ClientEventKind::OutputAudioBufferClear {}
            | ClientEventKind::ConversationItemDelete { .. } => {
                self.scans.client_cancelled();
                self.functions.client_cancelled();
            }
            ClientEventKind::ResponseCreate { .. } => self.bridges.turn(),
            _ => {}
        }
    }

    /// The core put something out.
    pub fn output(&mut self, now: Time, output: &Output, spoken: &BTreeMap<(Epoch, SegmentIndex), Spoken>) {
        self.limits.output(now, &mut self.violations);
        self.functions.output(now, output, &mut self.violations);
        match output {
            Output::Send(event) => self.event(now, event),
            Output::SendAudio(audio) => self.audio(now, audio),
            Output::Speak(command) => {
                self.limits.speak(now, command, &mut self.violations);
                self.answers.speak(now, command, &mut self.violations);
                self.bridges.speak(now, command, &mut self.violations);
            }
            Output::Scan(command) => self.scans.command(now, *command, &mut self.violations),
            Output::ConfigureInput(settings) => self.scans.configured(settings),
            Output::Generate { generation, request } => {
                self.bills.asked(*generation, self.failed.take());
                self.answers
                    .asked(now, *generation, request, &mut self.violations);
                self.scans.request(now, request, &mut self.violations);
                self.shown
                    .check_request(now, request, &self.ledger, spoken, &mut self.violations);
            }
            Output::CancelGeneration(generation) => {
                self.bills.cancelled();
                self.answers.cancelled(*generation);
            }
            Output::Close { code, .. } => {
                let normal = *code == CloseCode::Normal && self.ledger.ahead(now).is_zero();
                self.violations.check(normal, now, "session", || {
                    format!(
                        "closed with {code:?} while {:?} are to be played",
                        self.ledger.ahead(now)
                    )
                });
            }
            _ => {}
        }
    }

    /// Everything the model means or meant to say.
    pub fn means_to_say(&mut self, texts: &[String]) {
        self.answers.means_to_say(texts);
    }

    /// The client got an event.
    pub fn delivered(&mut self, now: Time, event_id: &str) {
        self.delivery.delivered(now, event_id, &mut self.violations);
    }

    /// The client is back after an absence, and has everything up to an event.
    pub fn came_back(&mut self, now: Time, last_event_id: &str, absent: Duration) {
        let got = self
            .delivery
            .can_have_got(now, last_event_id, &mut self.violations);
        self.ledger.never_arrived(now, got);
        self.silence.froze(absent);
    }

    /// The patient's voice reached the server.
    pub fn patient_spoke(&mut self, now: Time) {
        self.silence.patient_spoke(now);
    }

    /// The process did nothing for so long.
    pub fn froze(&mut self, length: Duration) {
        self.silence.froze(length);
    }

    /// A second after a freeze; `has_audio` if the synthesiser has audio to hand out.
    pub fn caught_up(&mut self, now: Time, has_audio: bool) {
        self.limits
            .caught_up(now, &self.ledger, has_audio, &mut self.violations);
    }

    /// Something only the world can see.
    pub fn violated(&mut self, now: Time, rule: &'static str, detail: String) {
        self.violations.add(now, rule, detail);
    }

    /// Time passes.
    pub fn step(&mut self, now: Time) {
        self.silence.check(now, &mut self.violations);
        self.scans.step(now, &mut self.violations);
        self.functions.step(now, &mut self.violations);
        self.bridges.step(now, &self.ledger, &mut self.violations);
    }

    /// Answers that were interrupted for good so far.
    pub fn interruptions(&self) -> u32 {
        self.limits.interruptions()
    }

    /// Freezes in the middle of an answer so far.
    pub fn freezes(&self) -> u32 {
        self.limits.freezes()
    }

    /// Scans that ended, and measurements the model got an answer to, so far.
    pub fn scans(&self) -> (u32, u32) {
        (self.scans.ended(), self.scans.measurements())
    }

    /// Answers another model went on with, functions the server ran, and silences that were bridged, so far.
    pub fn bridged(&self) -> (u32, u32, u32) {
        (
            self.answers.continued(),
            self.functions.ran(),
            self.bridges.fillers(),
        )
    }

    /// The run is over: what `said` must have been transcribed, and what was `played` accounted for.
    pub fn finish(
        mut self,
        now: Time,
        said: &[SaidWord],
        captured: AudioPos,
        played: &[Played],
        spent: &Spent,
    ) -> Vec<Violation> {
        if let Some(delay) = self.delay {
            let until = Time::ZERO + now.since(Time::ZERO + delay);
            for item in played {
                let ledger = self.ledger.heard(&item.item_id, until);
                self.violations
                    .check(ledger.abs_diff(item.heard) <= SAME, now, "playback", || {
                        format!(
                            "of {} the client played {:?}, not {ledger:?}",
                            item.item_id, item.heard
                        )
                    });
            }
        }
        if self.counts_words {
            self.words
                .check_all(now, said, captured.back(UNSETTLED_MS), &mut self.violations);
        }
        self.scans.finish(now, self.healthy, &mut self.violations);
        self.functions.finish(now, self.healthy, &mut self.violations);
        self.bills.finish(now, spent, &mut self.violations);
        self.violations.into_vec()
    }

    fn event(&mut self, now: Time, event: &ServerEvent) {
        self.delivery.sent(&event.event_id);
        self.grammar.event(now, event, &mut self.violations);
        self.shown.event(&event.kind);
        self.words.event(now, &event.kind, &mut self.violations);
        self.scans.event(now, &event.kind, &mut self.violations);
        self.answers.event(now, &event.kind, &mut self.violations);
        self.functions.event(now, &event.kind, &mut self.violations);
        self.bridges.event(now, &event.kind);
        self.bills.event(now, &event.kind, &mut self.violations);
        match &event.kind {
            ServerEventKind::OutputAudioBufferCleared { .. } => {
                self.ledger.cleared(now);
                self.limits.cleared();
            }
            ServerEventKind::ResponseDone { response } => {
                let cancelled = response.status == ResponseStatus::Cancelled;
                self.limits.answer_over(&response.id, cancelled);
                self.silence.answered();
            }
            ServerEventKind::InputAudioBufferSpeechStarted { .. } => self.limits.turn(true),
            ServerEventKind::InputAudioBufferCommitted { .. }
            | ServerEventKind::InputAudioBufferCleared {} => {
                self.limits.turn(false);
            }
            ServerEventKind::ResponseOutputTextDelta { .. } => self.silence.answered(),
            _ => {}
        }
    }

    fn audio(&mut self, now: Time, audio: &AudioOut) {
        self.silence.answered();
        self.bridges.audio();
        self.grammar.audio(now, audio, &mut self.violations);
        let at = self.delivery.audio(audio.duration);
        match PieceLabel::read(&audio.data) {
            Some(label) => {
                self.ledger.queued(label, at);
                self.limits.audio(now, audio, label, &mut self.violations);
            }
            None => self
                .violations
                .add(now, "audio", "audio that no synthesiser made".to_owned()),
        }
    }

    /// The connection took audio, perhaps after it had `waited` at the server.
    pub fn taken(&mut self, now: Time, audio: &AudioOut, waited: bool) {
        let Some(label) = PieceLabel::read(&audio.data) else {
            return;
        };
        let starts = self.ledger.sent(now, audio, label);
        let told = Time::from_micros(audio.presentation_us);
        self.violations
            .check(waited || told == starts, now, "presentation", || {
                format!("audio that plays at {starts:?} is said to play at {told:?}")
            });
        self.limits
            .taken(now, audio, self.ledger.ahead(now), &mut self.violations);
    }
}
