//! What the core is told and what it wants done, and messages on their way in both directions.

use std::time::Duration;

use bedside_conversation::io::{Input, Output, TranscribeCommand};
use bedside_protocol::ClientEvent;

use super::World;
use crate::connection::Message;
use crate::happening::Happening;

impl World {
    /// Hands the synthesiser's finished audio over, as far as the core takes it.
    pub(super) fn pump(&mut self) {
        let now = self.agenda.now();
        while !self.process.is_frozen() && self.core.wants_synthesis() {
            let Some(input) = self.synthesizer.take(now) else {
                return;
            };
            self.give(input);
        }
    }

    pub(super) fn give(&mut self, input: Input) {
        self.tell_unsent();
        self.handle(input);
        self.tell_unsent();
    }

    pub(super) fn tell_unsent(&mut self) {
        while self.connection.unsent() != self.unsent {
            self.unsent = self.connection.unsent();
            self.handle(Input::Unsent { audio: self.unsent });
        }
    }

    fn handle(&mut self, input: Input) {
        let now = self.agenda.now();
        self.trace.note(now, "<", &input);
        self.checks.input(now, &input);
        self.core.handle(now, input);
        self.drain();
    }

    pub(super) fn drain(&mut self) {
        let now = self.agenda.now();
        while let Some(output) = self.core.poll_output() {
            self.trace.output(now, &output);
            self.checks.output(now, &output, self.synthesizer.spoken());
            self.act(output);
        }
    }

    pub(super) fn act(&mut self, output: Output) {
        let now = self.agenda.now();
        match output {
            Output::Send(event) => self.send(Message::Event(event)),
            Output::SendAudio(audio) => {
                if self.connection.is_lost() {
                    self.checks
                        .violated(now, "presence", format!("audio of {} for nobody", audio.item_id));
                }
                self.send(Message::Audio(audio));
            }
            Output::DropAudio => self.connection.drop_audio(),
            Output::Transcribe(command) => {
                if let TranscribeCommand::Start { utterance, .. } = command {
                    self.agenda
                        .plan(now + Duration::from_millis(400), Happening::Partial(utterance));
                }
                if let Some((at, input)) = self.transcriber.command(now, &command, self.microphone.said()) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Output::JudgeTurn { utterance, to, .. } => {
                let finished = self.microphone.has_finished(to);
                if let Some((at, input)) = self.judge.judge(now, utterance, to, finished) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Output::Generate { generation, request } => {
                for (at, input) in self.model.generate(now, generation, &request) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
                self.checks.means_to_say(self.model.texts());
            }
            Output::CancelGeneration(generation) => self.model.cancel(generation),
            Output::Speak(command) => self.synthesizer.command(now, &command),
            Output::Scan(command) => {
                for (at, input) in self.scanner.command(now, command) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Output::ConfigureInput(settings) => self.takes_video = settings.video,
            Output::RunTool { call_id, .. } => {
                if let Some((at, input)) = self.tools.run(now, &call_id) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Output::ConfigureOutput(_) | Output::CancelTool { .. } => {}
            Output::Close { .. } => self.end = now,
        }
    }

    fn send(&mut self, message: Message) {
        let now = self.agenda.now();
        if let Some(message) = self.connection.send(now, message) {
            self.carry(message, false);
        }
    }

    /// The connection takes a message, perhaps after it has `waited`.
    pub(super) fn carry(&mut self, message: Message, waited: bool) {
        let now = self.agenda.now();
        let happening = match message {
            Message::Event(event) => Happening::ToClient {
                line: self.losses.line(),
                event,
            },
            Message::Audio(audio) => {
                self.checks.taken(now, &audio, waited);
                Happening::Heard {
                    line: self.losses.line(),
                    item_id: audio.item_id,
                    duration: audio.duration,
                }
            }
        };
        self.agenda.plan(self.downlink.arrival(now), happening);
    }

    pub(super) fn send_up(&mut self, event: ClientEvent) {
        let now = self.agenda.now();
        self.agenda
            .plan(self.uplink.arrival(now), Happening::FromClient(Box::new(event)));
    }
}
