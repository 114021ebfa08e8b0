//! What happened: every source is asked once in a fixed order, and the core is told.

use std::task::{Context, Poll};
use std::time::Duration;

use bedside_conversation::io::{Input, StageFault};
use bedside_conversation::scan::ScanId;
use bedside_conversation::time::AudioPos;
use bedside_protocol::ErrorDetail;
use bedside_providers::report::Report;
use bedside_providers::traits::{BusAudio, VideoFrame, VitalsOutput};
use futures::StreamExt;
use tokio::time::Instant;

use super::connection::Line;
use super::turn::{end_by_client, end_of};
use super::{End, Session};
use crate::bell::Ringer;
use crate::clock::bus_time;
use crate::ingress::Received;
use crate::message::{ClientMessage, SocketError};
use crate::metrics::{Counter, Stage};
use crate::video;

/// The transcriber hears audio at most this long (in samples) before the detector has searched it, so that the words
/// of a client that sends faster than real time are not past before their utterance is known to begin. A live
/// client's audio is never held back by it.
const AHEAD_OF_DETECTION: u64 = AudioPos::RATE / 2;

/// Reading this much of a message counts as one input of the budget: a tenth of a millisecond, as other inputs take.
/// Without it a client that sends large pictures as fast as it can would hold up its own audio.
const BYTES_PER_INPUT: usize = 64 * 1024;

/// The core is told this often that video comes.
const VIDEO_TOLD_EVERY: Duration = Duration::from_secs(1);

impl Session {
    /// Asks every source once; returns how many had something.
    pub(super) fn poll_inputs(&mut self, cx: &mut Context<'_>) -> Result<u32, End> {
        let rung = self.bell.rung();
        if rung.has(Ringer::Anyone) {
            self.stir();
        } else if rung.has(Ringer::Detector) {
            self.stirred.ask.add(Ringer::Detector);
        }
        let (mut asked, mut handled) = (0, 0);
        if self.stirred.ask.has(Ringer::Anyone) {
            let waker = self.bell.waker(Ringer::Anyone);
            asked += self.poll_house(&mut Context::from_waker(&waker))?;
        }
        if self.has_much_to_send() {
            self.send(cx)?;
        }
        if !self.holds_client_back()
            && let Line::Open(connection) = &mut self.line
            && let Poll::Ready(message) = connection.poll_next_unpin(cx)
        {
            let bytes = match &message {
                Some(Ok(message)) => message.size(),
                _ => 0,
            };
            handled += 1 + (bytes / BYTES_PER_INPUT) as u32;
            self.on_message(message)?;
        }
        if self.stirred.ask.take(Ringer::Detector) {
            let waker = self.bell.waker(Ringer::Detector);
            handled += self.poll_detection(&mut Context::from_waker(&waker))?;
        }
        if self.stirred.ask.take(Ringer::Anyone) {
            let waker = self.bell.waker(Ringer::Anyone);
            asked += self.poll_stages(&mut Context::from_waker(&waker))?;
        }
        if asked > 0 {
            // Who had something may have more.
            self.stir();
        }
        Ok(handled + asked)
    }

    /// Asks those who want something of the session as a whole.
    fn poll_house(&mut self, cx: &mut Context<'_>) -> Result<u32, End> {
        let mut handled = 0;
        if let Poll::Ready(deadline) = self.drain.as_mut().poll(cx) {
            handled += 1;
            self.drain_by(deadline)?;
        }
        if let Poll::Ready(order) = self.presence.poll_order(cx) {
            handled += 1;
            self.obey(order)?;
        }
        handled += self.poll_return(cx)?;
        Ok(handled)
    }

