//! The server: HTTP and WebSocket in front of the engine.
//!
//! Handshakes, keys, refusals, and a polite end. It must never know what is said in a session: it hands messages to
//! the engine as they come.
//!
//! ```
//! use bedside_server::{Access, AccessError};
//!
//! let loopback = "127.0.0.1:8080".parse()?;
//! assert!(Access::new(loopback, Vec::new(), Vec::new()).is_ok());
//!
//! let network = "0.0.0.0:8080".parse()?;
//! let refused = Access::new(network, Vec::new(), Vec::new());
//! assert_eq!(refused.err(), Some(AccessError::KeylessNetwork { listen: network }));
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

mod access;
mod app;
mod body;
mod client_secrets;
mod error;
mod metrics;
mod models;
mod ops;
mod origin;
mod page;
mod rate;
mod realtime;
mod resume;
mod router;
mod secrets;
mod serve;
mod socket;
mod upgrade;
mod watch;

pub use access::{Access, AccessError, MIN_KEY_LENGTH};
pub use app::{App, Settings};
pub use metrics::Durations;
pub use ops::{ChainLink, JobClass, JobFigures, ModelThreads, StageChain};
pub use rate::HandshakeRate;
pub use serve::{bind, serve};
