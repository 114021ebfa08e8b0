mod memory;
mod pause;
mod session;

use std::sync::Arc;

use bedside_conversation::io::StageFault;
use bedside_inference::scheduler::Scheduler;
use bedside_speech::recogniser::Recogniser;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::{LocalOptions, NAME};
use crate::report::Reporter;
use crate::traits::{Transcriber, TranscriberParams, TranscriberStream};
use session::Session;

/// Pieces of audio and commands that may wait: five seconds in pieces of 100 ms, and some commands. Then the sender waits.
const INPUT_WAITING: usize = 64;

/// Answers that may wait. Beyond it partials are dropped and finals wait.
const OUTPUT_WAITING: usize = 32;

/// Speech to text on this machine. A prompt is not used: the recogniser takes none.
#[derive(Debug, Clone)]
pub struct LocalTranscriber {
    recogniser: Recogniser,
    scheduler: Arc<Scheduler>,
    options: LocalOptions,
}

impl LocalTranscriber {
    pub(super) fn new(recogniser: Recogniser, scheduler: Arc<Scheduler>, options: LocalOptions) -> Self {
        Self {
            recogniser,
            scheduler,
            options,
        }
    }
}

impl Transcriber for LocalTranscriber {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(
        &self,
        params: TranscriberParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        let (input, commands) = mpsc::channel(INPUT_WAITING);
        let (answers, output) = mpsc::channel(OUTPUT_WAITING);
        let session = Session::new(
            self.recogniser.clone(),
            self.scheduler.clone(),
            self.options,
            params,
            answers,
        );
        tokio::spawn(session.run(commands));
        futures::future::ready(Ok(TranscriberStream { input, output })).boxed()
    }
}
