use bedside_conversation::io::StageFault;
use bedside_conversation::scan::ScanParams;
use futures::future::BoxFuture;

use super::chain::Chain;
use crate::report::Reporter;
use crate::traits::{VitalsService, VitalsStream};

impl VitalsService for Chain<dyn VitalsService> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn open(
        &self,
        params: ScanParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        self.0.links[0]
            .provider
            .open(params, self.0.reporter(0, &reporter))
    }
}
