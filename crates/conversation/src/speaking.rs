//! Saying a response: text to the synthesiser, its audio to the client, at the client's pace.

use std::time::Duration;

use crate::Conversation;
use crate::io::{AudioOut, Epoch, FaultKind, Output, SegmentIndex, SpeakCommand, StageFault, SynthesisEvent};
use crate::items::Spoken;
use crate::metrics::TurnClock;
use crate::outbox::Piece;
use crate::playback::PlaybackLedger;
use crate::response::{Generation, Response};
use crate::saying::Saying;
use crate::service::Stage;
use crate::timers::Timer;

/// The synthesiser is replaced at most so many times in one response.
const VOICES_REPLACED: u32 = 2;

impl Conversation {
    pub(crate) fn on_synthesis(&mut self, epoch: Epoch, event: Result<SynthesisEvent, StageFault>) {
        if !self.outbox.is_live(epoch) {
            return;
        }
        match event {
            Ok(SynthesisEvent::Audio {
                segment,
                data,
                duration,
            }) => {
                let fills = self.fills(segment);
                if let Some(response) = self.response.as_mut().filter(|_| !fills) {
                    TurnClock::mark(&mut response.clock.synthesis_first_audio, self.now);
                }
                self.outbox.push(
                    epoch,
                    Piece {
                        segment,
                        data,
                        duration,
                    },
                );
            }
            Ok(SynthesisEvent::SegmentDone {
                segment,
                words,
                provider,
                busy: _,
            }) => {
                let Some(message) = self.saying() else { return };
                message.segment_done(segment);
                message.voice = Some(provider);
                let item_id = message.item_id.clone();
                if let Some(ledger) = self.ledger_mut(&item_id) {
                    ledger.set_words(segment, words);
                }
                let fault = self.response.as_mut().and_then(|response| {
                    response.clock.synthesis_provider = Some(provider);
                    response.failed.voice.take()
                });
                self.on_served(Stage::Synthesis, provider, fault);
            }
            Err(fault) => {
                self.on_synthesis_failed(fault, true);
                return;
            }
        }
        self.timers.stop(Timer::SynthesisOverdue);
        self.speak_on();
    }

    /// Moves the response in progress as far as it can go now.
    pub(crate) fn speak_on(&mut self) {
        self.feed_synthesiser();
        self.send_due_audio();
        self.watch_synthesis();
        if self.outbox.is_empty() && self.response.as_ref().is_some_and(Response::is_spoken) {
            self.finish_response();
        }
    }

    fn feed_synthesiser(&mut self) {
        let now = self.now;
        while let Some(message) = self.saying() {
            let Some(epoch) = message.epoch else { return };
            let Some(segment) = message.take_ready() else {
                break;
            };
            let item_id = message.item_id.clone();
            if let Some(ledger) = self.ledger_mut(&item_id) {
                ledger.add_segment(segment.index, &segment.text);
            }
            let fills = self.fills(segment.index);
            if let Some(response) = self.response.as_mut().filter(|_| !fills) {
                TurnClock::mark(&mut response.clock.synthesis_start, now);
            }
            let command = SpeakCommand::Segment {
                epoch,
                segment: segment.index,
                text: segment.text,
            };
            self.out.push_back(Output::Speak(command));
        }
        if let Some(message) = self.saying()
            && let Some(epoch) = message.epoch
            && message.all_taken()
            && !message.closed
        {
            message.closed = true;
            self.out.push_back(Output::Speak(SpeakCommand::Finish { epoch }));
        }
    }

    pub(crate) fn send_due_audio(&mut self) {
        if self.away {
            self.timers.stop(Timer::AudioDue);
            return;
        }
        while let Some((epoch, piece)) = self.outbox.pop_due(self.now, self.playback) {
            self.send_piece(epoch, piece);
        }
        match self.outbox.next_due(self.playback) {
            Some(at) => self.timers.set(Timer::AudioDue, at),
            None => self.timers.stop(Timer::AudioDue),
        }
    }

