//! Making a response: when it may begin, what the model says, and how it ends.

use bedside_protocol::{Item, ItemBody, ItemStatus, OutputModality, Role};

use crate::Conversation;
use crate::calls::Runner;
use crate::context::{ChatRequest, ModelEvent, ToolChoice};
use crate::io::{Epoch, GenerationId, Output, SpeakCommand, StageFault, UtteranceId};
use crate::items::{Place, Spoken};
use crate::metrics::TurnClock;
use crate::phrases;
use crate::playback::PlaybackLedger;
use crate::response::{Generation, Response};
use crate::saying::Saying;
use crate::speculation::Adopted;
use crate::timers::Timer;
use crate::tools::MAX_ROUNDS;
use crate::turn::patient::Awaited;
use crate::wish::{Source, Wish};

/// A turn whose answer is wanted.
#[derive(Debug)]
pub(crate) struct WantedTurn {
    pub(crate) utterance: UtteranceId,
    pub(crate) attempt: u32,
    pub(crate) clock: TurnClock,
}

impl WantedTurn {
    pub(crate) fn of(turn: Awaited) -> Self {
        Self {
            utterance: turn.utterance,
            attempt: turn.attempt,
            clock: turn.clock,
        }
    }
}

impl Conversation {
    /// Begins the next response, if one is wanted and nothing stands in its way: no response is in progress, the
    /// patient is not speaking, and everything said is transcribed (it belongs to the same answer).
    pub(crate) fn answer_if_ready(&mut self) {
        if self.response.is_some() || self.patient.is_speaking() || !self.patient.awaited.is_empty() {
            return;
        }
        if let Some(turn) = self.wanted_turn.take() {
            self.wanted_resume = None;
            let adopted = self.adopt_speculation(turn.utterance, turn.attempt);
            let wish = self.default_wish(Source::Model);
            self.rounds = 1;
            self.begin(wish, turn.clock, adopted);
        } else if self.away {
            // What nobody asked for waits until someone can hear it.
        } else if let Some(source) = self.wanted_resume.take() {
            let wish = self.default_wish(source);
            self.rounds = 1;
            self.expect_answer();
            self.begin(wish, TurnClock::default(), None);
        } else if self.result_due && !self.ending && self.rounds < MAX_ROUNDS {
            let wish = self.next_round();
            self.begin(wish, TurnClock::default(), None);
        } else if !self.timers.is_set(Timer::PatientIdle) {
            self.restart_idle_timer();
        }
    }

    /// What is asked of a response that follows on the results of functions.
    pub(crate) fn next_round(&mut self) -> Wish {
        self.rounds += 1;
        let mut wish = self.default_wish(Source::Model);
        // The forced call was made; forced again, it would be for ever.
        if self.rounds >= MAX_ROUNDS {
            wish.request.tool_choice = ToolChoice::None;
        } else if wish.request.tool_choice != ToolChoice::None {
            wish.request.tool_choice = ToolChoice::Auto;
        }
        wish
    }

    /// Begins a response the client asked for.
    pub(crate) fn begin_for_client(&mut self, wish: Wish) {
        self.do_not_end();
        self.tools.client_asked();
        self.expect_answer();
        self.begin_at_once(wish);
    }

    /// Begins a response before its time: whatever else was wanted is answered with it.
    pub(crate) fn begin_at_once(&mut self, wish: Wish) {
        self.rounds = 1;
        self.wanted_resume = None;
        self.drop_interrupted();
        self.discard_speculation();
        let clock = self.wanted_turn.take().map(|turn| turn.clock).unwrap_or_default();
        self.begin(wish, clock, None);
    }

    pub(crate) fn begin(&mut self, mut wish: Wish, clock: TurnClock, mut adopted: Option<Adopted>) {
        if !wish.detached
            && let Some(text) = self.wanted_fixed.take()
        {
            wish.source = Source::Fixed { text, tag: None };
            if let Some(speculation) = adopted.take() {
                self.out
                    .push_back(Output::CancelGeneration(speculation.generation));
            }
        }
        let id = self.ids.response();
        self.timers.stop(Timer::PatientIdle);
        let mut response = Response::new(id, wish, clock);
        response.failed.models = std::mem::take(&mut self.failed_speculating);
        self.tell_response_created(&response);
        self.response = Some(response);
        match adopted {
            Some(adopted) => self.adopt(adopted),
            None => self.generate_if_ready(),
        }
    }

