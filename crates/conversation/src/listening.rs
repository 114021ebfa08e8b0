//! Hearing the patient: from speech detection to a committed turn.

use std::time::Duration;

use bedside_protocol::{ContentPart, Item, ItemBody, ItemStatus, Role};

use crate::Conversation;
use crate::io::{Output, TranscribeCommand, UtteranceId};
use crate::items::Place;
use crate::metrics::TurnClock;
use crate::time::AudioPos;
use crate::timers::Timer;
use crate::turn::backchannel::is_backchannel;
use crate::turn::endpoint::{Endpointing, Judgement, LIKELY_END_MS};
use crate::turn::gate::{Heard, Stretch};
use crate::turn::patient::{Awaited, Utterance};

/// Speech over an answer counts as an interruption once this much of it was voiced; a cough is shorter. Until then the
/// answer only pauses, and a sound that ends before is judged by its words.
const INTERRUPTION_MS: u64 = 250;

/// After this much silence an answer goes on even if the words of a short sound over it are not known yet.
const UNCLEAR_SOUND_MS: u64 = 700;

/// An answer is held back by an unclear sound for at most this long, whatever arrives: longer than the sound and the
/// silence after it can be, if audio still comes.
const HELD_BACK: Duration = Duration::from_millis(1_500);

/// What a frozen process needs to read what waited.
const MOMENT: Duration = Duration::from_millis(200);

/// The least audio `input_audio_buffer.commit` accepts, as the standard API does.
pub(crate) const MIN_COMMIT_MS: u64 = 100;

/// How the patient's turns are found, as the session is configured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TurnTaking {
    pub(crate) endpointing: Endpointing,
    pub(crate) threshold: f32,
    pub(crate) prefix_ms: u64,
    pub(crate) create_response: bool,
    pub(crate) interrupt_response: bool,
    pub(crate) idle_ms: Option<u64>,
}

impl Conversation {
    pub(crate) fn on_speech(&mut self, end: AudioPos, probability: f32) {
        let Some(turns) = self.turn_taking() else { return };
        match self.patient.gate.window(end, probability, turns.threshold) {
            Heard::Quiet => {}
            Heard::Onset(stretch) => self.on_onset(stretch, turns),
            Heard::Voiced(stretch) => self.on_voiced(stretch),
            Heard::Silent { stretch, silence_ms } => self.on_silence(stretch, silence_ms, end, turns),
        }
    }

    fn on_onset(&mut self, stretch: Stretch, turns: TurnTaking) {
        let id = self.patient.next_utterance();
        let from = stretch.onset.back(turns.prefix_ms).max(self.patient.buffer_start);
        let item_id = self.ids.item();
        self.patient.utterance = Some(Utterance::new(id, item_id, from, stretch));
        self.timers.stop(Timer::PatientIdle);
        self.out.push_back(Output::Transcribe(TranscribeCommand::Start {
            utterance: id,
            from,
        }));
        if turns.interrupt_response && self.is_answering() {
            self.outbox.set_paused(true);
            self.timers.set(Timer::SoundUnclear, self.now + HELD_BACK);
        } else {
            self.announce();
        }
    }

    fn on_voiced(&mut self, stretch: Stretch) {
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        utterance.stretch = stretch;
        let goes_on = utterance.likely_end.is_some();
        let interrupts = !utterance.announced && stretch.voiced_ms() >= INTERRUPTION_MS;
        if goes_on {
            utterance.resume();
            self.discard_speculation();
        }
        if interrupts {
            self.announce();
            self.interrupt();
        }
    }

    fn on_silence(&mut self, stretch: Stretch, silence_ms: u64, end: AudioPos, turns: TurnTaking) {
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        utterance.stretch = stretch;
        if !utterance.announced {
            let asked = utterance.likely_end.is_some();
            if silence_ms < LIKELY_END_MS {
                return;
            }
            if self.is_answering() {
                if !asked {
                    self.prepare_end(end, turns);
                } else if silence_ms >= UNCLEAR_SOUND_MS {
                    self.dismiss_utterance();
                }
                return;
            }
            // The answer has ended meanwhile: a short word over its last syllable is a reply, not a cough.
            self.announce();
        }
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        if utterance.likely_end.is_none() && silence_ms >= turns.endpointing.likely_end_ms() {
            self.prepare_end(end, turns);
        }
        // The wait is as long as the windows make it: up to one window more than was asked for.
        self.end_turn_if_silent(turns, silence_ms);
    }

