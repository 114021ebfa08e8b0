mod generation;

use std::sync::Arc;

use bedside_conversation::context::{ChatRequest, Message, ModelEvent};
use bedside_conversation::io::StageFault;
use futures::stream::{self, BoxStream, StreamExt};

use super::chain::Chain;
use super::select::Standing;
use crate::report::Reporter;
use crate::traits::ChatModel;
use generation::Generation;

/// Until the first event of an answer, a link that fails is replaced unnoticed; after it, the fault ends the answer. A
/// chain of several links says first who answers.
impl ChatModel for Chain<dyn ChatModel> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn sees(&self) -> bool {
        self.0.members.iter().any(|link| link.provider.sees())
    }

    fn generate(
        &self,
        request: ChatRequest,
        reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        let shows = |message: &Message| matches!(message, Message::Picture { .. });
        let needs_sight = request.messages.iter().any(shows);
        let route = self.0.route(|link| {
            if needs_sight && !link.provider.sees() {
                Standing::Unfit
            } else if request.avoid.contains(&link.name) {
                Standing::Avoided
            } else {
                Standing::Free
            }
        });
        let generation = Generation::new(Arc::clone(&self.0), request, reporter, route);
        stream::unfold(generation, |mut generation| async move {
            let event = generation.next().await?;
            Some((event, generation))
        })
        .boxed()
    }
}
