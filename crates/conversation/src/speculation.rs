//! An answer begun on a likely end of turn, before it is sure that the patient has finished.

use crate::Conversation;
use crate::context::{Message, ModelEvent};
use crate::io::{GenerationId, Output, StageFault, UtteranceId};
use crate::turn::backchannel::is_backchannel;
use crate::wish::Source;

/// More events than this are not kept; the speculation is given up and the model asked again when the turn ends.
const MAX_EVENTS: usize = 256;

/// The generation begun for an utterance that may not be over.
#[derive(Debug)]
pub(crate) struct Speculation {
    utterance: UtteranceId,
    attempt: u32,
    generation: GenerationId,
    events: Vec<ModelEvent>,
}

/// A speculation whose turn did end.
#[derive(Debug)]
pub(crate) struct Adopted {
    pub(crate) generation: GenerationId,
    pub(crate) events: Vec<ModelEvent>,
}

impl Conversation {
    /// The text of a likely turn is known: lets the model begin, unless something else must be said first.
    pub(crate) fn speculate(&mut self, utterance: UtteranceId, attempt: u32, text: &str) {
        self.discard_speculation();
        let automatic = self.turn_taking().is_some_and(|turns| turns.create_response);
        let undisturbed = self.response.is_none() && self.patient.awaited.is_empty();
        let sensible =
            !text.is_empty() && !is_backchannel(text) && self.safety.red_flags.find(text).is_none();
        if !(automatic && undisturbed && sensible) || self.is_transcription_only() {
            return;
        }
        let mut request = self.default_wish(Source::Model).request;
        self.complete_request(&mut request);
        request.avoid.clone_from(&self.failed_speculating);
        match request.messages.last_mut() {
            Some(Message::User { text: before }) => {
                if !before.is_empty() {
                    before.push(' ');
                }
                before.push_str(text);
            }
            _ => request.messages.push(Message::User {
                text: text.to_owned(),
            }),
        }
        let generation = self.next_generation();
        self.out.push_back(Output::Generate {
            generation,
            request: Box::new(request),
        });
        self.speculation = Some(Speculation {
            utterance,
            attempt,
            generation,
            events: Vec::new(),
        });
    }

    /// The patient went on, or the answer must be another one.
    pub(crate) fn discard_speculation(&mut self) {
        if let Some(speculation) = self.speculation.take() {
            self.out
                .push_back(Output::CancelGeneration(speculation.generation));
        }
    }

    /// Keeps what the speculative model says. Returns `false` if the event is not of a speculation.
    pub(crate) fn on_speculative_event(
        &mut self,
        generation: GenerationId,
        event: Result<ModelEvent, StageFault>,
    ) -> bool {
        let Some(speculation) = &mut self.speculation else {
            return false;
        };
        if speculation.generation != generation {
            return false;
        }
        match event {
            Ok(event) if speculation.events.len() < MAX_EVENTS => speculation.events.push(event),
            Ok(_) => self.discard_speculation(),
            Err(fault) => {
                // The patient does not notice, but the answer need not wait for it again.
                if !self.failed_speculating.contains(&fault.provider) {
                    self.failed_speculating.push(fault.provider);
                }
                self.discard_speculation();
            }
        }
        true
    }

    /// The speculation made for exactly this turn, if there is one; any other is discarded.
    pub(crate) fn adopt_speculation(&mut self, utterance: UtteranceId, attempt: u32) -> Option<Adopted> {
        let matches = |s: &Speculation| s.utterance == utterance && s.attempt == attempt;
        if self.speculation.as_ref().is_some_and(matches) {
            let speculation = self.speculation.take()?;
            return Some(Adopted {
                generation: speculation.generation,
                events: speculation.events,
            });
        }
        self.discard_speculation();
        None
    }
}
