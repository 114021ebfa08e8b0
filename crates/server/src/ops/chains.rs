//! What is known of each provider of a chain, as whoever put the server together tells it.

use bedside_engine::Stage;

/// The providers of a stage, the preferred one first.
#[derive(Debug, Clone)]
pub struct StageChain {
    /// The stage.
    pub stage: Stage,
    /// Its providers.
    pub links: Vec<ChainLink>,
}

/// One provider of a chain.
#[derive(Debug, Clone)]
pub struct ChainLink {
    /// Its name.
    pub name: &'static str,
    /// Its circuit breaker: `closed`, `open` or `half_open`.
    pub breaker: &'static str,
    /// What half of its latest first events took at most, ms.
    pub p50_ms: Option<u64>,
    /// What nineteen in twenty of them took at most, ms.
    pub p95_ms: Option<u64>,
    /// How often it was used since the process began.
    pub uses: u64,
    /// Its faults since then, by kind.
    pub faults: Vec<(&'static str, u64)>,
}
