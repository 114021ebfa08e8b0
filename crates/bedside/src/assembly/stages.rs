//! Who serves each stage: adapters and this machine's own models, in chains.

use std::sync::Arc;
use std::time::Duration;

use bedside_conversation::consultation::Protocol;
use bedside_conversation::service::Stage;
use bedside_providers::local::{GIVEN_UP_AFTER, LocalModels};
use bedside_providers::report::Prices;
use bedside_providers::resilience::{Chain, EventLimits, Link, LinkHealth, Provider};
use bedside_providers::scripted::ScriptedModel;
use bedside_providers::tools::{ReadDeviceDisplay, SearchKnowledge};
use bedside_providers::traits::{
    ChatModel, DeviceReader, Knowledge, Synthesizer, Tool, Transcriber, VitalsService,
};
use bedside_server::{ChainLink, StageChain};

use super::services::Services;
use super::vendors::{Adapter, Vendors};
use crate::config;
use crate::failure::Failure;

/// What a chain itself may take, beside its links.
const SPARE: Duration = Duration::from_millis(500);

/// What all profiles share.
pub(crate) struct Stages {
    pub(crate) transcriber: Arc<dyn Transcriber>,
    pub(crate) synthesizer: Arc<dyn Synthesizer>,
    pub(crate) vitals: Option<Arc<dyn VitalsService>>,
    /// Functions that the server runs: the clinic's own, and the doors to knowledge and devices.
    pub(crate) tools: Vec<Arc<dyn Tool>>,
    /// `None` if the protocols lead by themselves.
    model: Option<Chain<dyn ChatModel>>,
    /// What operators are told of each chain.
    pub(crate) health: Vec<Health>,
    /// How long a stream may take to open if every link of a chain is tried.
    pub(crate) open_limit: Duration,
    /// How long final transcripts may take if this machine makes them in the end, and has too much to do.
    pub(crate) transcript_limit: Duration,
    /// The same for an answer's audio.
    pub(crate) synthesis_limit: Duration,
}

/// How the links of a chain do now.
pub(crate) type Health = Box<dyn Fn() -> StageChain + Send + Sync>;

/// Puts chains together.
struct Builder<'a> {
    services: &'a config::Services,
    vendors: &'a Vendors,
    health: Vec<Health>,
    open_limit: Duration,
}

impl Stages {
    /// The chains of `services`.
    pub(crate) fn of(
        config: &config::Services,
        services: &Services,
        models: &LocalModels,
        leader: &Arc<Protocol>,
    ) -> Result<Self, Failure> {
        let mut builder = Builder {
            services: config,
            vendors: &services.vendors,
            health: Vec::new(),
            open_limit: Duration::ZERO,
        };
        let transcriber = builder.serve(Stage::Transcription, || {
            Some(Arc::new(models.transcriber()) as Arc<dyn Transcriber>)
        })?;
        let synthesizer = builder.serve(Stage::Synthesis, || {
            Some(Arc::new(models.synthesizer()) as Arc<dyn Synthesizer>)
        })?;
        let vitals = match models.vitals() {
            None => None,
            Some(local) => builder.serve(Stage::Vitals, move || {
                Some(Arc::new(local.clone()) as Arc<dyn VitalsService>)
            })?,
        };
        let own = services.knowledge.clone();
        let knowledge = builder.chain(Stage::Knowledge, &|| {
            own.clone().map(|own| Arc::new(own) as Arc<dyn Knowledge>)
        })?;
        let device: Option<Chain<dyn DeviceReader>> = builder.chain(Stage::Device, &|| None)?;
        let mut tools = services.tools.clone();
        tools.extend(knowledge.map(|chain| Arc::new(SearchKnowledge::new(Arc::new(chain))) as Arc<dyn Tool>));
        tools.extend(device.map(|chain| Arc::new(ReadDeviceDisplay::new(Arc::new(chain))) as Arc<dyn Tool>));
        let model = if config.chains.have_model() {
            builder.chain(Stage::Model, &|| {
                Some(Arc::new(ScriptedModel::new(Arc::clone(leader))) as Arc<dyn ChatModel>)
            })?
        } else {
            None
        };
        let missing = || Failure::internal("a stage has no provider");
        Ok(Self {
            transcriber: transcriber.ok_or_else(missing)?,
            synthesizer: synthesizer.ok_or_else(missing)?,
            vitals,
            tools,
            model,
            transcript_limit: builder.answer_limit(Stage::Transcription),
            synthesis_limit: builder.answer_limit(Stage::Synthesis),
            health: builder.health,
            open_limit: builder.open_limit + SPARE,
        })
    }

