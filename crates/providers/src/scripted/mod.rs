//! The embedded leader of a consultation: a protocol file, followed word for word. No language model, nothing invented.
//!
//! [`ScriptedModel`] is a pure function of the request: it replays the whole dialogue over the messages every time, so
//! an answer prepared in advance, a retried one and a resumed session cannot disagree. Which question a message asked
//! comes back to it as the message's [`Tag`](tag::Tag).
//!
//! It takes over from any other model, whose messages have no tag: it does not greet again, takes the patient's words
//! for answers where that is safe, and asks what has not been answered. In the midst of another model's answer it begins
//! a sentence of its own.

mod calls;
mod deltas;
mod dialogue;
mod reply;
mod scan;
mod tag;
mod taking_over;
mod understand;

use std::sync::Arc;

use bedside_conversation::consultation::{Protocol, RedFlags};
use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::StageFault;
use futures::StreamExt;
use futures::stream::{self, BoxStream};

use crate::report::Reporter;
use crate::traits::ChatModel;
use dialogue::Dialogue;
use reply::Reply;

/// The name in metrics and events.
pub const NAME: &str = "scripted";

/// A chat model that follows a consultation protocol. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ScriptedModel {
    protocol: Arc<Protocol>,
    red_flags: RedFlags,
}

impl ScriptedModel {
    /// A model that follows `protocol`.
    pub fn new(protocol: Arc<Protocol>) -> Self {
        let red_flags = RedFlags::new(&protocol);
        Self { protocol, red_flags }
    }

    /// The whole answer to `request`: a tag, text and calls, and `Done` last.
    pub fn answer(&self, request: &ChatRequest) -> Vec<ModelEvent> {
        let dialogue = Dialogue::replay(&self.protocol, &self.red_flags, request);
        let reply = calls::forced(&self.protocol, &dialogue, request)
            .unwrap_or_else(|| Reply::new(&self.protocol, &dialogue, request));
        let reply = match &request.continues {
            Some(said) => reply.after(&self.protocol, said),
            None => reply,
        };
        deltas::events(reply, request)
    }
}

impl ChatModel for ScriptedModel {
    fn name(&self) -> &'static str {
        NAME
    }

    fn generate(
        &self,
        request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        stream::iter(self.answer(&request).into_iter().map(Ok)).boxed()
    }
}
