//! Chains of providers: whatever one of them does, a session is served by the next within a deadline.
//!
//! A [`Chain`] implements the trait of its links, so whoever uses it sees one provider. It decides which link serves,
//! how long each of its events may take, and when another takes over; it must never know what is said, a turn or a
//! client. The decisions are pure: [`BreakerSettings`] and [`BudgetSettings`] bound what a sick provider is asked.
//!
//! - A **breaker** per link, shared by all sessions, keeps them from a link that fails; when it has rested, one use at a
//!   time tries it again.
//! - A **budget** bounds how many uses may be tried again or hedged. The last link needs none: it is always tried, even
//!   if its breaker is open.
//! - A use that is given up by its consumer is neither a success nor a failure.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bedside_conversation::consultation::Protocol;
//! use bedside_conversation::service::Stage;
//! use bedside_providers::report::Prices;
//! use bedside_providers::resilience::{Chain, ChainOptions, EventLimits, Link};
//! use bedside_providers::scripted::ScriptedModel;
//! use bedside_providers::traits::ChatModel;
//!
//! let scripted = Link {
//!     provider: Arc::new(ScriptedModel::new(Arc::new(Protocol::general_intake()?))) as Arc<dyn ChatModel>,
//!     limits: EventLimits::local(),
//!     prices: Prices::default(),
//! };
//! let chain = Chain::new(Stage::Model, vec![scripted], ChainOptions::default())?;
//! let model: Arc<dyn ChatModel> = Arc::new(chain.clone());
//! assert_eq!(model.name(), "scripted");
//! assert_eq!(chain.health()[0].uses, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod breaker;
mod budget;
mod chain;
mod device;
mod health;
mod knowledge;
mod latency;
mod limits;
mod model;
mod notices;
mod opening;
mod request;
mod select;
mod synthesizer;
mod transcriber;
mod vitals;

pub use breaker::{BreakerSettings, BreakerState};
pub use budget::BudgetSettings;
pub use chain::{Chain, ChainOptions, EmptyChain, Link, Provider};
pub use health::LinkHealth;
pub use limits::EventLimits;
