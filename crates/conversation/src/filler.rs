//! A few words that bridge a silence: once a turn, and only while nothing of the answer was spoken.
//!
//! They are the beginning of the response that will answer, which is begun for them if it waits for the patient's words
//! or for functions.

use bedside_protocol::OutputModality;

use crate::Conversation;
use crate::calls::Batch;
use crate::metrics::TurnClock;
use crate::phrases;
use crate::response::Generation;
use crate::timers::Timer;
use crate::wish::Source;

/// While a sound may be the patient speaking, the filler waits for so long.
const UNCLEAR: std::time::Duration = std::time::Duration::from_millis(500);

impl Conversation {
    /// The patient is to be answered from now on.
    pub(crate) fn expect_answer(&mut self) {
        self.broke_silence = false;
        self.timers
            .set(Timer::SilenceTooLong, self.now + self.timing.silence);
    }

    /// The patient is not answered after all.
    pub(crate) fn expect_no_answer(&mut self) {
        if self.response.is_none() && self.patient.awaited.is_empty() && self.tools.is_empty() {
            self.timers.stop(Timer::SilenceTooLong);
        }
    }

    /// Functions are running.
    pub(crate) fn bridge_tools(&mut self) {
        if !self.broke_silence && !self.has_said_something() {
            self.timers
                .set(Timer::SilenceTooLong, self.now + self.timing.tool_silence);
        }
    }

    /// Something of ours is heard or read.
    pub(crate) fn silence_is_broken(&mut self) {
        self.broke_silence = true;
        self.timers.stop(Timer::SilenceTooLong);
    }

    pub(crate) fn on_silence_too_long(&mut self) {
        if self.broke_silence || self.away || self.ending || self.is_transcription_only() {
            return;
        }
        if self.patient.utterance.is_some() {
            // If it is speech, the end of the turn will tell anew.
            self.timers.set(Timer::SilenceTooLong, self.now + UNCLEAR);
            return;
        }
        let spoken = self.config.output_modality == OutputModality::Audio;
        match &self.response {
            Some(response)
                if response.generation == Generation::Over
                    || response.wish.modality != OutputModality::Audio
                    || response.wish.detached =>
            {
                return;
            }
            Some(_) => {}
            None if !spoken || self.wanted_fixed.is_some() => return,
            None => {
                let awaited = self.patient.awaited.iter().any(|turn| turn.respond);
                if awaited || self.wanted_turn.is_some() {
                    self.begin_before_words();
                } else if let Some(batch) = self.tools.latest() {
                    self.begin_after(batch);
                } else {
                    return;
                }
            }
        }
        self.fill_silence();
    }

    /// Begins the answer to words that are still being transcribed.
    fn begin_before_words(&mut self) {
        let unworded = self.wanted_turn.is_none();
        let wish = self.default_wish(Source::Model);
        self.begin_at_once(wish);
        if let Some(response) = &mut self.response {
            response.unworded = unworded;
        }
    }

    /// Begins the answer that tells what functions return.
    fn begin_after(&mut self, batch: Batch) {
        let mut wish = self.next_round();
        wish.after = Some(batch);
        self.begin(wish, TurnClock::default(), None);
    }

    fn fill_silence(&mut self) {
        let Some(response) = &self.response else { return };
        if response.message.is_none() {
            self.open_message();
        }
        let text = phrases::ONE_MOMENT;
        let Some((message, spoken)) = self.saying_and_spoken() else {
            return;
        };
        if message.fill(text)
            && let Some(spoken) = spoken
        {
            spoken.text.insert_str(0, text);
            spoken.filler = text.len();
        }
        self.broke_silence = true;
        self.speak_on();
    }
}
