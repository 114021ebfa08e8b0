//! An answer is cut off, by the patient or by a lost connection: stop at once, keep account of what was heard, and go on
//! if it was nothing.

use std::time::Duration;

use bedside_protocol::{ContentPart, ItemBody};

use crate::Conversation;
use crate::chunker::whole_words;
use crate::context::ModelEvent;
use crate::io::{GenerationId, Output, SpeakCommand};
use crate::response::{Cancelled, Generation, Response};
use crate::time::Time;
use crate::wish::Source;

/// The least unheard text worth going on with, in bytes.
const MIN_REMAINDER: usize = 2;

/// A model that writes on after an interruption is heard to this many bytes.
const MAX_WRITTEN: usize = 8_192;

/// An answer that was interrupted, kept until it is known what the patient said.
#[derive(Debug)]
pub(crate) struct Interrupted {
    item_id: String,
    pub(crate) why: Cancelled,
    /// The model, if it was still writing: it may go on, for the answer may be wanted after all.
    pub(crate) generation: Option<GenerationId>,
    /// What it wrote since.
    written: String,
    /// Whether all of the answer was written.
    whole: bool,
    tag: Option<String>,
}

impl Interrupted {
    /// An answer whose audio was all sent before the connection was found to be lost.
    pub(crate) fn by_loss(item_id: String, tag: Option<String>) -> Self {
        Self {
            item_id,
            why: Cancelled::ConnectionLost,
            generation: None,
            written: String::new(),
            whole: true,
            tag,
        }
    }
}

impl Conversation {
    /// Whether an answer is in progress or still playing, as of the last input.
    pub fn is_answering(&self) -> bool {
        self.response.is_some() || !self.playback.ahead(self.now).is_zero()
    }

    /// When the patient's last voiced sample had arrived of the turn whose times were told last.
    pub fn measured_from(&self) -> Option<Time> {
        self.measured_from
    }

    /// The patient means to interrupt.
    pub(crate) fn interrupt(&mut self) {
        self.cut_answer(Cancelled::TurnDetected);
    }

    /// Stops the answer for good, as far as the client is concerned.
    pub(crate) fn cut_answer(&mut self, why: Cancelled) {
        self.drop_interrupted();
        let unplayed = !self.playback.ahead(self.now).is_zero();
        let mut cut = self.items.unplayed(self.now);
        let message = self.response.as_ref().and_then(|r| r.message.as_ref());
        let spoken_item = match message {
            Some(message) => message.epoch.is_some().then(|| message.item_id.clone()),
            None => cut.last().cloned(),
        };
        let response = self.response.as_ref();
        // Of a response that has only filled the silence there is nothing to go on with.
        let begun = response.is_none_or(Response::has_begun);
        if let Some(item_id) = spoken_item.as_ref().filter(|_| begun) {
            let generation = response.and_then(Response::running);
            self.interrupted = Some(Interrupted {
                item_id: item_id.clone(),
                why,
                generation,
                written: String::new(),
                whole: generation.is_none(),
                tag: response.and_then(|r| r.tag.clone()),
            });
        }
        if why == Cancelled::ConnectionLost
            && response.is_some_and(|r| !r.has_begun() && r.wish.after.is_none())
        {
            // The answer is still owed.
            self.wanted_resume.get_or_insert(Source::Model);
        }
        if unplayed {
            self.tell_output_cleared();
        }
        self.cancel_response(why);
        cut.extend(spoken_item.filter(|item_id| !cut.contains(item_id)));
        for item_id in cut {
            self.truncate_to_heard(&item_id);
        }
        self.clear_playback();
    }

    /// Fixes what was heard of an item at what has been played by now, unless that is all of it.
    pub(crate) fn truncate_to_heard(&mut self, item_id: &str) {
        let now = self.now;
        let Some(ledger) = self.ledger_mut(item_id) else {
            return;
        };
        let heard = ledger.heard(now);
        if heard < ledger.sent() || ledger.sent().is_zero() {
            self.fix_heard(item_id, heard);
        }
    }

    /// Rules that `heard` of an item's audio was heard: its text is cut after the last whole word.
    pub(crate) fn fix_heard(&mut self, item_id: &str, heard: Duration) {
        let now = self.now;
        let Some(entry) = self.items.get_mut(item_id) else {
            return;
        };
        let Some(spoken) = &mut entry.spoken else { return };
        let Some(ledger) = &mut spoken.ledger else { return };
        ledger.cut_at(heard);
        let text = spoken.heard(now).to_owned();
        if let ItemBody::Message { content, .. } = &mut entry.item.body {
            for part in content {
                if let ContentPart::OutputAudio { transcript, .. } = part {
                    *transcript = Some(text.clone());
                }
            }
        }
        self.tell_truncated(item_id.to_owned(), heard);
    }

