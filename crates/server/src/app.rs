//! What the handlers share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bedside_engine::{Capacity, Demand, Lateness, Metrics, Profiles, Registry, Resumptions, SessionLimits};

use crate::access::Access;
use crate::ops::{Audit, History, ModelThreads, StageChain, unix_millis};
use crate::rate::{Doorman, HandshakeRate};
use crate::secrets::Secrets;

/// The server's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may use the server.
    pub access: Access,
    /// How many sessions may be there at a time, or what they may take.
    pub capacity: Capacity,
    /// Limits of every session.
    pub limits: SessionLimits,
    /// How often one address may open a connection to a session or ask for an ephemeral key.
    pub handshakes: HandshakeRate,
}

/// The server's state; clones share it.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    access: Access,
    limits: SessionLimits,
    profiles: Profiles,
    registry: Registry,
    resumptions: Resumptions,
    metrics: Arc<Metrics>,
    secrets: Secrets,
    doorman: Doorman,
    ready: AtomicBool,
    started_at_ms: u64,
    history: History,
    audit: Audit,
    model_lateness: OnceLock<Box<dyn Fn() -> Vec<Lateness> + Send + Sync>>,
    model_threads: OnceLock<Box<dyn Fn() -> ModelThreads + Send + Sync>>,
    chains: OnceLock<Box<dyn Fn() -> Vec<StageChain> + Send + Sync>>,
}

impl App {
    /// A server of `profiles`, not yet [ready](Self::set_ready).
    pub fn new(settings: Settings, profiles: Profiles) -> Self {
        Self {
            shared: Arc::new(Shared {
                access: settings.access,
                limits: settings.limits,
                profiles,
                registry: Registry::new(settings.capacity),
                resumptions: Resumptions::default(),
                metrics: Arc::default(),
                secrets: Secrets::new(),
                doorman: Doorman::new(settings.handshakes),
                ready: AtomicBool::new(false),
                started_at_ms: unix_millis(),
                history: History::default(),
                audit: Audit::default(),
                model_lateness: OnceLock::new(),
                model_threads: OnceLock::new(),
                chains: OnceLock::new(),
            }),
        }
    }

    /// Says who knows how late models are; they are asked every second. The first to say so is asked.
    pub fn watch_models(&self, lateness: impl Fn() -> Vec<Lateness> + Send + Sync + 'static) {
        let _ = self.shared.model_lateness.set(Box::new(lateness));
    }

    /// Says where operators' figures of the threads that run models come from; the first to say so is asked.
    pub fn show_model_threads(&self, figures: impl Fn() -> ModelThreads + Send + Sync + 'static) {
        // A second source would have nothing else to tell: a process has one set of such threads.
        let _ = self.shared.model_threads.set(Box::new(figures));
    }

    /// Says where operators' figures of chains of providers come from; the first to say so is asked.
    pub fn show_chains(&self, figures: impl Fn() -> Vec<StageChain> + Send + Sync + 'static) {
        let _ = self.shared.chains.set(Box::new(figures));
    }

    /// Says whether the server wants sessions. Until it does, `/readyz` answers 503.
    pub fn set_ready(&self, ready: bool) {
        self.shared.ready.store(ready, Ordering::Release);
    }

    /// Whether a load balancer should send sessions here.
    pub fn is_ready(&self) -> bool {
        self.shared.ready.load(Ordering::Acquire) && self.registry().is_accepting()
    }

    /// The live sessions.
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// The sessions that clients can come back to.
    pub(crate) fn resumptions(&self) -> &Resumptions {
        &self.shared.resumptions
    }

    /// The engine's figures.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// What model names stand for.
    pub fn profiles(&self) -> &Profiles {
        &self.shared.profiles
    }

    /// What a session takes whose client names no model.
    pub(crate) fn usual_demand(&self) -> Demand {
        let usual = self.profiles().get(None);
        usual.map(|profile| Demand::of(profile)).unwrap_or_default()
    }

    pub(crate) fn access(&self) -> &Access {
        &self.shared.access
    }

    pub(crate) fn limits(&self) -> &SessionLimits {
        &self.shared.limits
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.shared.secrets
    }

    /// When the server was made, milliseconds since the Unix epoch.
    pub(crate) fn started_at_ms(&self) -> u64 {
        self.shared.started_at_ms
    }

    pub(crate) fn history(&self) -> &History {
        &self.shared.history
    }

    pub(crate) fn audit(&self) -> &Audit {
        &self.shared.audit
    }

    pub(crate) fn model_lateness(&self) -> Vec<Lateness> {
        let lateness = self.shared.model_lateness.get();
        lateness.map(|lateness| lateness()).unwrap_or_default()
    }

    pub(crate) fn model_threads(&self) -> Option<ModelThreads> {
        self.shared.model_threads.get().map(|figures| figures())
    }

    pub(crate) fn chains(&self) -> Vec<StageChain> {
        let figures = self.shared.chains.get();
        figures.map(|figures| figures()).unwrap_or_default()
    }

    pub(crate) fn doorman(&self) -> &Doorman {
        &self.shared.doorman
    }
}
