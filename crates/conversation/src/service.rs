//! What providers do beside their answers: one takes over from another, and their work costs money.

pub use bedside_protocol::Stage;

use crate::io::FaultKind;

/// Another provider took over a stage of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderChange {
    /// What they serve.
    pub stage: Stage,
    /// Who served it.
    pub from: &'static str,
    /// Who serves it now.
    pub to: &'static str,
    /// Why.
    pub reason: ChangeReason,
}

/// Why another provider took over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeReason {
    /// The one before failed.
    Fault(FaultKind),
    /// The one before had failed too often, for any session.
    CircuitOpen,
    /// The one before was slower than usual, and this one was faster.
    Slow,
    /// This one works again and is preferred.
    Recovered,
}

impl ChangeReason {
    /// A name for events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fault(kind) => kind.name(),
            Self::CircuitOpen => "circuit_open",
            Self::Slow => "slow",
            Self::Recovered => "recovered",
        }
    }
}

/// Billable work that a provider has done for this session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProviderUse {
    /// What it serves.
    pub stage: Stage,
    /// Who did it.
    pub provider: &'static str,
    /// What is counted.
    pub unit: Unit,
    /// How many of them.
    pub quantity: f64,
    /// What it costs, in millionths of the installation's currency; `None` if no price was set.
    pub price_micros: Option<u64>,
}

/// What providers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Seconds of audio heard.
    AudioSeconds,
    /// Characters spoken.
    Characters,
    /// Tokens read, not from a cache.
    InputTokens,
    /// Tokens read from a cache.
    CachedTokens,
    /// Tokens written to a cache.
    CacheWriteTokens,
    /// Tokens written.
    OutputTokens,
    /// Seconds of video watched.
    VideoSeconds,
    /// Requests, where they are counted one by one.
    Requests,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 8] = [
        Self::AudioSeconds,
        Self::Characters,
        Self::InputTokens,
        Self::CachedTokens,
        Self::CacheWriteTokens,
        Self::OutputTokens,
        Self::VideoSeconds,
        Self::Requests,
    ];

    /// A name for events, settings and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AudioSeconds => "audio_seconds",
            Self::Characters => "characters",
            Self::InputTokens => "input_tokens",
            Self::CachedTokens => "cached_tokens",
            Self::CacheWriteTokens => "cache_write_tokens",
            Self::OutputTokens => "output_tokens",
            Self::VideoSeconds => "video_seconds",
            Self::Requests => "requests",
        }
    }
}