    /// Asks the speech detector.
    fn poll_detection(&mut self, cx: &mut Context<'_>) -> Result<u32, End> {
        let Poll::Ready(window) = self.detection.poll(cx) else {
            return Ok(0);
        };
        match window {
            Ok(window) => {
                self.presence.stage_worked(Stage::Detection);
                self.detected = window.end;
                self.history.forget_before(window.end);
                // It may have more.
                self.stirred.ask.add(Ringer::Detector);
                if self.transcription.is_held_back() {
                    self.stirred.ask.add(Ringer::Anyone);
                }
                self.tell_aside(Input::Speech {
                    end: window.end,
                    probability: window.probability,
                })?;
            }
            Err(fault) => {
                self.stir();
                self.judge(Stage::Detection, Some(&fault));
            }
        }
        Ok(1)
    }

    /// Asks those who work for the session.
    fn poll_stages(&mut self, cx: &mut Context<'_>) -> Result<u32, End> {
        self.give_up_on_consumers(self.now)?;
        let mut handled = 0;
        let released = self.released();
        if let Poll::Ready(answer) = self.transcription.poll(cx, released) {
            handled += 1;
            match answer {
                Ok(answer) => {
                    self.judge_transcript(&answer.event);
                    self.tell(Input::Transcript {
                        utterance: answer.utterance,
                        event: answer.event,
                    })?;
                }
                Err(fault) => self.judge(Stage::Transcription, Some(&fault)),
            }
        }
        if let Poll::Ready((question, judgement)) = self.judging.poll(cx) {
            handled += 1;
            self.judge(Stage::TurnJudge, judgement.as_ref().err());
            let (probability, busy) = match judgement {
                Ok(judgement) => (Some(judgement.probability), judgement.busy),
                Err(_) => (None, Duration::ZERO),
            };
            self.tell(Input::TurnJudged {
                utterance: question.utterance,
                at: question.at,
                probability,
                busy,
            })?;
        }
        if let Poll::Ready((generation, event)) = self.generations.poll(cx) {
            handled += 1;
            self.judge(Stage::Model, event.as_ref().err());
            self.tell(Input::Model { generation, event })?;
        }
        let wanted = self.core.wants_synthesis();
        if let Poll::Ready((epoch, event)) = self.synthesis.poll(cx, wanted) {
            handled += 1;
            self.judge(Stage::Synthesis, event.as_ref().err());
            self.tell(Input::Synthesis { epoch, event })?;
        }
        if let Poll::Ready((scan, answer)) = self.vitals.poll(cx) {
            handled += 1;
            self.on_vitals(scan, answer)?;
        }
        if let Poll::Ready(returned) = self.tools.poll(cx) {
            handled += 1;
            self.judge(returned.stage, returned.result.as_ref().err());
            self.tell(Input::ToolReturned {
                call_id: returned.call_id,
                result: returned.result,
            })?;
        }
        while let Poll::Ready(report) = self.reports.poll(cx) {
            handled += 1;
            self.on_report(report)?;
        }
        Ok(handled)
    }

    fn on_vitals(&mut self, scan: ScanId, answer: Result<VitalsOutput, StageFault>) -> Result<(), End> {
        match answer {
            Ok(VitalsOutput::News(news)) => {
                self.presence.stage_worked(Stage::Vitals);
                self.tell(Input::Scan { scan, news: Ok(news) })
            }
            Ok(VitalsOutput::Unreadable) => {
                self.metrics.add(Counter::FramesUnreadable, 1);
                self.complain(video::unreadable())
            }
            Err(fault) => {
                self.judge(Stage::Vitals, Some(&fault));
                self.tell(Input::Scan {
                    scan,
                    news: Err(fault),
                })
            }
        }
    }

    fn on_report(&mut self, report: Report) -> Result<(), End> {
        match report {
            Report::Changed(change) => {
                self.admission
                    .recount(|demand| demand.served_by(change.stage, change.to));
                self.tell(Input::ProviderChanged(change))
            }
            Report::Failed { stage, fault } => {
                self.judge(Stage::of(stage), Some(&fault));
                Ok(())
            }
            Report::Used(used) => {
                self.metrics.used(&used);
                self.tell(Input::Used(used))
            }
        }
    }

