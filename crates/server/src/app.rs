//! What the handlers share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bedside_engine::{Metrics, Profiles, Registry, Resumptions, SessionLimits};

use crate::access::Access;
use crate::rate::{Doorman, HandshakeRate};
use crate::secrets::Secrets;

/// The server's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may use the server.
    pub access: Access,
    /// Sessions at a time.
    pub capacity: usize,
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
            }),
        }
    }

    /// Says whether the server wants sessions. Until it does, `/readyz` answers 503.
    pub fn set_ready(&self, ready: bool) {
        self.shared.ready.store(ready, Ordering::Release);
    }

    /// Whether a load balancer should send sessions here.
    pub fn is_ready(&self) -> bool {
        self.shared.ready.load(Ordering::Acquire) && !self.registry().is_draining()
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

    pub(crate) fn access(&self) -> &Access {
        &self.shared.access
    }

    pub(crate) fn limits(&self) -> &SessionLimits {
        &self.shared.limits
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.shared.secrets
    }

    pub(crate) fn doorman(&self) -> &Doorman {
        &self.shared.doorman
    }
}
