//! What is asked of a response, by the session's settings or by the client.

use bedside_protocol::{
    AudioFormat, ErrorCode, InputItem, Item, ItemStatus, Metadata, OutputModality, ResponseConversation,
    ResponseParams,
};

use crate::Conversation;
use crate::calls::{Batch, Runner};
use crate::client::{NO_SUCH_ITEM, Refusal, refuse};
use crate::context::{ChatRequest, Tool};
use crate::items::foreign_messages;
use crate::phrases;

/// Where the words come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The chat model.
    Model,
    /// A sentence that needs no model: an emergency, an apology, the rest of an interrupted answer.
    Fixed {
        text: String,
        /// The model's note, where the text is the rest of a model's answer.
        tag: Option<String>,
    },
}

impl Source {
    /// No answer could be made.
    pub(crate) fn apology() -> Self {
        Self::Fixed {
            text: phrases::TROUBLE.to_owned(),
            tag: None,
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) source: Source,
    pub(crate) modality: OutputModality,
    pub(crate) metadata: Option<Metadata>,
    /// Not part of the conversation (`conversation: "none"`).
    pub(crate) detached: bool,
    pub(crate) voice: String,
    pub(crate) format: AudioFormat,
    /// The request but for its messages, which are read when generation starts; `messages` are those of an explicit
    /// `input`, if there was one.
    pub(crate) request: ChatRequest,
    pub(crate) own_input: bool,
    /// Of the functions on offer, those that are not the client's to run.
    pub(crate) runners: Vec<(String, Runner)>,
    /// The calls whose results it waits for.
    pub(crate) after: Option<Batch>,
}

impl Wish {
    /// Who runs a function, if not the client.
    pub(crate) fn runner(&self, name: &str) -> Option<Runner> {
        let found = self.runners.iter().find(|(own, _)| own == name);
        found.map(|(_, runner)| *runner)
    }

    /// Does not offer the model such functions.
    pub(crate) fn withdraw(&mut self, unwanted: impl Fn(Runner) -> bool) {
        let tools = &mut self.request.tools;
        self.runners.retain(|(name, runner)| {
            let kept = !unwanted(*runner);
            if !kept {
                tools.retain(|tool| tool.name != *name);
            }
            kept
        });
    }
}

impl Conversation {
    /// What the session asks of a response by default.
    pub(crate) fn default_wish(&self, source: Source) -> Wish {
        let config = &self.config;
        let mut tools: Vec<Tool> = config.tools.iter().cloned().map(Tool::from).collect();
        let mut runners = Vec::new();
        for (tool, runner) in self.own_functions() {
            runners.push((tool.name.clone(), runner));
            tools.push(tool);
        }
        Wish {
            source,
            modality: config.output_modality,
            metadata: None,
            detached: false,
            voice: config.output.voice.clone(),
            format: config.output.format,
            request: ChatRequest {
                instructions: config.instructions.clone(),
                messages: Vec::new(),
                tools,
                tool_choice: config.tool_choice.clone(),
                max_output_tokens: config.max_output_tokens.limit(),
                vitals: None,
                continues: None,
                avoid: Vec::new(),
            },
            own_input: false,
            runners,
            after: None,
        }
    }

    /// What the client asks of a response.
    pub(crate) fn wish_of(&self, params: ResponseParams) -> Result<Wish, Refusal> {
        let mut wish = self.default_wish(Source::Model);
        if let Some(instructions) = params.instructions {
            wish.request.instructions = instructions;
        }
        if let Some(tools) = params.tools {
            wish.request.tools = tools.into_iter().map(Tool::from).collect();
            wish.runners.clear();
        }
        if let Some(choice) = params.tool_choice {
            wish.request.tool_choice = choice;
        }
        if let Some(limit) = params.max_output_tokens {
            wish.request.max_output_tokens = limit.limit();
        }
        wish.modality = params.output_modality.unwrap_or(wish.modality);
        wish.voice = params.audio.output.voice.unwrap_or(wish.voice);
        wish.format = params.audio.output.format.unwrap_or(wish.format);
        if wish.format == AudioFormat::Opus && !self.config.bedside.media.binary_out() {
            let message = "Opus is sent in binary messages, which the session has not turned on.";
            return Err(refuse(
                ErrorCode::InvalidValue,
                Some("response.audio.output.format"),
                message,
            ));
        }
        wish.metadata = params.metadata;
        wish.detached = params.conversation == ResponseConversation::None;
        if wish.detached {
            wish.withdraw(|_| true);
        }
        if let Some(input) = params.input {
            let mut items = Vec::with_capacity(input.len());
            for item in input {
                items.push(self.input_item(item)?);
            }
            wish.request.messages = foreign_messages(items.iter());
            wish.own_input = true;
        }
        Ok(wish)
    }

    fn input_item(&self, input: InputItem) -> Result<Item, Refusal> {
        match input {
            InputItem::Item(new) => Ok(Item {
                id: new.id.unwrap_or_default(),
                status: ItemStatus::Completed,
                body: new.body,
            }),
            InputItem::Reference(reference) => match self.items.get(&reference.id) {
                Some(entry) => Ok(entry.item.clone()),
                None => Err(refuse(
                    ErrorCode::ItemNotFound,
                    Some("response.input"),
                    NO_SUCH_ITEM,
                )),
            },
        }
    }
}
