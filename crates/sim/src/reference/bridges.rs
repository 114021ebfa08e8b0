//! Silences: one is bridged at most once a turn and only before the answer, and none is long while one provider of every
//! stage fails.

use std::time::Duration;

use bedside_conversation::io::SpeakCommand;
use bedside_conversation::time::Time;
use bedside_protocol::ServerEventKind;

use super::Violations;
use super::ledger::Ledger;
use crate::scenario::Scenario;

/// What is said to bridge one.
const FILLER: &str = "One moment, please. ";

/// No silence is longer once a turn has ended.
const LONGEST: Duration = Duration::from_secs(4);

/// Watches the time in which nothing is said.
#[derive(Debug)]
pub struct Bridges {
    /// Whether the length of silences is bounded.
    bounded: bool,
    response: Option<String>,
    /// The response of this turn that began with a filler.
    filled: Option<String>,
    /// Something was heard since the turn.
    heard: bool,
    speaking: bool,
    waiting_since: Option<Time>,
    fillers: u32,
}

impl Bridges {
    /// The silences of a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        Self {
            bounded: scenario.transcriber.first_fails && scenario.model.first_fails,
            response: None,
            filled: None,
            heard: false,
            speaking: false,
            waiting_since: None,
            fillers: 0,
        }
    }

    /// Silences that were bridged.
    pub fn fillers(&self) -> u32 {
        self.fillers
    }

    /// The patient is to be answered from now on.
    pub fn turn(&mut self) {
        self.filled = None;
        self.heard = false;
    }

    /// A voice is told something.
    pub fn speak(&mut self, now: Time, command: &SpeakCommand, violations: &mut Violations) {
        let SpeakCommand::Segment { text, .. } = command else {
            return;
        };
        if text != FILLER || self.filled.is_some() && self.filled == self.response {
            return;
        }
        self.fillers += 1;
        for (ok, wrong) in [
            (self.filled.is_none(), "a second silence of a turn is bridged"),
            (!self.heard, "a silence is bridged after something was heard"),
            (!self.speaking, "a silence is bridged while the patient speaks"),
        ] {
            violations.check(ok, now, "filler", || wrong.to_owned());
        }
        self.filled.clone_from(&self.response);
    }

    /// Audio was sent.
    pub fn audio(&mut self) {
        self.heard = true;
    }

    /// Follows an event.
    pub fn event(&mut self, now: Time, event: &ServerEventKind) {
        use ServerEventKind as E;
        match event {
            E::InputAudioBufferSpeechStarted { .. } => {
                self.speaking = true;
                self.waiting_since = None;
            }
            E::InputAudioBufferSpeechStopped { .. }
            | E::InputAudioBufferCleared {}
            | E::SessionUpdated { .. } => self.speaking = false,
            E::InputAudioBufferCommitted { .. } => {
                self.speaking = false;
                self.turn();
                self.waiting_since = Some(now);
            }
            E::InputAudioTranscriptionCompleted { transcript, .. } if transcript.is_empty() => {
                self.waiting_since = None;
            }
            E::ResponseCreated { response } => self.response = Some(response.id.clone()),
            E::ResponseDone { .. } => {
                self.response = None;
                self.waiting_since = None;
            }
            _ => {}
        }
    }

    /// Time passes.
    pub fn step(&mut self, now: Time, ledger: &Ledger, violations: &mut Violations) {
        let Some(since) = self.waiting_since.filter(|_| self.bounded) else {
            return;
        };
        if !ledger.ahead(now).is_zero() {
            self.waiting_since = Some(now);
        } else if now.since(since) > LONGEST {
            self.waiting_since = None;
            violations.add(now, "gap", format!("nothing was said since {since:?}"));
        }
    }
}
