//! Stands where no provider is: refuses all work.

use std::task::{Context, Poll};

use bedside_conversation::context::{ChatRequest, ModelEvent};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{
    BusAudio, ChatModel, DetectorStream, SpeechDetector, SpeechWindow, SynthesisParams, SynthesisStream,
    Synthesizer, Transcriber, TranscriberParams, TranscriberStream, TurnJudge, TurnJudgement,
};
use futures::future::{BoxFuture, ready};
use futures::stream::{BoxStream, once};
use futures::{FutureExt, StreamExt};

/// Who serves the stages that a session does not have.
pub(crate) const NAME: &str = "nobody";

const REFUSED: StageFault = StageFault {
    provider: NAME,
    kind: FaultKind::Refused,
};

/// A provider of nothing.
pub(crate) struct Nobody;

impl SpeechDetector for Nobody {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(&self) -> Box<dyn DetectorStream> {
        Box::new(Self)
    }
}

impl DetectorStream for Nobody {
    fn push(&mut self, _audio: &BusAudio) -> bool {
        true
    }

    fn poll_window(&mut self, _cx: &mut Context<'_>) -> Poll<Result<SpeechWindow, StageFault>> {
        Poll::Ready(Err(REFUSED))
    }

    fn waiting(&self) -> u64 {
        0
    }
}

impl TurnJudge for Nobody {
    fn name(&self) -> &'static str {
        NAME
    }

    fn judge(&self, _pcm: Vec<i16>) -> BoxFuture<'static, Result<TurnJudgement, StageFault>> {
        ready(Err(REFUSED)).boxed()
    }
}

impl Transcriber for Nobody {
    fn name(&self) -> &'static str {
        NAME
    }

    fn open(
        &self,
        _params: TranscriberParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<TranscriberStream, StageFault>> {
        ready(Err(REFUSED)).boxed()
    }
}

impl ChatModel for Nobody {
    fn name(&self) -> &'static str {
        NAME
    }

    fn generate(
        &self,
        _request: ChatRequest,
        _reporter: Reporter,
    ) -> BoxStream<'static, Result<ModelEvent, StageFault>> {
        once(ready(Err(REFUSED))).boxed()
    }
}

impl Synthesizer for Nobody {
    fn name(&self) -> &'static str {
        NAME
    }

    fn voices(&self) -> Vec<String> {
        Vec::new()
    }

    fn open(
        &self,
        _params: SynthesisParams,
        _reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        ready(Err(REFUSED)).boxed()
    }
}