    fn adopt(&mut self, adopted: Adopted) {
        let now = self.now;
        if let Some(response) = &mut self.response {
            response.generation = Generation::Running(adopted.generation);
            response.tells_results = self.result_due;
            TurnClock::mark(&mut response.clock.generation_start, now);
        }
        self.watch_model();
        for event in adopted.events {
            self.on_model(adopted.generation, Ok(event));
        }
    }

    /// Starts generation once the patient's words are all known.
    pub(crate) fn generate_if_ready(&mut self) {
        let now = self.now;
        let waiting = !self.patient.awaited.is_empty();
        let Some(response) = &mut self.response else {
            return;
        };
        let calling = response.wish.after.is_some_and(|batch| self.tools.awaits(batch));
        if response.generation != Generation::Waiting || calling || (waiting && !response.wish.own_input) {
            return;
        }
        if response.unworded {
            let text = phrases::UNHEARD.to_owned();
            response.wish.source = Source::Fixed { text, tag: None };
        }
        TurnClock::mark(&mut response.clock.generation_start, now);
        if let Source::Fixed { text, tag } = response.wish.source.clone() {
            response.tag = tag;
            response.generation = Generation::Over;
            self.say(&text);
            self.message_complete();
            return;
        }
        self.ask_model();
    }

    pub(crate) fn ask_model(&mut self) {
        let enabled = self.config.bedside.vitals.enabled;
        let Some(response) = &mut self.response else {
            return;
        };
        // They were disabled while the response waited for the patient's words, or it tells that a measurement failed:
        // a model that only tried again would go on without the patient hearing of it.
        if !enabled || (self.result_due && self.scans.result_failed) {
            response.wish.withdraw(|runner| runner == Runner::Scan);
        }
        let mut request = response.wish.request.clone();
        request.avoid.clone_from(&response.failed.models);
        request.continues = response.message.as_ref().and_then(Saying::continued);
        let own_input = response.wish.own_input;
        if !own_input {
            self.complete_request(&mut request);
        }
        if let Some(response) = &mut self.response {
            response.tells_results = self.result_due && !own_input && !response.wish.detached;
        }
        self.start_generation(request);
    }

    fn start_generation(&mut self, request: ChatRequest) {
        let generation = self.next_generation();
        if let Some(response) = &mut self.response {
            response.generation = Generation::Running(generation);
        }
        self.out.push_back(Output::Generate {
            generation,
            request: Box::new(request),
        });
        self.watch_model();
    }

    pub(crate) fn next_generation(&mut self) -> GenerationId {
        self.generations += 1;
        GenerationId(self.generations)
    }

    fn watch_model(&mut self) {
        self.timers.set(Timer::ModelOverdue, self.now + self.timing.model);
    }

    pub(crate) fn on_model(&mut self, generation: GenerationId, event: Result<ModelEvent, StageFault>) {
        if self.response.as_ref().and_then(Response::running) == Some(generation) {
            match event {
                Ok(event) => self.on_model_event(event),
                Err(fault) => self.on_model_failed(fault),
            }
        } else if !self.on_interrupted_event(generation, event.as_ref().ok()) {
            self.on_speculative_event(generation, event);
        }
    }

    fn on_model_event(&mut self, event: ModelEvent) {
        self.watch_model();
        match event {
            ModelEvent::TextDelta(text) if !text.is_empty() => {
                let now = self.now;
                if let Some(response) = &mut self.response {
                    TurnClock::mark(&mut response.clock.model_first_token, now);
                }
                self.say(&text);
            }
            ModelEvent::TextDelta(_) => {}
            ModelEvent::ServedBy(provider) => self.on_model_served(provider),
            ModelEvent::ToolCallStart { call_id, name } => self.begin_call(call_id, name),
            ModelEvent::ToolCallArguments { call_id, delta } => self.extend_call(&call_id, &delta),
            ModelEvent::Tag(tag) => {
                self.report_model_escalation(&tag);
                if let Some(response) = &mut self.response {
                    response.tag = Some(tag);
                }
                self.store_tag();
            }
            ModelEvent::Done { usage, finish } => {
                self.timers.stop(Timer::ModelOverdue);
                if let Some(response) = &mut self.response {
                    response.generation = Generation::Over;
                    response.usage = usage;
                    response.finish = finish;
                }
                self.complete_calls(ItemStatus::Completed);
                self.run_own_calls();
                self.message_complete();
            }
        }
    }

