use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::StageFault;
use futures::stream::BoxStream;

use super::chain::Chain;
use crate::report::Reporter;
use crate::traits::ChatModel;

impl ChatModel for Chain<dyn ChatModel> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn generate(
        &self,
        request: ChatRequest,
        reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        self.0.links[0]
            .provider
            .generate(request, self.0.reporter(0, &reporter))
    }
}
