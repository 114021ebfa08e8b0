mod lead;
mod runner;
mod speaking;

use std::sync::Arc;

use bedside_conversation::io::StageFault;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::chain::Chain;
use super::select::Standing;
use crate::report::Reporter;
use crate::traits::{SynthesisParams, SynthesisStream, Synthesizer};
use speaking::Speaking;

/// Segments that may wait; then the sender waits.
const SEGMENTS_WAITING: usize = 32;

/// Pieces of audio that may wait to be taken, beside those that wait at the link.
const PIECES_WAITING: usize = 1;

/// Until the first audio, a link that fails is replaced unnoticed; after it, the fault ends the stream.
impl Synthesizer for Chain<dyn Synthesizer> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn voices(&self) -> Vec<String> {
        let mut voices: Vec<String> = Vec::new();
        for voice in self.0.members.iter().flat_map(|link| link.provider.voices()) {
            if !voices.contains(&voice) {
                voices.push(voice);
            }
        }
        voices
    }

    fn open(
        &self,
        params: SynthesisParams,
        reporter: Reporter,
    ) -> BoxFuture<'static, Result<SynthesisStream, StageFault>> {
        let (input, segments) = mpsc::channel(SEGMENTS_WAITING);
        let (spoken, output) = mpsc::channel(PIECES_WAITING);
        let route = self.0.route(|link| {
            if params.avoid.contains(&link.name) {
                Standing::Avoided
            } else {
                Standing::Free
            }
        });
        let speaking = Speaking::new(Arc::clone(&self.0), params, reporter, route, spoken);
        tokio::spawn(speaking.run(segments));
        std::future::ready(Ok(SynthesisStream { input, output })).boxed()
    }
}
