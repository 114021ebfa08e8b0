use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bedside_conversation::service::Stage;

use super::breaker::BreakerSettings;
use super::budget::{Budget, BudgetSettings};
use super::health::{Health, LinkHealth, Permit, now};
use super::limits::EventLimits;
use super::select::{self, Standing};
use crate::report::{Prices, Reporter};
use crate::traits::{ChatModel, DeviceReader, Knowledge, Synthesizer, Transcriber, VitalsService};

/// A link that is not yet known well enough, or always quick, is given this long before it is hedged.
const HEDGED_AFTER: Duration = Duration::from_millis(400);

/// Several providers of the same kind, of which one serves at a time. Cloning shares it.
pub struct Chain<P: ?Sized>(pub(super) Arc<Links<P>>);

/// One provider of a chain.
pub struct Link<P: ?Sized> {
    /// Who serves.
    pub provider: Arc<P>,
    /// How long it may take.
    pub limits: EventLimits,
    /// What its work costs.
    pub prices: Prices,
}

/// How a chain deals with what goes wrong.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChainOptions {
    /// When a link is left alone.
    pub breaker: BreakerSettings,
    /// How much is tried again.
    pub budget: BudgetSettings,
    /// Whether the next link starts as well when one is slower than usual, and the faster one serves. For chat models
    /// and synthesis.
    pub hedge: bool,
}

/// A chain needs a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a chain has no provider")]
pub struct EmptyChain;

/// Whatever can be a link of a chain.
pub trait Provider: Send + Sync {
    /// The name shown in metrics and events.
    fn provider_name(&self) -> &'static str;
}

macro_rules! providers {
    ($($kind:ident),*) => {$(
        impl Provider for dyn $kind {
            fn provider_name(&self) -> &'static str {
                self.name()
            }
        }
    )*};
}

providers!(
    Transcriber,
    ChatModel,
    Synthesizer,
    VitalsService,
    Knowledge,
    DeviceReader
);

/// What sessions share.
pub(super) struct Links<P: ?Sized> {
    pub(super) stage: Stage,
    pub(super) members: Vec<Member<P>>,
    budget: Arc<Mutex<Budget>>,
    hedge: bool,
    /// How long a session that goes on leaves a link alone that failed it, whatever others do.
    pub(super) rest: Duration,
}

/// A link and what is known of it.
pub(super) struct Member<P: ?Sized> {
    pub(super) name: &'static str,
    pub(super) provider: Arc<P>,
    pub(super) limits: EventLimits,
    pub(super) health: Arc<Health>,
    prices: Arc<Prices>,
}

/// How far one use has got along the chain.
#[derive(Debug, Clone)]
pub(super) struct Route(Vec<Standing>);

/// A link that serves a use.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) link: usize,
    pub(super) permit: Permit,
}

impl<P: Provider + ?Sized> Chain<P> {
    /// A chain of these links at this stage, the preferred one first.
    pub fn new(stage: Stage, links: Vec<Link<P>>, options: ChainOptions) -> Result<Self, EmptyChain> {
        if links.is_empty() {
            return Err(EmptyChain);
        }
        // Longer than the first pause of its breaker, so that a session with no need of it does not probe it.
        let rest = 2 * Duration::from_millis(options.breaker.open_ms);
        let links = links.into_iter().map(|link| {
            let name = link.provider.provider_name();
            Member {
                name,
                provider: link.provider,
                limits: link.limits,
                health: Health::new(name, options.breaker.clone()),
                prices: Arc::new(link.prices),
            }
        });
        Ok(Self(Arc::new(Links {
            stage,
            members: links.collect(),
            budget: Arc::new(Mutex::new(Budget::new(options.budget))),
            hedge: options.hedge,
            rest,
        })))
    }

    /// The same chain with `provider` in place of the link of its name. All that is known of the links, and the budget,
    /// is shared.
    #[must_use]
    pub fn with(&self, provider: &Arc<P>) -> Self {
        let name = provider.provider_name();
        let links = self.0.members.iter().map(|link| Member {
            name: link.name,
            provider: Arc::clone(if link.name == name {
                provider
            } else {
                &link.provider
            }),
            limits: link.limits,
            health: Arc::clone(&link.health),
            prices: Arc::clone(&link.prices),
        });
        Self(Arc::new(Links {
            stage: self.0.stage,
            members: links.collect(),
            budget: Arc::clone(&self.0.budget),
            hedge: self.0.hedge,
            rest: self.0.rest,
        }))
    }

    /// How each link does, in order.
    pub fn health(&self) -> Vec<LinkHealth> {
        self.0.members.iter().map(|link| link.health.report()).collect()
    }
}

impl<P: ?Sized> Links<P> {
    /// The name of the chain as a whole: its preferred link's.
    pub(super) fn name(&self) -> &'static str {
        self.members[0].name
    }

    /// A new use. Links for which `standing` says so are left out.
    pub(super) fn route(&self, standing: impl FnMut(&Member<P>) -> Standing) -> Route {
        self.budget().deposit();
        Route(self.members.iter().map(standing).collect())
    }

    /// The link that serves next, which is not asked for this use again.
    pub(super) fn choose(&self, route: &mut Route) -> Option<Chosen> {
        let again = route.0.contains(&Standing::Tried);
        let spare = !again || self.budget().withdraw(now());
        let (link, permit) = select::next(&route.0, spare, |link, forced| {
            let health = &self.members[link].health;
            if forced {
                Some(health.force())
            } else {
                health.admit()
            }
        })?;
        route.0[link] = Standing::Tried;
        Some(Chosen { link, permit })
    }

    /// A second link to race with one that is slower than usual, if one is free and the budget allows it.
    pub(super) fn choose_rival(&self, route: &mut Route) -> Option<Chosen> {
        let free = |link: &usize| route.0[*link] == Standing::Free;
        if !route.has_free() || !self.budget().withdraw(now()) {
            return None;
        }
        let admit = |link: usize| Some((link, self.members[link].health.admit()?));
        let (link, permit) = (0..self.members.len()).filter(free).find_map(admit)?;
        route.0[link] = Standing::Tried;
        Some(Chosen { link, permit })
    }

    /// After how long a link is slower than usual; `None` if the chain does not hedge or nothing is usual yet.
    pub(super) fn hedged_after(&self, link: usize) -> Option<Duration> {
        let usual = self
            .hedge
            .then(|| self.members[link].health.usual_latency())
            .flatten();
        usual.map(|usual| usual.max(HEDGED_AFTER))
    }

    /// A session's ear for what a link does.
    pub(super) fn reporter(&self, link: usize, session: &Reporter) -> Reporter {
        let Member { name, prices, .. } = &self.members[link];
        session.of(self.stage, name, Arc::clone(prices))
    }

    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Route {
    /// The link has been asked already.
    pub(super) fn tried(&mut self, link: usize) {
        self.0[link] = Standing::Tried;
    }

    /// Another link is to be preferred, if there is one.
    pub(super) fn avoid(&mut self, link: usize) {
        self.0[link] = Standing::Avoided;
    }

    /// Whether a link is left that is to be preferred to none.
    pub(super) fn has_free(&self) -> bool {
        self.0.contains(&Standing::Free)
    }

    /// Leaves all but the last link out.
    pub(super) fn skip_to_last(&mut self) {
        if let Some((_, others)) = self.0.split_last_mut() {
            others.fill(Standing::Tried);
        }
    }
}

impl<P: ?Sized> Clone for Chain<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Provider + ?Sized> std::fmt::Debug for Chain<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("stage", &self.0.stage)
            .field("links", &self.health())
            .finish()
    }
}
