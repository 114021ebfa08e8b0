//! The patient's words: partial and final texts, and what follows from them.

use std::time::Duration;

use bedside_protocol::{ContentPart, ItemBody};

use crate::Conversation;
use crate::answering::WantedTurn;
use crate::consultation::ESCALATION_TAG;
use crate::io::{FaultKind, Output, StageFault, TranscribeCommand, TranscriptEvent, UtteranceId};
use crate::metrics::TurnClock;
use crate::phrases;
use crate::response::{Cancelled, Generation};
use crate::service::Stage;
use crate::timers::Timer;
use crate::turn::backchannel::is_backchannel;
use crate::turn::patient::Awaited;
use crate::wish::Source;

/// Added to the deadline of a final text for every second of its audio: a long dictation takes longer to write down.
const TRANSCRIPT_PER_SECOND: Duration = Duration::from_millis(300);

impl Conversation {
    pub(crate) fn on_transcript(&mut self, id: UtteranceId, event: TranscriptEvent) {
        match event {
            TranscriptEvent::Partial { text } => self.on_partial(id, text.trim()),
            TranscriptEvent::Final {
                attempt,
                text,
                busy,
                provider,
            } => {
                let now = self.now;
                if let Some(clock) = self.clock_of(id, attempt) {
                    clock.has_text(now, busy, provider);
                    self.on_served(Stage::Transcription, provider, None);
                    self.on_final(id, attempt, text.trim());
                }
            }
            TranscriptEvent::Failed { attempt, fault } => self.on_transcript_failed(id, attempt, &fault),
        }
    }

    /// The clock of the utterance that awaits `attempt`, spoken or committed.
    fn clock_of(&mut self, id: UtteranceId, attempt: u32) -> Option<&mut TurnClock> {
        if let Some(utterance) = &mut self.patient.utterance
            && utterance.id == id
        {
            return (utterance.attempt == attempt && utterance.likely_end.is_some())
                .then_some(&mut utterance.clock);
        }
        let awaited = self
            .patient
            .awaited
            .iter_mut()
            .find(|a| a.utterance == id && a.attempt == attempt)?;
        Some(&mut awaited.clock)
    }

    fn on_partial(&mut self, id: UtteranceId, text: &str) {
        if !self.transcription_wanted() {
            return;
        }
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        if utterance.id == id
            && utterance.announced
            && let Some(delta) = utterance.stable.partial(text)
        {
            let item_id = utterance.item_id.clone();
            self.tell_transcript_delta(item_id, delta);
        }
    }

    /// The text of `attempt` is known: of an utterance that may go on, or of a turn that ended.
    pub(crate) fn on_final(&mut self, id: UtteranceId, attempt: u32, text: &str) {
        if let Some(utterance) = &mut self.patient.utterance
            && utterance.id == id
        {
            utterance.text = Some(text.to_owned());
            if utterance.announced {
                self.speculate(id, attempt, text);
            } else {
                self.judge_short_sound(text);
            }
            return;
        }
        if let Some(awaited) = self.take_awaited(id, attempt) {
            self.on_turn_text(awaited, text);
        }
    }

    fn take_awaited(&mut self, id: UtteranceId, attempt: u32) -> Option<Awaited> {
        let at = self
            .patient
            .awaited
            .iter()
            .position(|a| a.utterance == id && a.attempt == attempt)?;
        let awaited = self.patient.awaited.remove(at);
        self.watch_transcripts();
        awaited
    }

    fn on_turn_text(&mut self, mut turn: Awaited, text: &str) {
        self.set_transcript(&turn.item_id, text);
        if self.transcription_wanted() {
            if let Some(delta) = turn.stable.finish(text) {
                self.tell_transcript_delta(turn.item_id.clone(), delta);
            }
            self.tell_transcript_completed(turn.item_id.clone(), text.to_owned(), turn.seconds);
        }
        if self.is_transcription_only() {
            return;
        }
        let emergency = self.find_red_flag(text);
        if self.give_to_waiting_response(&turn, !text.is_empty(), emergency.as_ref()) {
            return;
        }
        let listening = turn.respond && emergency.is_none() && is_backchannel(text);
        if listening && self.resume_interrupted(&turn.item_id) {
            return;
        }
        self.drop_interrupted();
        // An emergency does not wait for the client to ask.
        let urgent = emergency.is_some();
        if urgent {
            self.cancel_response(Cancelled::TurnDetected);
            self.withdraw_unsent();
            self.wanted_fixed = emergency;
        }
        if urgent || turn.respond && !text.is_empty() {
            self.wanted_turn = Some(WantedTurn::of(turn));
        } else {
            self.expect_no_answer();
        }
        self.answer_if_ready();
    }