    fn send_piece(&mut self, epoch: Epoch, piece: Piece) {
        let now = self.now;
        let fills = self.fills(piece.segment);
        self.silence_is_broken();
        let Some(response) = &mut self.response else {
            return;
        };
        if !fills {
            TurnClock::mark(&mut response.clock.first_audio_sent, now);
        }
        let response_id = response.id.clone();
        let Some(message) = &mut response.message else {
            return;
        };
        let first = !std::mem::replace(&mut message.audible, true);
        let (item_id, output_index) = (message.item_id.clone(), message.output_index);
        if first {
            self.tell_output_started(response_id.clone());
        }
        self.show_words(piece.segment);
        let before = self.playback.total();
        let starts = self.playback.sent(now, piece.duration);
        let ends = self.playback.ends();
        if let Some(ledger) = self.ledger_mut(&item_id) {
            if first {
                ledger.begin(before);
            }
            ledger.add_audio(piece.segment, piece.duration, ends);
        }
        self.out.push_back(Output::SendAudio(AudioOut {
            epoch,
            response_id,
            item_id,
            output_index,
            content_index: 0,
            data: piece.data,
            presentation_us: starts.as_micros(),
            duration: piece.duration,
        }));
    }

    /// Shows the words of all segments up to `upto` that were not shown yet: captions come with the voice.
    fn show_words(&mut self, upto: SegmentIndex) {
        while let Some(text) = self.saying().and_then(|message| message.next_shown(upto)) {
            self.tell_words(text);
        }
    }

    fn finish_response(&mut self) {
        self.show_words(SegmentIndex::MAX);
        self.results_were_told();
        let Some(response) = self.response.take() else {
            return;
        };
        self.outbox.close();
        self.stop_stage_timers();
        self.tell_response_over(response, None);
        self.watch_playback();
        if self.playing.is_none() {
            self.await_patient();
        }
        self.answer_if_ready();
    }

    /// Whether a segment only fills a silence.
    fn fills(&self, segment: SegmentIndex) -> bool {
        let message = self.response.as_ref().and_then(|r| r.message.as_ref());
        message.is_some_and(|message| message.filler == Some(segment))
    }

    /// The synthesiser failed: another one is opened, from the first word not yet spoken; in the end, the response ends with
    /// what was spoken. Who failed is not known if only the wait was too long.
    fn on_synthesis_failed(&mut self, fault: StageFault, known: bool) {
        let Some(response) = &mut self.response else {
            return;
        };
        if known && !response.failed.voices.contains(&fault.provider) {
            response.failed.voices.push(fault.provider);
        }
        let avoid = response.failed.voices.clone();
        let voice = response.wish.voice.clone();
        let Some(message) = &mut response.message else {
            return;
        };
        let (item_id, current) = (message.item_id.clone(), message.current());
        let Some(old) = message.epoch else { return };
        self.out
            .push_back(Output::Speak(SpeakCommand::Cancel { epoch: old }));
        let resume_at = current.unwrap_or(SegmentIndex::MAX);
        if message.voices_replaced < VOICES_REPLACED {
            message.voices_replaced += 1;
            message.voice = None;
            response.failed.voice = known.then_some(fault);
            self.epochs += 1;
            let epoch = Epoch(self.epochs);
            self.outbox.renew(epoch, resume_at);
            let spoken = self
                .ledger_mut(&item_id)
                .map_or(0, |ledger| ledger.break_off(resume_at));
            let speed = self.speed();
            if let Some(message) = self.saying() {
                message.epoch = Some(epoch);
                message.take_back(spoken);
            }
            self.out.push_back(Output::Speak(SpeakCommand::Open {
                epoch,
                voice,
                speed,
                avoid,
            }));
        } else {
            if let Some(generation) = response.running() {
                self.out.push_back(Output::CancelGeneration(generation));
            }
            response.generation = Generation::Over;
            response.fault = Some(fault);
            if let Some(message) = &mut response.message {
                message.give_up();
                message.closed = true;
            }
            self.outbox.renew(old, resume_at);
        }
        self.timers.stop(Timer::SynthesisOverdue);
        self.speak_on();
    }

    /// The synthesiser owes audio while it has text and is not made to wait.
    fn watch_synthesis(&mut self) {
        let owes = self
            .response
            .as_ref()
            .and_then(|r| r.message.as_ref())
            .is_some_and(|m| m.current().is_some());
        if !owes || !self.outbox.wants_more() {
            self.timers.stop(Timer::SynthesisOverdue);
        } else if !self.timers.is_set(Timer::SynthesisOverdue) {
            self.timers
                .set(Timer::SynthesisOverdue, self.now + self.timing.synthesis);
        }
    }

