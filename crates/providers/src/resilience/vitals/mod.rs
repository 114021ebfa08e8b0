mod scan;
mod side;

use std::sync::Arc;

use bedside_conversation::io::StageFault;
use bedside_conversation::scan::ScanParams;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::chain::Chain;
use super::opening::open_only;
use crate::report::Reporter;
use crate::traits::{VitalsService, VitalsStream};
use scan::Scan;

/// Pictures that may wait here; then the sender waits, who knows which can be spared.
const FRAMES_WAITING: usize = 1;

/// Answers that may wait. Then the scan waits.
const ANSWERS_WAITING: usize = 32;

/// The last link sees every picture from the start, and what it says is kept back; should the link that serves fail or
/// fall silent, the last one goes on where that one was. A chain of one link opens that link's stream, and nothing
/// stands between.
impl VitalsService for Chain<dyn VitalsService> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn open(
        &self,
        params: ScanParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<VitalsStream, StageFault>> {
        let chain = Arc::clone(&self.0);
        if let [only] = chain.members.as_slice() {
            let opening = only.provider.open(params, chain.reporter(0, &reporter));
            return open_only(Arc::clone(&chain), reporter, opening).boxed();
        }
        let (frames, seen) = mpsc::channel(FRAMES_WAITING);
        let (told, output) = mpsc::channel(ANSWERS_WAITING);
        tokio::spawn(Scan::new(chain, params, reporter, told).run(seen));
        std::future::ready(Ok(VitalsStream { frames, output })).boxed()
    }
}
