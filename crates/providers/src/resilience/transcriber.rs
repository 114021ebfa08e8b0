use bedside_conversation::io::StageFault;
use futures::future::BoxFuture;

use super::chain::Chain;
use crate::report::Reporter;
use crate::traits::{Transcriber, TranscriberParams, TranscriberStream};

impl Transcriber for Chain<dyn Transcriber> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn open(
        &self,
        params: TranscriberParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        self.0.links[0]
            .provider
            .open(params, self.0.reporter(0, &reporter))
    }
}
