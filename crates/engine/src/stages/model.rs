//! The chat model's running generations.

use std::sync::Arc;
use std::task::{Context, Poll};

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, GenerationId, StageFault};
use bedside_providers::report::Reporter;
use bedside_providers::traits::ChatModel;
use futures::StreamExt;
use futures::stream::BoxStream;

/// Runs generations until they end or are cancelled. The core has at most a live and a speculative one.
pub(crate) struct Generations {
    model: Arc<dyn ChatModel>,
    reporter: Reporter,
    running: Vec<Running>,
}

struct Running {
    generation: GenerationId,
    events: BoxStream<'static, Result<ModelEvent, StageFault>>,
}

impl Generations {
    pub(crate) fn new(model: Arc<dyn ChatModel>, reporter: Reporter) -> Self {
        Self {
            model,
            reporter,
            running: Vec::new(),
        }
    }

    pub(crate) fn start(&mut self, generation: GenerationId, request: ChatRequest) {
        self.running.push(Running {
            generation,
            events: self.model.generate(request, self.reporter.clone()),
        });
    }

    pub(crate) fn cancel(&mut self, generation: GenerationId) {
        self.running.retain(|running| running.generation != generation);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// The next event of any generation, oldest generation first. A stream that ends without `Done` is a fault.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(GenerationId, Result<ModelEvent, StageFault>)> {
        for index in 0..self.running.len() {
            let running = &mut self.running[index];
            let Poll::Ready(event) = running.events.poll_next_unpin(cx) else {
                continue;
            };
            let generation = running.generation;
            let broken = StageFault {
                provider: self.model.name(),
                kind: FaultKind::Disconnected,
            };
            let event = event.unwrap_or(Err(broken));
            if matches!(event, Ok(ModelEvent::Done { .. }) | Err(_)) {
                self.running.remove(index);
            }
            return Poll::Ready((generation, event));
        }
        Poll::Pending
    }
}