    /// Whether the response in progress is itself a sentence that needs no model.
    pub(crate) fn is_apologising(&self) -> bool {
        self.response
            .as_ref()
            .is_some_and(|r| matches!(r.wish.source, Source::Fixed { .. }))
    }

    /// Adds text to the response's message, which it opens if need be.
    pub(crate) fn say(&mut self, text: &str) {
        self.results_were_told();
        if self.response.as_ref().is_some_and(|r| r.message.is_none()) {
            self.open_message();
        }
        let Some((message, spoken)) = self.saying_and_spoken() else {
            return;
        };
        let before = message.said().len();
        let shown = message.push(text);
        if message.epoch.is_none() {
            self.write(shown);
        } else if let Some(spoken) = spoken {
            spoken.text.push_str(&message.said()[before..]);
        }
    }

    /// Shows more of a written answer.
    fn write(&mut self, shown: Option<String>) {
        let (Some(text), Some((message, spoken))) = (shown, self.saying_and_spoken()) else {
            return;
        };
        message.shown.push_str(&text);
        if let Some(spoken) = spoken {
            spoken.text.push_str(&text);
        }
        self.silence_is_broken();
        self.tell_text_delta(text);
    }

    pub(crate) fn open_message(&mut self) {
        let item_id = self.ids.item();
        let Some(response) = &mut self.response else {
            return;
        };
        let spoken = response.wish.modality == OutputModality::Audio;
        let epoch = spoken.then(|| {
            self.epochs += 1;
            Epoch(self.epochs)
        });
        let output_index = response.output.len() as u32;
        response.output.push(item_id.clone());
        response.message = Some(Saying::new(item_id.clone(), output_index, epoch));
        let (voice, format) = (response.wish.voice.clone(), response.wish.format);
        let avoid = response.failed.voices.clone();
        let item = Item {
            id: item_id,
            status: ItemStatus::InProgress,
            body: ItemBody::Message {
                role: Role::Assistant,
                content: Vec::new(),
            },
        };
        let account = Spoken {
            ledger: spoken.then(PlaybackLedger::default),
            ..Spoken::default()
        };
        self.add_output_item(item, Some(account), output_index);
        self.store_tag();
        self.tell_content_part_added();
        if let Some(epoch) = epoch {
            self.outbox.open(epoch);
            // Audio already held back stays held back while the patient may be interrupting.
            self.outbox.set_paused(self.patient.may_be_interrupting());
            self.configure_output(format);
            self.out.push_back(Output::Speak(SpeakCommand::Open {
                epoch,
                voice,
                speed: self.speed(),
                avoid,
            }));
        }
    }

    fn store_tag(&mut self) {
        let tag = self.response.as_ref().and_then(|r| r.tag.clone());
        if let Some((_, Some(spoken))) = self.saying_and_spoken() {
            spoken.tag = tag;
        }
    }

    /// No further text follows.
    pub(crate) fn message_complete(&mut self) {
        let rest = self.saying().and_then(Saying::complete);
        self.write(rest);
        self.speak_on();
    }

    /// Adds an item of the response to the conversation (unless it is out of band) and tells the client.
    pub(crate) fn add_output_item(&mut self, item: Item, spoken: Option<Spoken>, output_index: u32) {
        let Some(response) = &self.response else { return };
        let (response_id, detached) = (response.id.clone(), response.wish.detached);
        self.tell_output_item_added(response_id, output_index, item.clone());
        if detached {
            return;
        }
        match self.items.insert(item.clone(), spoken, Place::Last) {
            Ok(previous) => self.tell_item_added(item, previous),
            Err(_) => self.tell_conversation_full(),
        }
    }
}
