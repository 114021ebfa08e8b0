//! The response in progress: what was asked for, what has been generated, and how far it has been said.

use bedside_protocol::{Item, ItemBody, ItemStatus};

use crate::calls::OwnCall;
use crate::context::{Finish, ModelUsage};
use crate::io::{GenerationId, StageFault};
use crate::metrics::TurnClock;
use crate::saying::Saying;
use crate::wish::Wish;

/// How far generation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    /// Words of the patient are still being transcribed.
    Waiting,
    /// The model is at work.
    Running(GenerationId),
    /// Everything is written.
    Over,
}

/// Why a response ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// The patient spoke.
    TurnDetected,
    /// The client asked.
    Client,
    /// The client was no longer there.
    ConnectionLost,
}

/// The response in progress.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) id: String,
    pub(crate) wish: Wish,
    pub(crate) generation: Generation,
    /// How often the model has been asked again after a failure.
    pub(crate) asked_again: u32,
    /// Who failed in this response.
    pub(crate) failed: Failed,
    pub(crate) message: Option<Saying>,
    pub(crate) calls: Vec<Call>,
    /// Calls that are not the client's to run, shown once they are written.
    pub(crate) own_calls: Vec<OwnCall>,
    /// Whether the model was given every result that nobody was told yet.
    pub(crate) tells_results: bool,
    /// It was begun before any of the patient's words were known.
    pub(crate) unworded: bool,
    /// Ids of the items, by output index.
    pub(crate) output: Vec<String>,
    pub(crate) tag: Option<String>,
    pub(crate) usage: ModelUsage,
    pub(crate) finish: Finish,
    pub(crate) fault: Option<StageFault>,
    pub(crate) clock: TurnClock,
}

/// Who failed in a response, stage by stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failed {
    pub(crate) models: Vec<&'static str>,
    pub(crate) voices: Vec<&'static str>,
    /// The failures nobody has made good yet.
    pub(crate) model: Option<StageFault>,
    pub(crate) voice: Option<StageFault>,
}

/// A function call being written.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "call_id is the wire's name")]
pub(crate) struct Call {
    pub(crate) item_id: String,
    pub(crate) output_index: u32,
    pub(crate) call_id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
    /// How it ended, once the client was told.
    pub(crate) over: Option<ItemStatus>,
}

impl Call {
    pub(crate) fn item(&self, status: ItemStatus) -> Item {
        Item {
            id: self.item_id.clone(),
            status,
            body: ItemBody::FunctionCall {
                call_id: self.call_id.clone(),
                name: self.name.clone(),
                arguments: self.arguments.clone(),
            },
        }
    }
}

impl Response {
    pub(crate) fn new(id: String, wish: Wish, clock: TurnClock) -> Self {
        Self {
            id,
            wish,
            generation: Generation::Waiting,
            asked_again: 0,
            failed: Failed::default(),
            message: None,
            calls: Vec::new(),
            own_calls: Vec::new(),
            tells_results: false,
            unworded: false,
            output: Vec::new(),
            tag: None,
            usage: ModelUsage::default(),
            finish: Finish::Stop,
            fault: None,
            clock,
        }
    }

    /// The generation at work, if any.
    pub(crate) fn running(&self) -> Option<GenerationId> {
        match self.generation {
            Generation::Running(generation) => Some(generation),
            Generation::Waiting | Generation::Over => None,
        }
    }

    /// Whether anything of the answer has come: a filler is none of it.
    pub(crate) fn has_begun(&self) -> bool {
        self.message.as_ref().is_some_and(Saying::has_begun)
    }

    /// Whether everything was written and, if spoken, handed out by the synthesiser.
    pub(crate) fn is_spoken(&self) -> bool {
        self.generation == Generation::Over && self.message.as_ref().is_none_or(Saying::is_over)
    }
}
