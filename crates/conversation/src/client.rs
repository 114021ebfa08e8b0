//! What the client asks for.

use std::time::Duration;

use bedside_protocol::{
    ClientEvent, ClientEventKind, ContentPart, ErrorCode, Item, ItemBody, ItemStatus, NewItem,
    ResponseParams, Role, SessionPatch, SessionType,
};

use crate::Conversation;
use crate::items::{NotAdded, Place};
use crate::response::Cancelled;

/// A request that cannot be done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) param: Option<&'static str>,
    pub(crate) message: &'static str,
}

pub(crate) const fn refuse(code: ErrorCode, param: Option<&'static str>, message: &'static str) -> Refusal {
    Refusal { code, param, message }
}

pub(crate) const NO_SUCH_ITEM: &str = "The conversation has no item with this id.";

impl Conversation {
    pub(crate) fn on_client(&mut self, event: ClientEvent) {
        let ClientEvent { event_id, kind } = event;
        let result = match kind {
            ClientEventKind::SessionUpdate { session } => {
                self.update_session(&session, event_id);
                return;
            }
            // The shell feeds the audio to the bus and reports how far it reaches.
            ClientEventKind::InputAudioBufferAppend { .. }
            | ClientEventKind::InputVideoBufferAppend { .. } => Ok(()),
            ClientEventKind::InputAudioBufferCommit {} => self.commit_for_client(),
            ClientEventKind::InputAudioBufferClear {} => {
                self.clear_input();
                Ok(())
            }
            ClientEventKind::ConversationItemCreate {
                previous_item_id,
                item,
            } => self.create_item(previous_item_id.as_deref(), item),
            ClientEventKind::ConversationItemRetrieve { item_id } => self.retrieve_item(&item_id),
            ClientEventKind::ConversationItemTruncate {
                item_id,
                content_index,
                audio_end_ms,
            } => self.truncate_item(&item_id, content_index, audio_end_ms),
            ClientEventKind::ConversationItemDelete { item_id } => self.delete_item(item_id),
            ClientEventKind::ResponseCreate { response } => self.create_response(*response),
            ClientEventKind::ResponseCancel { response_id } => self.cancel_for_client(response_id.as_deref()),
            ClientEventKind::OutputAudioBufferClear {} => {
                self.clear_output();
                Ok(())
            }
        };
        if let Err(refusal) = result {
            self.tell_refusal(&refusal, event_id);
        }
    }

    fn update_session(&mut self, patch: &SessionPatch, event_id: Option<String>) {
        let mut next = self.config.clone();
        if let Err(field) = next.apply(patch) {
            self.tell_invalid_field(field, event_id);
            return;
        }
        if next.bedside.vitals.enabled && !self.vitals_offered {
            let message = "This server reads no vital signs from video.";
            let refusal = refuse(
                ErrorCode::UnsupportedParameter,
                Some("session.bedside.vitals.enabled"),
                message,
            );
            self.tell_refusal(&refusal, event_id);
            return;
        }
        let begun = self.items.last_id().is_some() || self.response.is_some();
        if next.kind != self.config.kind && begun {
            let message = "The type of a session cannot change once its conversation has begun.";
            let refusal = refuse(ErrorCode::CannotUpdateSessionType, Some("session.type"), message);
            self.tell_refusal(&refusal, event_id);
            return;
        }
        if next.output.voice != self.config.output.voice && self.items.spoken().next().is_some() {
            let message = "The voice cannot change once the session has spoken.";
            let refusal = refuse(
                ErrorCode::CannotUpdateVoice,
                Some("session.audio.output.voice"),
                message,
            );
            self.tell_refusal(&refusal, event_id);
            return;
        }
        self.config = next;
        self.discard_speculation();
        if self.turn_taking().is_none() && self.patient.utterance.is_some() {
            self.drop_utterance();
        }
        self.configure();
        self.tell_session_updated();
        if let Some(vitals) = patch.bedside.as_ref().and_then(|bedside| bedside.vitals.as_ref()) {
            self.on_vitals_patch(vitals);
        }
        self.restart_idle_timer();
    }

    fn commit_for_client(&mut self) -> Result<(), Refusal> {
        if self.commit_buffer() {
            return Ok(());
        }
        let message = "The input audio buffer holds less than 100 ms of audio.";
        Err(refuse(ErrorCode::InputAudioBufferCommitEmpty, None, message))
    }

    fn clear_input(&mut self) {
        if self.patient.utterance.is_some() {
            self.drop_utterance();
        }
        self.patient.buffer_start = self.patient.received;
        self.tell_input_cleared();
        self.answer_if_ready();
    }

