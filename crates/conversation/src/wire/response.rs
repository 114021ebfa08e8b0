//! Telling the client of a response: its parts, its items, its end.

use bedside_protocol::{
    ContentPart, ErrorCode, ErrorType, Item, ItemBody, ItemStatus, MaxOutputTokens, OutputModality,
    PartAddress, Response as Resource, ResponseAudio, ResponseAudioOutput, ResponseError, ResponsePart,
    ResponseStatus, ServerEventKind as Event, StatusDetails, StatusReason, TurnMetrics, TurnProviders, Usage,
};

use crate::Conversation;
use crate::context::Finish;
use crate::response::{Cancelled, Response};
use crate::saying::Saying;

impl Conversation {
    pub(crate) fn tell_response_created(&mut self, response: &Response) {
        let resource = self.resource(response, ResponseStatus::InProgress, None, Vec::new());
        self.tell(Event::ResponseCreated {
            response: Box::new(resource),
        });
    }

    pub(crate) fn tell_output_item_added(&mut self, response_id: String, output_index: u32, item: Item) {
        self.tell(Event::ResponseOutputItemAdded {
            response_id,
            output_index,
            item,
        });
    }

    pub(crate) fn tell_content_part_added(&mut self) {
        if let Some((at, message)) = self.part() {
            let part = message.part(String::new());
            self.tell(Event::ResponseContentPartAdded { at, part });
        }
    }

    pub(crate) fn tell_text_delta(&mut self, delta: String) {
        if let Some((at, _)) = self.part() {
            self.tell(Event::ResponseOutputTextDelta { at, delta });
        }
    }

    /// Shows the words of audio that is being sent.
    pub(crate) fn tell_words(&mut self, delta: String) {
        if let Some((at, _)) = self.part() {
            self.tell(Event::ResponseOutputAudioTranscriptDelta { at, delta });
        }
    }

    fn part(&self) -> Option<(PartAddress, &Saying)> {
        let response = self.response.as_ref()?;
        let message = response.message.as_ref()?;
        Some((message.address(&response.id), message))
    }

    pub(crate) fn tell_call_delta(&mut self, at: usize, delta: String) {
        let Some(response) = &self.response else { return };
        let Some(call) = response.calls.get(at) else {
            return;
        };
        let event = Event::ResponseFunctionCallArgumentsDelta {
            response_id: response.id.clone(),
            item_id: call.item_id.clone(),
            output_index: call.output_index,
            call_id: call.call_id.clone(),
            delta,
        };
        self.tell(event);
    }

    /// Ends the response's function calls that have not ended yet.
    pub(crate) fn tell_calls_over(&mut self, response: &mut Response, status: ItemStatus) {
        for call in response.calls.iter_mut().filter(|call| call.over.is_none()) {
            call.over = Some(status);
            if status == ItemStatus::Completed {
                self.tell(Event::ResponseFunctionCallArgumentsDone {
                    response_id: response.id.clone(),
                    item_id: call.item_id.clone(),
                    output_index: call.output_index,
                    call_id: call.call_id.clone(),
                    name: call.name.clone(),
                    arguments: call.arguments.clone(),
                });
            }
            self.tell_output_item_over(
                &response.id,
                response.wish.detached,
                call.output_index,
                call.item(status),
            );
        }
    }

    fn tell_output_item_over(&mut self, response_id: &str, detached: bool, output_index: u32, item: Item) {
        let done = Event::ResponseOutputItemDone {
            response_id: response_id.to_owned(),
            output_index,
            item: item.clone(),
        };
        self.tell(done);
        if detached {
            return;
        }
        let previous = self.items.previous_id(&item.id).map(str::to_owned);
        if let Some(entry) = self.items.get_mut(&item.id) {
            entry.item = item.clone();
            self.tell_item_done(item, previous);
        }
    }

    /// Ends a response: its parts, its items, itself, and the account of its turn.
    pub(crate) fn tell_response_over(&mut self, mut response: Response, cancelled: Option<Cancelled>) {
        let whole = cancelled.is_none() && response.fault.is_none() && response.finish == Finish::Stop;
        let item_status = if whole {
            ItemStatus::Completed
        } else {
            ItemStatus::Incomplete
        };
        self.tell_calls_over(&mut response, ItemStatus::Incomplete);
        let mut output: Vec<(u32, Item)> = Vec::with_capacity(response.output.len());
        if let Some(message) = &response.message {
            let item = message.item(item_status);
            self.tell_message_over(&response, message);
            self.tell_output_item_over(
                &response.id,
                response.wish.detached,
                message.output_index,
                item.clone(),
            );
            output.push((message.output_index, item));
        }
        output.extend(response.calls.iter().map(|call| {
            (
                call.output_index,
                call.item(call.over.unwrap_or(ItemStatus::Incomplete)),
            )
        }));
        output.sort_by_key(|(index, _)| *index);
        let (status, details) = outcome(&response, cancelled);
        let items = output.into_iter().map(|(_, item)| item).collect();
        let mut resource = self.resource(&response, status, details, items);
        let spent = std::mem::take(&mut self.spent_since);
        if let Some(usage) = &mut resource.usage {
            usage.bedside = spent.spending(&self.currency);
        }
        self.tell(Event::ResponseDone {
            response: Box::new(resource),
        });
        self.tell_metrics(&response);
    }

