//! Telling the client: every server event the core sends is made here.

use std::time::Duration;

use bedside_protocol::{
    ClientError, ErrorCode, ErrorDetail, ErrorType, Escalation, InvalidField, Item, ServerEvent,
    ServerEventKind as Event, TranscriptionFault, TranscriptionUsage,
};

use crate::Conversation;
use crate::client::Refusal;
use crate::io::{Output, StageFault};
use crate::items::Place;

mod response;
pub(crate) mod vitals;

impl Conversation {
    pub(super) fn tell(&mut self, kind: Event) {
        let event_id = self.ids.event();
        self.out
            .push_back(Output::Send(Box::new(ServerEvent { kind, event_id })));
    }

    pub(crate) fn tell_session_created(&mut self) {
        let session = Box::new(self.config.resource(self.session_id(), self.expires_at));
        self.tell(Event::SessionCreated { session });
    }

    pub(crate) fn tell_session_updated(&mut self) {
        let session = Box::new(self.config.resource(self.session_id(), self.expires_at));
        self.tell(Event::SessionUpdated { session });
    }

    pub(crate) fn tell_error(&mut self, error: ErrorDetail) {
        self.tell(Event::Error { error });
    }

    pub(crate) fn tell_refusal(&mut self, refusal: &Refusal, event_id: Option<String>) {
        self.tell_error(ErrorDetail {
            kind: ErrorType::InvalidRequestError,
            code: Some(refusal.code),
            message: refusal.message.to_owned(),
            param: refusal.param.map(str::to_owned),
            event_id,
        });
    }

    pub(crate) fn tell_invalid_field(&mut self, field: InvalidField, event_id: Option<String>) {
        self.tell_error(ClientError::from_field(field, event_id).into());
    }

    pub(crate) fn tell_speech_started(&mut self, item_id: String, audio_start_ms: u64) {
        self.tell(Event::InputAudioBufferSpeechStarted {
            audio_start_ms,
            item_id,
        });
    }

    pub(crate) fn tell_speech_stopped(&mut self, item_id: String, audio_end_ms: u64) {
        self.tell(Event::InputAudioBufferSpeechStopped {
            audio_end_ms,
            item_id,
        });
    }

    pub(crate) fn tell_committed(&mut self, item_id: String, previous_item_id: Option<String>) {
        self.tell(Event::InputAudioBufferCommitted {
            previous_item_id,
            item_id,
        });
    }

    pub(crate) fn tell_input_cleared(&mut self) {
        self.tell(Event::InputAudioBufferCleared {});
    }

    pub(crate) fn tell_idle(&mut self, item_id: String, audio_start_ms: u64, audio_end_ms: u64) {
        self.tell(Event::InputAudioBufferTimeoutTriggered {
            audio_start_ms,
            audio_end_ms,
            item_id,
        });
    }

    pub(crate) fn tell_transcript_delta(&mut self, item_id: String, delta: String) {
        self.tell(Event::InputAudioTranscriptionDelta {
            item_id,
            content_index: 0,
            delta,
        });
    }

    pub(crate) fn tell_transcript_completed(&mut self, item_id: String, transcript: String, seconds: f64) {
        let usage = TranscriptionUsage::Duration { seconds };
        self.tell(Event::InputAudioTranscriptionCompleted {
            item_id,
            content_index: 0,
            transcript,
            usage,
        });
    }

    pub(crate) fn tell_transcript_failed(&mut self, item_id: String, fault: &StageFault) {
        let error = TranscriptionFault {
            kind: ErrorType::ServerError,
            code: ErrorCode::TranscriptionFailed,
            message: fault.to_string(),
            param: None,
        };
        self.tell(Event::InputAudioTranscriptionFailed {
            item_id,
            content_index: 0,
            error,
        });
    }

    pub(crate) fn tell_escalation(&mut self, reason: String, matched: String) {
        self.tell(Event::BedsideEscalation(Escalation { reason, matched }));
    }

    /// Adds a whole item to the conversation and tells the client. Returns `false` if it is full.
    pub(crate) fn add_item(&mut self, item: Item, place: Place<'_>) -> bool {
        let Ok(previous) = self.items.insert(item.clone(), None, place) else {
            self.tell_conversation_full();
            return false;
        };
        self.tell_item_added(item.clone(), previous.clone());
        self.tell_item_done(item, previous);
        true
    }

    pub(crate) fn tell_conversation_full(&mut self) {
        let message = "The conversation holds as many items as it may.";
        let code = ErrorCode::InvalidValue;
        self.tell_refusal(
            &Refusal {
                code,
                param: None,
                message,
            },
            None,
        );
    }

    pub(crate) fn tell_item_added(&mut self, item: Item, previous_item_id: Option<String>) {
        self.tell(Event::ConversationItemAdded {
            previous_item_id,
            item,
        });
    }

    pub(crate) fn tell_item_done(&mut self, item: Item, previous_item_id: Option<String>) {
        self.tell(Event::ConversationItemDone {
            previous_item_id,
            item,
        });
    }

    pub(crate) fn tell_item_retrieved(&mut self, item: Item) {
        self.tell(Event::ConversationItemRetrieved { item });
    }

    pub(crate) fn tell_item_deleted(&mut self, item_id: String) {
        self.tell(Event::ConversationItemDeleted { item_id });
    }

    pub(crate) fn tell_truncated(&mut self, item_id: String, heard: Duration) {
        let audio_end_ms = heard.as_millis() as u64;
        self.tell(Event::ConversationItemTruncated {
            item_id,
            content_index: 0,
            audio_end_ms,
        });
    }

    /// Audio of a response begins; that of the one before has been played or never will be.
    pub(crate) fn tell_output_started(&mut self, response_id: String) {
        if let Some(before) = self.playing.replace(response_id.clone()) {
            self.tell_output_stopped(before);
        }
        self.tell(Event::OutputAudioBufferStarted { response_id });
    }

    pub(crate) fn tell_output_stopped(&mut self, response_id: String) {
        self.tell(Event::OutputAudioBufferStopped { response_id });
    }

    pub(crate) fn tell_output_cleared(&mut self) {
        if let Some(response_id) = self.playing.take() {
            self.tell(Event::OutputAudioBufferCleared { response_id });
        }
    }
}
