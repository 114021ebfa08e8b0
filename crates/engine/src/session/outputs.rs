//! What the core wants done, in its order.

use bedside_conversation::io::{InputSettings, Output, OutputSettings, SpeakCommand};
use bedside_conversation::scan::ScanCommand;
use bedside_protocol::{CloseCode, ServerEventKind};
use bedside_providers::traits::ToolRun;
use tokio::time::Instant;

use super::setup::transcriber_params;
use super::{End, Session};
use crate::format::media_format;
use crate::history::History;
use crate::metrics::Counter;
use crate::stages::judge::Question;

/// A fault of ours that leaves the session without a way on.
const INTERNAL: End = End::Close(CloseCode::Internal, "internal error");

impl Session {
    /// Does everything the core has asked for. Nothing here waits: messages are queued, stages are told.
    pub(super) fn carry_out(&mut self) -> Result<(), End> {
        while let Some(output) = self.core.poll_output() {
            self.stir();
            match output {
                Output::Send(event) => {
                    if matches!(
                        event.kind,
                        ServerEventKind::InputAudioBufferCommitted { .. }
                            | ServerEventKind::InputAudioBufferCleared {}
                    ) {
                        self.transcription.turn_over();
                    }
                    if shows_ticket(&event.kind) {
                        self.egress.keep_events(self.limits.missed_events);
                    }
                    self.presence.told(&event);
                    if let ServerEventKind::BedsideTurnMetrics(metrics) = &event.kind
                        && let Some(voiced) = self.core.measured_from()
                    {
                        self.presence.turn_over(metrics, self.clock.now().since(voiced));
                    }
                    self.egress.event(*event).map_err(|_| INTERNAL)?;
                }
                Output::SendAudio(audio) => {
                    let format = self.egress.live().format;
                    if let Some(cleaner) = self.ingress.cleaner() {
                        cleaner.played(&audio, format);
                    }
                    self.egress.audio(audio);
                }
                Output::DropAudio => {
                    self.egress.drop_audio();
                    if let Some(echo) = &mut self.echo {
                        echo.clear();
                    }
                }
                Output::Transcribe(command) => self.transcription.command(command),
                Output::JudgeTurn { utterance, from, to } => {
                    let pcm = self.history.last_seconds(from, to);
                    self.judging.ask(Question { utterance, at: to }, pcm);
                }
                Output::Generate { generation, request } => self.generations.start(generation, *request),
                Output::CancelGeneration(generation) => self.generations.cancel(generation),
                Output::Speak(command) => self.speak(command),
                Output::RunTool {
                    call_id,
                    name,
                    arguments,
                } => {
                    let call = ToolRun {
                        call_id,
                        arguments,
                        picture: self.camera.picture(Instant::now()),
                    };
                    self.tools.start(&name, call);
                }
                Output::CancelTool { call_id } => self.tools.cancel(&call_id),
                Output::Scan(command) => {
                    if matches!(command, ScanCommand::Start { .. }) {
                        self.metrics.add(Counter::Scans, 1);
                    }
                    self.vitals.command(command);
                }
                Output::ConfigureInput(settings) => self.configure_input(settings),
                Output::ConfigureOutput(settings) => self.configure_output(settings)?,
                Output::Close { code, reason } => return Err(End::Close(code, reason)),
            }
        }
        Ok(())
    }

    fn speak(&mut self, command: SpeakCommand) {
        match command {
            SpeakCommand::Open { .. } => self.egress.open_epoch(),
            SpeakCommand::Cancel { .. } => {
                if let Some(cleaner) = self.ingress.cleaner() {
                    cleaner.silenced();
                }
            }
            SpeakCommand::Segment { .. } | SpeakCommand::Finish { .. } => {}
        }
        self.synthesis.command(command);
    }

    fn configure_input(&mut self, settings: InputSettings) {
        self.detecting = settings.detect_speech && self.echo.is_none();
        if self.detecting {
            self.detected = self.detected.max(self.ingress.end());
        } else {
            self.detection.stop();
        }
        let detector = self.detecting.then(|| self.detection.name());
        self.judging_turns = settings.judge_turns;
        if !self.judging_turns {
            self.history = History::default();
        }
        let judge = settings.judge_turns.then(|| self.judging.name());
        self.admission
            .recount(|demand| demand.takes_turns_by(detector, judge));
        self.transcription
            .configure(transcriber_params(&settings), !settings.detect_speech);
        self.ingress.configure(settings);
    }

    fn configure_output(&mut self, settings: OutputSettings) -> Result<(), End> {
        let format = media_format(settings.format).map_err(|_| INTERNAL)?;
        self.synthesis.configure(format);
        self.egress.configure(settings);
        if let Some(echo) = &mut self.echo {
            echo.configure(format);
            self.egress.open_epoch();
        }
        Ok(())
    }
}

/// Whether the client learns with this event how it can come back.
fn shows_ticket(event: &ServerEventKind) -> bool {
    let (ServerEventKind::SessionCreated { session } | ServerEventKind::SessionUpdated { session }) = event
    else {
        return false;
    };
    let bedside = session.bedside.as_ref();
    bedside.is_some_and(|bedside| bedside.resume.is_some())
}