    fn on_message(&mut self, message: Option<Result<ClientMessage, SocketError>>) -> Result<(), End> {
        let message = match message {
            None => return Err(End::Lost),
            Some(Err(error)) => return Err(end_of(error)),
            Some(Ok(message)) => message,
        };
        self.last_message = self.now;
        self.presence.received(message.size());
        if message.size() > self.limits.message_bytes {
            return Err(end_of(SocketError::TooBig));
        }
        match message {
            ClientMessage::Close(code) => Err(end_by_client(code)),
            ClientMessage::Text(text) => {
                let received = self.ingress.text(self.clock.at(self.now), &text);
                self.on_received(received)
            }
            ClientMessage::Binary(frame) => {
                let received = self.ingress.binary(self.clock.at(self.now), &frame);
                self.on_received(received)
            }
        }
    }

    fn on_received(&mut self, received: Result<Received, ErrorDetail>) -> Result<(), End> {
        let received = match received {
            Ok(received) => received,
            Err(mistake) => return self.complain(mistake),
        };
        for (counter, lack) in [
            (Counter::AudioConcealedMs, received.concealed),
            (Counter::AudioLostMs, received.lost),
        ] {
            if !lack.is_zero() {
                self.metrics.add(counter, lack.as_millis() as u64);
            }
        }
        if !received.audio.is_empty() {
            for audio in received.audio {
                self.hear(&audio);
            }
            let to = self.ingress.end();
            // What follows from it, if anything does, stirs.
            self.core
                .handle(self.clock.at(self.now), Input::AudioReceived { to });
            self.carry_out()?;
            self.give_back();
        }
        if let Some(frame) = received.video {
            self.see(&frame)?;
        }
        received
            .event
            .map_or(Ok(()), |event| self.tell(Input::Client(event)))
    }

    /// Puts a piece of audio on the bus.
    fn hear(&mut self, audio: &BusAudio) {
        let samples = audio.pcm.len() as u64 / 2;
        self.lead.received(self.now, bus_time(samples));
        if let Some(echo) = &mut self.echo {
            echo.hear(&audio.pcm);
            return;
        }
        if self.judging_turns {
            self.history.push(audio);
        }
        if self.detecting && self.detection.push(audio) {
            self.stirred.ask.add(Ringer::Detector);
        }
        if self.transcription.push(audio) {
            self.stir();
        } else {
            self.stirred.deadlines = true;
        }
    }

    /// Gives the patient's audio back as far as it is due, in an echo test.
    pub(super) fn give_back(&mut self) {
        let now = self.clock.at(self.now);
        while let Some(audio) = self.echo.as_mut().and_then(|echo| echo.pop_due(now)) {
            self.egress.audio(audio);
        }
        self.stirred.deadlines |= self.echo.as_ref().is_some_and(|echo| echo.is_waiting());
    }

    /// Hands a picture to the scans.
    fn see(&mut self, frame: &VideoFrame) -> Result<(), End> {
        self.stir();
        if !self.vitals.is_idle() {
            self.metrics.add(Counter::FramesReceived, 1);
            let dropped = self.vitals.push(frame);
            self.metrics.add(Counter::FramesDropped, dropped);
        }
        let now = Instant::now();
        if self.tools.look() {
            self.camera.saw(frame, now);
        }
        if self.video_told.is_some_and(|told| now < told + VIDEO_TOLD_EVERY) {
            return Ok(());
        }
        self.video_told = Some(now);
        self.tell(Input::VideoReceived)
    }

    fn complain(&mut self, mistake: ErrorDetail) -> Result<(), End> {
        self.metrics.add(Counter::ClientMistakes, 1);
        self.tell(Input::Complaint(Box::new(mistake)))
    }

    /// How far the transcriber may hear.
    fn released(&self) -> AudioPos {
        if self.detecting && self.detection.is_open() {
            self.detected + AHEAD_OF_DETECTION
        } else {
            AudioPos::from_samples(u64::MAX)
        }
    }
}