    pub(crate) fn on_synthesis_overdue(&mut self) {
        let voice = self.saying().and_then(|message| message.voice);
        let fault = StageFault {
            provider: voice.unwrap_or("synthesizer"),
            kind: FaultKind::Timeout,
        };
        self.on_synthesis_failed(fault, voice.is_some());
    }

    /// The connection has not taken the last `unsent` of the audio sent so far.
    pub(crate) fn on_unsent(&mut self, unsent: Duration) {
        let unplayed = self.items.unplayed(self.now);
        let later = self.playback.set_unsent(self.now, unsent);
        let mut rest = unsent;
        for item_id in unplayed.iter().rev() {
            if let Some(ledger) = self.ledger_mut(item_id) {
                rest = ledger.set_unsent(rest, later);
            }
        }
        self.watch_playback();
    }

    /// What was sent and the connection has not taken is not to be heard any more.
    pub(crate) fn withdraw_unsent(&mut self) {
        for item_id in self.items.unplayed(self.now) {
            if let Some(ledger) = self.ledger_mut(&item_id) {
                ledger.withdraw_unsent();
            }
        }
        self.playback.withdraw_unsent(self.now);
        self.out.push_back(Output::DropAudio);
    }

    /// The client drops what it has not played, and we what it has not got.
    pub(crate) fn clear_playback(&mut self) {
        self.out.push_back(Output::DropAudio);
        self.playback.cleared(self.now);
        self.watch_playback();
    }

    /// What the client has not played is not to be heard any more.
    pub(crate) fn drop_unplayed(&mut self) {
        if self.playback.ahead(self.now).is_zero() {
            return;
        }
        for item_id in self.items.unplayed(self.now) {
            self.truncate_to_heard(&item_id);
        }
        self.tell_output_cleared();
        self.clear_playback();
    }

    /// Wakes the core when the client has played everything, so that it can say so and wait for the patient.
    pub(crate) fn watch_playback(&mut self) {
        if self.playing.is_none() {
            return;
        }
        if !self.playback.unsent().is_zero() {
            // The end is not known before the connection takes the rest.
            self.timers.stop(Timer::PlaybackEnds);
            return;
        }
        self.timers
            .set(Timer::PlaybackEnds, self.playback.ends().max(self.now));
    }

    pub(crate) fn on_playback_ends(&mut self) {
        if self
            .response
            .as_ref()
            .is_some_and(|r| r.message.as_ref().is_some_and(|m| m.audible))
        {
            // More is to come; the end is watched for when the response is over.
            return;
        }
        if let Some(response_id) = self.playing.take() {
            self.tell_output_stopped(response_id);
        }
        self.await_patient();
    }

    /// Lets the idle timeout begin: everything has been said, and it is the patient's turn.
    pub(crate) fn await_patient(&mut self) {
        self.idle_from = Some(self.patient.received);
        self.restart_idle_timer();
    }

    pub(crate) fn restart_idle_timer(&mut self) {
        let idle = self.turn_taking().and_then(|turns| turns.idle_ms);
        let quiet =
            self.response.is_none() && self.patient.utterance.is_none() && self.patient.awaited.is_empty();
        if let Some(ms) = idle
            && quiet
            && !self.away
            && !self.awaits_scan()
            && self.tools.is_empty()
            && self.idle_from.is_some()
        {
            self.timers
                .set(Timer::PatientIdle, self.now + Duration::from_millis(ms));
        }
    }

    pub(crate) fn stop_stage_timers(&mut self) {
        for timer in [Timer::ModelOverdue, Timer::SynthesisOverdue, Timer::AudioDue] {
            self.timers.stop(timer);
        }
    }

    pub(crate) fn saying(&mut self) -> Option<&mut Saying> {
        self.response.as_mut()?.message.as_mut()
    }

    /// The message being said, and what is known of it in its item, if it is part of the conversation.
    pub(crate) fn saying_and_spoken(&mut self) -> Option<(&mut Saying, Option<&mut Spoken>)> {
        let message = self.response.as_mut()?.message.as_mut()?;
        let entry = self.items.get_mut(&message.item_id);
        Some((message, entry.and_then(|entry| entry.spoken.as_mut())))
    }

    pub(crate) fn ledger_mut(&mut self, item_id: &str) -> Option<&mut PlaybackLedger> {
        self.items.get_mut(item_id)?.spoken.as_mut()?.ledger.as_mut()
    }
}