    /// The words of a short sound over an answer are known: "stop" interrupts it, a cough or "mm-hm" does not.
    pub(crate) fn judge_short_sound(&mut self, text: &str) {
        if is_backchannel(text) {
            self.dismiss_utterance();
        } else {
            self.announce();
            self.interrupt();
        }
    }

    /// A false interruption: the answer goes on where it paused, and the patient's sound is forgotten.
    pub(crate) fn dismiss_utterance(&mut self) {
        if let Some(utterance) = self.patient.utterance.take() {
            self.out.push_back(Output::Transcribe(TranscribeCommand::Cancel {
                utterance: utterance.id,
            }));
        }
        self.patient.gate.close();
        self.outbox.set_paused(false);
        self.timers.stop(Timer::SoundUnclear);
        self.restart_idle_timer();
    }

    /// Neither more sound nor silence has settled what it was. If the client has stopped sending, the answer goes on;
    /// audio that waited while the process was frozen is given a moment to be read first.
    pub(crate) fn on_sound_unclear(&mut self) {
        let received = self.patient.received;
        let Some(utterance) = self.patient.utterance.as_mut().filter(|u| !u.announced) else {
            return;
        };
        if utterance.silent_since.replace(received) == Some(received) {
            self.dismiss_utterance();
        } else {
            self.timers.set(Timer::SoundUnclear, self.now + MOMENT);
        }
    }

    /// Forgets an utterance the client does not want (`input_audio_buffer.clear`, or turn detection switched off).
    pub(crate) fn drop_utterance(&mut self) {
        self.discard_speculation();
        self.dismiss_utterance();
    }

    /// Tells the client that the patient speaks.
    fn announce(&mut self) {
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        utterance.announced = true;
        self.timers.stop(Timer::SoundUnclear);
        let (item_id, from) = (utterance.item_id.clone(), utterance.from);
        self.do_not_end();
        self.tell_speech_started(item_id, from.as_millis());
    }

    /// The turn has likely ended: asks for the final text and for the end-of-turn judgement.
    fn prepare_end(&mut self, to: AudioPos, turns: TurnTaking) {
        let now = self.now;
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        utterance.attempt += 1;
        utterance.likely_end = Some(to);
        utterance.clock.asks_for_text(now);
        utterance.clock.voiced = Some(self.patient.arrivals.at(utterance.stretch.last_voiced, now));
        let (id, attempt, from) = (utterance.id, utterance.attempt, utterance.from);
        self.out.push_back(Output::Transcribe(TranscribeCommand::Finish {
            utterance: id,
            attempt,
            to,
        }));
        if turns.endpointing.asks_judge() {
            self.out.push_back(Output::JudgeTurn {
                utterance: id,
                from,
                to,
            });
        }
    }

    pub(crate) fn on_turn_judged(
        &mut self,
        id: UtteranceId,
        at: AudioPos,
        judgement: Judgement,
        busy: Duration,
    ) {
        let Some(turns) = self.turn_taking() else { return };
        // A judgement of an earlier pause says nothing about this one.
        let asked = |u: &&mut Utterance| u.id == id && u.likely_end == Some(at);
        let Some(utterance) = self.patient.utterance.as_mut().filter(asked) else {
            return;
        };
        utterance.judgement = judgement;
        utterance.clock.judge_busy = busy;
        let last_voiced = utterance.stretch.last_voiced;
        // What came after the question was spent waiting for the model, not for the patient.
        let asked_after = AudioPos::from_samples(at - last_voiced).as_millis();
        self.end_turn_if_silent(turns, asked_after);
    }

