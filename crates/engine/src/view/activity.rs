//! What goes on between patient and assistant, told by the events the client gets.

use bedside_protocol::ServerEventKind as Event;

/// What goes on in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// The patient speaks.
    Listening,
    /// An answer is being made, or the words for it recognised.
    Thinking,
    /// An answer is playing.
    Speaking,
}

impl Activity {
    /// A name for operators.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Listening => "listening",
            Self::Thinking => "thinking",
            Self::Speaking => "speaking",
        }
    }
}

/// Who is at it. A patient who speaks over an answer is listened to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Talk {
    patient_speaks: bool,
    answer_made: bool,
    answer_plays: bool,
}

impl Talk {
    /// Takes note of an event.
    pub(crate) fn note(&mut self, event: &Event) {
        match event {
            Event::InputAudioBufferSpeechStarted { .. } => self.patient_speaks = true,
            Event::InputAudioBufferSpeechStopped { .. }
            | Event::InputAudioBufferCommitted { .. }
            | Event::InputAudioBufferCleared {} => self.patient_speaks = false,
            Event::ResponseCreated { .. } => self.answer_made = true,
            Event::ResponseDone { .. } => self.answer_made = false,
            Event::OutputAudioBufferStarted { .. } => self.answer_plays = true,
            Event::OutputAudioBufferStopped { .. } | Event::OutputAudioBufferCleared { .. } => {
                self.answer_plays = false;
            }
            _ => {}
        }
    }

    /// What goes on, given whether words are being recognised.
    pub(crate) fn activity(self, recognising: bool) -> Activity {
        if self.patient_speaks {
            Activity::Listening
        } else if self.answer_plays {
            Activity::Speaking
        } else if self.answer_made || recognising {
            Activity::Thinking
        } else {
            Activity::Idle
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_goes_from_listening_over_thinking_to_speaking() {
        let mut talk = Talk::default();
        let mut after = |event: Event, recognising| {
            talk.note(&event);
            talk.activity(recognising)
        };
        let id = || "x".to_owned();
        let started = || Event::InputAudioBufferSpeechStarted {
            audio_start_ms: 0,
            item_id: id(),
        };
        let stopped = Event::InputAudioBufferSpeechStopped {
            audio_end_ms: 9,
            item_id: id(),
        };
        let plays = Event::OutputAudioBufferStarted { response_id: id() };
        let cleared = Event::OutputAudioBufferCleared { response_id: id() };
        assert_eq!(after(started(), true), Activity::Listening);
        assert_eq!(after(stopped, true), Activity::Thinking);
        assert_eq!(after(plays, false), Activity::Speaking);
        assert_eq!(after(started(), true), Activity::Listening);
        assert_eq!(after(cleared, true), Activity::Listening);
        assert_eq!(after(Event::InputAudioBufferCleared {}, false), Activity::Idle);
    }
}
