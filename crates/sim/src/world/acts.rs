//! What the core wants done, and messages on their way in both directions.

use std::time::Duration;

use bedside_conversation::io::{Output, TranscribeCommand};
use bedside_protocol::ClientEvent;

use super::World;
use crate::connection::Message;
use crate::happening::Happening;

impl World {
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
            }
            Output::CancelGeneration(generation) => self.model.cancel(generation),
            Output::Speak(command) => self.synthesizer.command(now, &command),
            Output::Scan(command) => {
                for (at, input) in self.scanner.command(now, command) {
                    self.agenda.plan(at, Happening::Answer(input));
                }
            }
            Output::ConfigureInput(settings) => self.takes_video = settings.video,
            Output::ConfigureOutput(_) => {}
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