    /// Ends the turn if there has been silence enough; `waited_ms` of it were waited for on purpose.
    fn end_turn_if_silent(&mut self, turns: TurnTaking, waited_ms: u64) {
        let silence_ms = self.patient.silence_ms();
        let Some(utterance) = &mut self.patient.utterance else {
            return;
        };
        let required = turns.endpointing.required_silence_ms(utterance.judgement);
        if utterance.announced && utterance.likely_end.is_some() && silence_ms >= required {
            utterance.clock.waited = Duration::from_millis(waited_ms);
            self.end_turn(turns);
        }
    }

    /// The patient's turn is over.
    fn end_turn(&mut self, turns: TurnTaking) {
        let to = self.patient.gate.position();
        self.patient.gate.close();
        let Some(mut utterance) = self.patient.utterance.take() else {
            return;
        };
        TurnClock::mark(&mut utterance.clock.end_of_turn, self.now);
        self.tell_speech_stopped(utterance.item_id.clone(), to.as_millis());
        self.commit(utterance, to, turns.create_response);
    }

    /// `input_audio_buffer.commit`: whatever is in the buffer becomes a turn. Returns `false` if that is too little.
    pub(crate) fn commit_buffer(&mut self) -> bool {
        let to = self.patient.received;
        let from = self.patient.buffer_start;
        if AudioPos::from_samples(to - from).as_millis() < MIN_COMMIT_MS {
            return false;
        }
        let utterance = if let Some(mut open) = self.patient.utterance.take() {
            self.discard_speculation();
            self.patient.gate.close();
            self.outbox.set_paused(false);
            open.resume();
            open
        } else {
            let id = self.patient.next_utterance();
            self.out.push_back(Output::Transcribe(TranscribeCommand::Start {
                utterance: id,
                from,
            }));
            let stretch = Stretch {
                onset: from,
                last_voiced: to,
                voiced: to - from,
            };
            Utterance::new(id, self.ids.item(), from, stretch)
        };
        self.commit(utterance, to, false);
        true
    }

    /// Makes an item of an utterance, and awaits its text.
    fn commit(&mut self, mut utterance: Utterance, to: AudioPos, respond: bool) {
        if utterance.likely_end.is_none() || utterance.preparation_failed {
            utterance.attempt += 1;
            let voiced = self.patient.arrivals.at(utterance.stretch.last_voiced, self.now);
            TurnClock::mark(&mut utterance.clock.voiced, voiced);
            TurnClock::mark(&mut utterance.clock.end_of_turn, self.now);
            utterance.clock.asks_for_text(self.now);
            let (id, attempt) = (utterance.id, utterance.attempt);
            self.out.push_back(Output::Transcribe(TranscribeCommand::Finish {
                utterance: id,
                attempt,
                to,
            }));
        }
        self.patient.buffer_start = to;
        let content = vec![ContentPart::InputAudio {
            audio: None,
            transcript: None,
        }];
        let item = Item {
            id: utterance.item_id.clone(),
            status: ItemStatus::Completed,
            body: ItemBody::Message {
                role: Role::User,
                content,
            },
        };
        let previous = self.items.last_id().map(str::to_owned);
        self.tell_committed(utterance.item_id.clone(), previous);
        if !self.add_item(item, Place::Last) {
            // The conversation is as long as it may be; the client has been told.
            self.out.push_back(Output::Transcribe(TranscribeCommand::Cancel {
                utterance: utterance.id,
            }));
            return;
        }
        if respond {
            self.expect_answer();
        }
        let seconds = (to - utterance.from) as f64 / AudioPos::RATE as f64;
        self.patient.awaited.push_back(Awaited {
            utterance: utterance.id,
            attempt: utterance.attempt,
            item_id: utterance.item_id,
            seconds,
            since: self.now,
            respond,
            stable: utterance.stable,
            clock: utterance.clock,
        });
        match utterance.text {
            Some(text) => self.on_final(utterance.id, utterance.attempt, &text),
            None => self.watch_transcripts(),
        }
    }
}