    fn create_item(&mut self, previous: Option<&str>, new: NewItem) -> Result<(), Refusal> {
        if let ItemBody::Message {
            role: Role::User,
            content,
        } = &new.body
            && content
                .iter()
                .any(|part| matches!(part, ContentPart::InputAudio { transcript: None, .. }))
        {
            let message =
                "Audio is taken through the input audio buffer; an item's audio needs its transcript.";
            return Err(refuse(
                ErrorCode::UnsupportedParameter,
                Some("item.content"),
                message,
            ));
        }
        if let ItemBody::FunctionCallOutput { call_id, .. } = &new.body
            && self.answers_call(call_id)
        {
            let message = "This call is answered by the server.";
            return Err(refuse(ErrorCode::InvalidValue, Some("item.call_id"), message));
        }
        let place = match previous {
            None => Place::Last,
            Some("root") => Place::First,
            Some(id) => Place::After(id),
        };
        let item = Item {
            id: new.id.unwrap_or_else(|| self.ids.item()),
            status: ItemStatus::Completed,
            body: new.body,
        };
        match self.items.insert(item.clone(), None, place) {
            Ok(previous) => {
                self.discard_speculation();
                self.tell_item_added(item.clone(), previous.clone());
                self.tell_item_done(item.clone(), previous);
                self.read_for_red_flags(&item);
                Ok(())
            }
            Err(NotAdded::Duplicate) => {
                let message = "The conversation has an item with this id already.";
                Err(refuse(ErrorCode::ItemAlreadyExists, Some("item.id"), message))
            }
            Err(NotAdded::NoSuchPredecessor) => Err(refuse(
                ErrorCode::ItemNotFound,
                Some("previous_item_id"),
                NO_SUCH_ITEM,
            )),
            Err(NotAdded::Full) => Err(refuse(
                ErrorCode::InvalidValue,
                None,
                "The conversation holds as many items as it may.",
            )),
        }
    }

    /// What the patient types is as urgent as what is said. The answer to it, when the client asks for one, is fixed.
    fn read_for_red_flags(&mut self, item: &Item) {
        let ItemBody::Message {
            role: Role::User,
            content,
        } = &item.body
        else {
            return;
        };
        for part in content {
            if let ContentPart::InputText { text } = part
                && let Some(sentence) = self.find_red_flag(text)
            {
                self.wanted_fixed = Some(sentence);
            }
        }
    }

    fn retrieve_item(&mut self, id: &str) -> Result<(), Refusal> {
        let Some(entry) = self.items.get(id) else {
            return Err(refuse(ErrorCode::ItemNotFound, Some("item_id"), NO_SUCH_ITEM));
        };
        let item = entry.item.clone();
        self.tell_item_retrieved(item);
        Ok(())
    }

    fn delete_item(&mut self, id: String) -> Result<(), Refusal> {
        let Some(entry) = self.items.remove(&id) else {
            return Err(refuse(ErrorCode::ItemNotFound, Some("item_id"), NO_SUCH_ITEM));
        };
        self.discard_speculation();
        self.tell_item_deleted(id);
        if let ItemBody::FunctionCall { call_id, .. } = &entry.item.body {
            self.forget_call(call_id);
        }
        Ok(())
    }

    /// The client knows best what was played; its word replaces the ledger's estimate.
    fn truncate_item(&mut self, id: &str, content_index: u32, audio_end_ms: u64) -> Result<(), Refusal> {
        if self.items.get(id).is_none() {
            return Err(refuse(ErrorCode::ItemNotFound, Some("item_id"), NO_SUCH_ITEM));
        }
        let heard = Duration::from_millis(audio_end_ms);
        let Some(ledger) = self.ledger_mut(id) else {
            let message = "Only what the assistant spoke can be truncated.";
            return Err(refuse(ErrorCode::ItemNotTruncatable, Some("item_id"), message));
        };
        if content_index != 0 {
            let message = "The item's audio is its part 0.";
            return Err(refuse(ErrorCode::InvalidValue, Some("content_index"), message));
        }
        // Clients round up to a whole millisecond.
        if heard > ledger.sent() + Duration::from_millis(1) {
            let message = "The item's audio is shorter than this.";
            return Err(refuse(ErrorCode::InvalidValue, Some("audio_end_ms"), message));
        }
        if self
            .response
            .as_ref()
            .and_then(|r| r.message.as_ref())
            .is_some_and(|m| m.item_id == id)
        {
            self.cancel_response(Cancelled::Client);
        }
        let latest = self
            .items
            .spoken()
            .next()
            .is_some_and(|entry| entry.item.id == id);
        if latest {
            self.clear_playback();
        }
        self.discard_speculation();
        self.fix_heard(id, heard);
        self.answer_if_ready();
        Ok(())
    }

    fn create_response(&mut self, params: ResponseParams) -> Result<(), Refusal> {
        if self.is_transcription_only() {
            let message = "A transcription session gives no responses.";
            return Err(refuse(ErrorCode::InvalidSessionType, None, message));
        }
        if self.response.is_some() {
            let message = "The conversation has an active response already.";
            return Err(refuse(
                ErrorCode::ConversationAlreadyHasActiveResponse,
                None,
                message,
            ));
        }
        let wish = self.wish_of(params)?;
        self.begin_for_client(wish);
        Ok(())
    }

    fn cancel_for_client(&mut self, id: Option<&str>) -> Result<(), Refusal> {
        let active = self
            .response
            .as_ref()
            .is_some_and(|r| id.is_none_or(|id| r.id == id));
        if !active {
            let message = "There is no such active response.";
            return Err(refuse(ErrorCode::ResponseCancelNotActive, None, message));
        }
        self.wanted_resume = None;
        self.cancel_response(Cancelled::Client);
        self.withdraw_unsent();
        self.watch_playback();
        self.answer_if_ready();
        Ok(())
    }

    fn clear_output(&mut self) {
        self.cancel_response(Cancelled::Client);
        self.drop_unplayed();
    }

    pub(crate) fn is_transcription_only(&self) -> bool {
        self.config.kind == SessionType::Transcription
    }
}