    fn tell_message_over(&mut self, response: &Response, message: &Saying) {
        let at = message.address(&response.id);
        let text = message.shown.clone();
        if message.epoch.is_some() {
            self.tell(Event::ResponseOutputAudioDone { at: at.clone() });
            self.tell(Event::ResponseOutputAudioTranscriptDone {
                at: at.clone(),
                transcript: text.clone(),
            });
        } else {
            self.tell(Event::ResponseOutputTextDone {
                at: at.clone(),
                text: text.clone(),
            });
        }
        self.tell(Event::ResponseContentPartDone {
            at,
            part: message.part(text),
        });
    }

    fn tell_metrics(&mut self, response: &Response) {
        let Some(voiced) = response.clock.voiced else {
            return;
        };
        self.measured_from = Some(voiced);
        let figures = response.clock.figures(self.back_at);
        let name = |provider: Option<&'static str>| provider.map(str::to_owned);
        self.tell(Event::BedsideTurnMetrics(TurnMetrics {
            response_id: response.id.clone(),
            end_of_turn: figures.end_of_turn,
            transcription_final: figures.transcription_final,
            model_first_token: figures.model_first_token,
            synthesis_first_audio: figures.synthesis_first_audio,
            first_audio_sent: figures.first_audio_sent,
            voice_to_voice: figures.voice_to_voice,
            wait_ms: figures.wait,
            models_ms: figures.models,
            engine_ms: figures.engine,
            providers: TurnProviders {
                transcription: name(response.clock.transcription_provider),
                model: figures.model_first_token.map(|_| {
                    response
                        .clock
                        .model_provider
                        .unwrap_or(self.model_name)
                        .to_owned()
                }),
                synthesis: name(response.clock.synthesis_provider),
            },
        }));
    }

    fn resource(
        &self,
        response: &Response,
        status: ResponseStatus,
        status_details: Option<StatusDetails>,
        output: Vec<Item>,
    ) -> Resource {
        let wish = &response.wish;
        let usage = response.usage;
        let over = status != ResponseStatus::InProgress;
        Resource {
            id: response.id.clone(),
            status,
            status_details,
            output,
            conversation_id: (!wish.detached).then(|| self.thread_id.clone()),
            output_modalities: wish.modality,
            max_output_tokens: wish
                .request
                .max_output_tokens
                .map_or(MaxOutputTokens::Unlimited, MaxOutputTokens::Limited),
            audio: match wish.modality {
                OutputModality::Audio => ResponseAudio {
                    output: ResponseAudioOutput {
                        format: Some(wish.format),
                        voice: Some(wish.voice.clone()),
                    },
                },
                OutputModality::Text => ResponseAudio::default(),
            },
            usage: over.then(|| {
                Usage::text(
                    usage.input_tokens.into(),
                    usage.cached_tokens.into(),
                    usage.output_tokens.into(),
                )
            }),
            metadata: wish.metadata.clone(),
        }
    }
}

impl Saying {
    fn address(&self, response_id: &str) -> PartAddress {
        PartAddress {
            response_id: response_id.to_owned(),
            item_id: self.item_id.clone(),
            output_index: self.output_index,
            content_index: 0,
        }
    }

    fn part(&self, text: String) -> ResponsePart {
        match self.epoch {
            Some(_) => ResponsePart::Audio { transcript: text },
            None => ResponsePart::Text { text },
        }
    }

    pub(crate) fn item(&self, status: ItemStatus) -> Item {
        let text = self.shown.clone();
        let part = match self.epoch {
            Some(_) => ContentPart::OutputAudio {
                audio: None,
                transcript: Some(text),
            },
            None => ContentPart::OutputText { text },
        };
        let body = ItemBody::Message {
            role: bedside_protocol::Role::Assistant,
            content: vec![part],
        };
        Item {
            id: self.item_id.clone(),
            status,
            body,
        }
    }
}

/// How a response ended, in the words of the wire.
fn outcome(response: &Response, cancelled: Option<Cancelled>) -> (ResponseStatus, Option<StatusDetails>) {
    let because = |kind, reason| {
        (
            kind,
            Some(StatusDetails {
                kind,
                reason: Some(reason),
                error: None,
            }),
        )
    };
    match (cancelled, &response.fault, response.finish) {
        (Some(Cancelled::TurnDetected), _, _) => {
            because(ResponseStatus::Cancelled, StatusReason::TurnDetected)
        }
        (Some(Cancelled::Client | Cancelled::ConnectionLost), _, _) => {
            because(ResponseStatus::Cancelled, StatusReason::ClientCancelled)
        }
        (None, Some(fault), _) => {
            let error = ResponseError {
                kind: ErrorType::ServerError,
                code: ErrorCode::ProviderFailed,
                message: fault.to_string(),
            };
            let kind = ResponseStatus::Failed;
            (
                kind,
                Some(StatusDetails {
                    kind,
                    reason: None,
                    error: Some(error),
                }),
            )
        }
        (None, None, Finish::Stop) => (ResponseStatus::Completed, None),
        (None, None, Finish::MaxTokens) => because(ResponseStatus::Incomplete, StatusReason::MaxOutputTokens),
        (None, None, Finish::ContentFilter) => {
            because(ResponseStatus::Incomplete, StatusReason::ContentFilter)
        }
    }
}
