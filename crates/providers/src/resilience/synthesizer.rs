use bedside_conversation::io::StageFault;
use futures::future::BoxFuture;

use super::chain::Chain;
use crate::report::Reporter;
use crate::traits::{SynthesisParams, SynthesisStream, Synthesizer};

impl Synthesizer for Chain<dyn Synthesizer> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn voices(&self) -> Vec<String> {
        self.0.links[0].provider.voices()
    }

    fn open(
        &self,
        params: SynthesisParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        self.0.links[0]
            .provider
            .open(params, self.0.reporter(0, &reporter))
    }
}
