mod open;
mod replay;
mod session;

use std::sync::Arc;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::chain::{Chain, Links};
use super::opening::open_only;
use crate::report::Reporter;
use crate::traits::{Transcriber, TranscriberParams, TranscriberStream};
use session::Session;

/// Pieces of audio and commands that may wait: a second in pieces of 100 ms, and some commands. Then the sender waits.
const INPUT_WAITING: usize = 16;

/// Answers that may wait. Beyond it partials are dropped.
const OUTPUT_WAITING: usize = 32;

/// The stream that a chain opens outlives its links: whoever takes over is told the audio since the oldest utterance
/// that is owed an answer. It ends when every link has failed since the last answer. A chain of one link opens that
/// link's stream, and nothing stands between.
impl Transcriber for Chain<dyn Transcriber> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn open(
        &self,
        params: TranscriberParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        let chain = Arc::clone(&self.0);
        if let [only] = chain.members.as_slice() {
            let opening = only.provider.open(params, chain.reporter(0, &reporter));
            return open_only(Arc::clone(&chain), reporter, opening).boxed();
        }
        std::future::ready(Ok(begin(chain, params, reporter))).boxed()
    }
}

fn begin(
    chain: Arc<Links<dyn Transcriber>>,
    params: TranscriberParams,
    reporter: Reporter,
) -> TranscriberStream {
    let (input, told) = mpsc::channel(INPUT_WAITING);
    let (answers, output) = mpsc::channel(OUTPUT_WAITING);
    if let Some(session) = Session::new(chain, params, reporter, answers) {
        tokio::spawn(session.run(told));
    }
    TranscriberStream { input, output }
}