    /// Drops what is being generated and spoken, and reports the response as cancelled.
    pub(crate) fn cancel_response(&mut self, why: Cancelled) {
        let Some(mut response) = self.response.take() else {
            return;
        };
        if let Some(generation) = response.running()
            && self
                .interrupted
                .as_ref()
                .is_none_or(|i| i.generation != Some(generation))
        {
            self.out.push_back(Output::CancelGeneration(generation));
        }
        response.generation = Generation::Over;
        if why == Cancelled::Client {
            self.result_due &= !response.tells_results;
            if let Some(batch) = response.wish.after {
                self.cancel_tools(|other| other == batch);
            }
        }
        if let Some(epoch) = response.message.as_ref().and_then(|m| m.epoch) {
            self.out.push_back(Output::Speak(SpeakCommand::Cancel { epoch }));
        }
        self.outbox.close();
        self.stop_stage_timers();
        self.tell_response_over(response, Some(why));
    }

    /// The interruption was only a sound of listening: goes on with what was not heard. Returns `false` if there is
    /// nothing left to say.
    pub(crate) fn resume_interrupted(&mut self, sound_item: &str) -> bool {
        let by_patient = |interrupted: &mut Interrupted| interrupted.why == Cancelled::TurnDetected;
        let Some(interrupted) = self.interrupted.take_if(by_patient) else {
            return false;
        };
        if !self.go_on(interrupted) {
            return false;
        }
        if let Some(entry) = self.items.get_mut(sound_item) {
            entry.listening_sound = true;
        }
        self.answer_if_ready();
        true
    }

    /// Wants the rest of an answer said. Returns `false` if there is nothing left to say.
    pub(crate) fn go_on(&mut self, interrupted: Interrupted) -> bool {
        let rest = self.unheard(&interrupted);
        // A model that is still writing hands over what it has; the remainder of its text is not waited for.
        if let Some(generation) = interrupted.generation {
            self.out.push_back(Output::CancelGeneration(generation));
        }
        if rest.trim().len() < MIN_REMAINDER {
            return false;
        }
        self.wanted_resume = Some(Source::Fixed {
            text: rest,
            tag: interrupted.tag,
        });
        true
    }

    /// What the patient did not hear, from the beginning of the clause it broke off in.
    fn unheard(&self, interrupted: &Interrupted) -> String {
        let Some(entry) = self.items.get(&interrupted.item_id) else {
            return String::new();
        };
        let Some(spoken) = &entry.spoken else {
            return String::new();
        };
        let heard = spoken.heard(self.now);
        let clause = heard.rfind(['.', '!', '?', ',', ';', ':']).map_or(0, |at| at + 1);
        let from = if heard.trim_end().len() == clause {
            heard.len()
        } else {
            clause
        };
        let mut rest = spoken.text[from.max(spoken.filler)..].trim_start().to_owned();
        rest.push_str(&interrupted.written);
        if !interrupted.whole {
            rest.truncate(whole_words(&rest));
        }
        rest
    }

    /// Keeps what a model writes on after its answer was interrupted. Returns `false` if it is another's event.
    pub(crate) fn on_interrupted_event(
        &mut self,
        generation: GenerationId,
        event: Option<&ModelEvent>,
    ) -> bool {
        let Some(interrupted) = &mut self.interrupted else {
            return false;
        };
        if interrupted.generation != Some(generation) {
            return false;
        }
        match event {
            Some(ModelEvent::TextDelta(text)) if interrupted.written.len() < MAX_WRITTEN => {
                interrupted.written.push_str(text);
            }
            Some(ModelEvent::Tag(tag)) => interrupted.tag = Some(tag.clone()),
            Some(ModelEvent::Done { .. }) => {
                interrupted.generation = None;
                interrupted.whole = true;
            }
            None => interrupted.generation = None,
            Some(_) => {}
        }
        true
    }

    /// The interruption was meant: the rest of the answer is not wanted any more.
    pub(crate) fn drop_interrupted(&mut self) {
        if let Some(interrupted) = self.interrupted.take()
            && let Some(generation) = interrupted.generation
        {
            self.out.push_back(Output::CancelGeneration(generation));
        }
    }
}