    /// A response the client asked for may be waiting for these words; returns whether one was.
    fn give_to_waiting_response(&mut self, turn: &Awaited, worded: bool, emergency: Option<&String>) -> bool {
        let Some(response) = &mut self.response else {
            return false;
        };
        if response.generation != Generation::Waiting {
            return false;
        }
        if let Some(sentence) = emergency {
            response.wish.source = Source::Fixed {
                text: sentence.clone(),
                tag: None,
            };
        }
        response.unworded &= !worded;
        response.clock = turn.clock.clone();
        self.generate_if_ready();
        true
    }

    fn set_transcript(&mut self, item_id: &str, text: &str) {
        if let Some(entry) = self.items.get_mut(item_id)
            && let ItemBody::Message { content, .. } = &mut entry.item.body
        {
            for part in content {
                if let ContentPart::InputAudio { transcript, .. } = part {
                    *transcript = Some(text.to_owned());
                }
            }
        }
    }

    /// Reports an emergency the first time the patient tells of it; returns what must be said.
    pub(crate) fn find_red_flag(&mut self, text: &str) -> Option<String> {
        let found = self.safety.red_flags.find(text)?;
        if self.escalated.contains(&found.id) {
            return None;
        }
        self.escalated.insert(found.id.clone());
        self.tell_escalation(found.reason, found.matched);
        Some(self.safety.emergency_sentence.clone())
    }

    /// Reports an emergency that only the model could see: the answer to a question about danger. No words of the
    /// patient's tell it, so none are quoted.
    pub(crate) fn report_model_escalation(&mut self, tag: &str) {
        if let Some(reason) = tag.strip_prefix(ESCALATION_TAG)
            && self.escalated.insert(tag.to_owned())
        {
            self.tell_escalation(reason.to_owned(), String::new());
        }
    }

    fn on_transcript_failed(&mut self, id: UtteranceId, attempt: u32, fault: &StageFault) {
        if let Some(utterance) = &mut self.patient.utterance
            && utterance.id == id
        {
            if utterance.attempt != attempt {
                return;
            }
            if utterance.announced {
                utterance.preparation_failed = true;
            } else {
                self.dismiss_utterance();
            }
            return;
        }
        let Some(turn) = self.take_awaited(id, attempt) else {
            return;
        };
        self.tell_transcript_failed(turn.item_id.clone(), fault);
        self.set_transcript(&turn.item_id, "");
        if self.is_transcription_only() {
            return;
        }
        let apology = phrases::UNHEARD.to_owned();
        if self.give_to_waiting_response(&turn, true, Some(&apology)) {
            return;
        }
        self.drop_interrupted();
        if turn.respond {
            self.wanted_fixed.get_or_insert(apology);
            self.wanted_turn = Some(WantedTurn::of(turn));
        }
        self.answer_if_ready();
    }

    /// Sets the deadline of the oldest text that is owed.
    pub(crate) fn watch_transcripts(&mut self) {
        match self.patient.awaited.front() {
            Some(oldest) => {
                let allowed = self.timing.transcript + TRANSCRIPT_PER_SECOND.mul_f64(oldest.seconds);
                self.timers.set(Timer::TranscriptOverdue, oldest.since + allowed);
            }
            None => self.timers.stop(Timer::TranscriptOverdue),
        }
    }

    pub(crate) fn on_transcript_overdue(&mut self) {
        let Some(oldest) = self.patient.awaited.front() else {
            return;
        };
        let (utterance, attempt) = (oldest.utterance, oldest.attempt);
        self.out
            .push_back(Output::Transcribe(TranscribeCommand::Cancel { utterance }));
        let fault = StageFault {
            provider: "transcriber",
            kind: FaultKind::Timeout,
        };
        self.on_transcript_failed(utterance, attempt, &fault);
    }
}
