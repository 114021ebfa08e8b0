//! Every provider tried for itself, beside all chains: what `bedside doctor` finds out.

use std::time::Duration;

use bedside_conversation::context::{ChatRequest, Message, ModelEvent, ToolChoice};
use bedside_conversation::io::{FaultKind, StageFault};
use bedside_providers::report::Reporter;
use bedside_providers::traits::{ChatModel, SynthesisParams, TranscriberParams};
use futures::StreamExt;
use tokio::time::{Instant, timeout};

use super::cloud::Cloud;
use super::keys::Keys;
use super::vendors::{Adapter, Vendors};
use crate::config::{Provider, SecretSource, Services};

/// More than any provider is given in a consultation.
const LIMIT: Duration = Duration::from_secs(10);

/// What became of a provider.
pub(crate) enum Trial {
    /// It did what it was asked, in so long.
    Works(&'static str, Duration),
    /// It was set up; it has to be shown something to be tried.
    Untried(&'static str),
    /// It failed: what is wrong, and what to do.
    Fails(String, String),
}

/// Tries every provider in use. A chat model is asked for a word and a knowledge base for a passage, which costs what
/// that costs.
pub(crate) async fn trials(services: &Services) -> Vec<Trial> {
    let cloud = Cloud::of(services).await;
    let mut keys = Keys::new(&cloud);
    let vendors = Vendors::of(services, &cloud, &mut keys).await;
    let mut trials: Vec<_> = vendors
        .faults
        .iter()
        .map(|what| Trial::Fails(what.clone(), "correct it; see docs/providers.md".to_owned()))
        .collect();
    for provider in services.in_use() {
        if let Some(adapter) = vendors.adapters.get(provider.name) {
            trials.push(trial(provider, adapter).await);
        }
    }
    trials
}

async fn trial(provider: &Provider, adapter: &Adapter) -> Trial {
    let name = provider.name;
    let began = Instant::now();
    let tried = match timeout(LIMIT, ask(adapter)).await {
        Ok(Some(answer)) => answer.map_err(|fault| fault.kind),
        Ok(None) => return Trial::Untried(name),
        Err(_) => Err(FaultKind::Timeout),
    };
    match tried {
        Ok(()) => Trial::Works(name, began.elapsed()),
        Err(kind) => Trial::Fails(format!("{name}: {kind}"), remedy(kind, provider.key.as_ref())),
    }
}

/// Asks for as little as tells whether the provider can be reached and lets us in; `None` if that needs a patient.
async fn ask(adapter: &Adapter) -> Option<Result<(), StageFault>> {
    let silent = Reporter::silent();
    match adapter {
        Adapter::Transcriber(provider) => {
            let opened = provider.open(TranscriberParams::default(), silent).await;
            Some(opened.map(drop))
        }
        Adapter::Synthesizer(provider) => {
            let params = SynthesisParams {
                voice: provider.voices().into_iter().next().unwrap_or_default(),
                speed: 1.0,
                avoid: Vec::new(),
            };
            Some(provider.open(params, silent).await.map(drop))
        }
        Adapter::Model(provider) => Some(a_word(provider.as_ref()).await),
        Adapter::Knowledge(provider) => {
            let found = provider.search("blood pressure".to_owned(), 1, silent).await;
            Some(found.map(drop))
        }
        Adapter::Vitals(_) | Adapter::Device(_) => None,
    }
}

/// Asks for one word.
async fn a_word(model: &dyn ChatModel) -> Result<(), StageFault> {
    let request = ChatRequest {
        instructions: "Answer with the word yes.".to_owned(),
        messages: vec![Message::User {
            text: "Are you there?".to_owned(),
        }],
        tools: Vec::new(),
        tool_choice: ToolChoice::None,
        max_output_tokens: Some(16),
        vitals: None,
        continues: None,
        avoid: Vec::new(),
    };
    let mut events = model.generate(request, Reporter::silent());
    while let Some(event) = events.next().await {
        if matches!(event?, ModelEvent::Done { .. }) {
            return Ok(());
        }
    }
    Err(StageFault {
        provider: model.name(),
        kind: FaultKind::Disconnected,
    })
}

fn remedy(kind: FaultKind, key: Option<&SecretSource>) -> String {
    match kind {
        FaultKind::Refused => {
            let key = key.map_or("what AWS lets this machine do".to_owned(), |source| {
                format!("its key ({source})")
            });
            format!("check {key}, its model or voice, and that the account may use it")
        }
        FaultKind::Timeout | FaultKind::Disconnected => {
            "check its address, and that this machine may reach it (names, firewall, proxy)".to_owned()
        }
        FaultKind::Overloaded => "the account's quota is used up: ask the vendor for more".to_owned(),
        FaultKind::Internal => {
            "it failed or is no such vendor: check its address, then what the vendor says of its state"
                .to_owned()
        }
    }
}