    /// Who leads consultations of `protocol`.
    pub(crate) fn leader(&self, protocol: &Arc<Protocol>) -> Arc<dyn ChatModel> {
        let scripted = ScriptedModel::new(Arc::clone(protocol));
        match &self.model {
            None => Arc::new(scripted),
            Some(chain) => {
                let scripted: Arc<dyn ChatModel> = Arc::new(scripted);
                Arc::new(chain.with(&scripted))
            }
        }
    }
}

/// A kind of adapter, and what it is as a chain.
trait Served: Provider {
    /// The adapter, if it is of this kind.
    fn of(adapter: &Adapter) -> Option<Arc<Self>>;

    /// A chain as one provider.
    fn chained(chain: Chain<Self>) -> Arc<Self>;
}

macro_rules! served {
    ($($kind:ident => $adapter:ident),*) => {$(
        impl Served for dyn $kind {
            fn of(adapter: &Adapter) -> Option<Arc<Self>> {
                match adapter {
                    Adapter::$adapter(provider) => Some(Arc::clone(provider)),
                    _ => None,
                }
            }

            fn chained(chain: Chain<Self>) -> Arc<Self> {
                Arc::new(chain)
            }
        }
    )*};
}

served!(
    Transcriber => Transcriber,
    ChatModel => Model,
    Synthesizer => Synthesizer,
    VitalsService => Vitals,
    Knowledge => Knowledge,
    DeviceReader => Device
);

impl Builder<'_> {
    /// Whoever serves a stage. A machine's own models that have nobody to turn to serve it without a chain.
    fn serve<P: Served + ?Sized + 'static>(
        &mut self,
        stage: Stage,
        own: impl Fn() -> Option<Arc<P>>,
    ) -> Result<Option<Arc<P>>, Failure> {
        let names = self.services.chains.of(stage);
        if let [only] = names
            && self.is_own(only)
            && let Some(own) = own()
        {
            return Ok(Some(own));
        }
        Ok(self.chain(stage, &own)?.map(P::chained))
    }

    /// The chain of a stage; `None` if the stage is off.
    fn chain<P: Served + ?Sized + 'static>(
        &mut self,
        stage: Stage,
        own: &dyn Fn() -> Option<Arc<P>>,
    ) -> Result<Option<Chain<P>>, Failure> {
        let names = self.services.chains.of(stage);
        let links: Option<Vec<_>> = names.iter().map(|name| self.link(stage, name, own)).collect();
        let links = links.ok_or_else(|| Failure::internal("a chain names a provider that was not made"))?;
        if links.is_empty() {
            return Ok(None);
        }
        let opening = links.iter().map(|link| link.limits.open).sum();
        self.open_limit = self.open_limit.max(opening);
        let options = self.services.resilience.options(stage);
        let chain = Chain::new(stage, links, options).map_err(Failure::internal)?;
        let shown = chain.clone();
        self.health.push(Box::new(move || StageChain {
            stage: bedside_engine::Stage::of(stage),
            links: shown.health().iter().map(figures).collect(),
        }));
        Ok(Some(chain))
    }

    /// The longest that the links of a stage may take for an answer; zero if the core's own patience will do.
    fn answer_limit(&self, stage: Stage) -> Duration {
        let names = self.services.chains.of(stage);
        if !names.last().is_some_and(|last| self.is_own(last)) {
            return Duration::ZERO;
        }
        let vendors = names.iter().filter_map(|name| self.services.providers.get(name));
        let before: Duration = vendors
            .map(|vendor| vendor.limits.first.max(vendor.limits.next))
            .sum();
        before + GIVEN_UP_AFTER + SPARE
    }

    /// Whether it is part of this machine.
    fn is_own(&self, name: &str) -> bool {
        !self.services.providers.contains_key(name)
    }

    fn link<P: Served + ?Sized>(
        &self,
        stage: Stage,
        name: &str,
        own: &dyn Fn() -> Option<Arc<P>>,
    ) -> Option<Link<P>> {
        let last = self.services.chains.of(stage).last() == Some(&name);
        let Some(provider) = self.services.providers.get(name) else {
            return Some(Link {
                provider: own()?,
                limits: if last {
                    EventLimits::last_resort()
                } else {
                    EventLimits::local()
                },
                prices: Prices::default(),
            });
        };
        Some(Link {
            provider: P::of(self.vendors.adapters.get(name)?)?,
            limits: provider.limits,
            prices: provider.prices.clone(),
        })
    }
}

fn figures(link: &LinkHealth) -> ChainLink {
    ChainLink {
        name: link.name,
        breaker: link.state.name(),
        p50_ms: link.p50_ms,
        p95_ms: link.p95_ms,
        uses: link.uses,
        faults: link
            .faults
            .iter()
            .map(|&(kind, count)| (kind.name(), count))
            .collect(),
    }
}
