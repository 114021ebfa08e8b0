//! What the providers of AWS share: how their SDK is set up, what its errors mean, and Secrets Manager.
//!
//! The SDK decides how requests are signed, where credentials are from (environment, files, the roles of containers and
//! instances; not single sign-on and credential processes, which only people use) and what bytes mean. It never repeats
//! a request of a consultation, as what to do after a fault is decided a floor above.

mod document;
mod error;
mod sdk;
pub mod secrets;
pub mod sign;

pub use aws_config::SdkConfig;
pub(crate) use document::document;
pub(crate) use error::{code_kind, event_kind, request_kind};
pub use sdk::{Config, load};

use std::time::Duration;

use aws_config::Region;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use bedside_conversation::io::FaultKind;
use futures::StreamExt;
use tokio::time::timeout;

use crate::answering::Events;
use crate::fault::ConfigFault;

/// The region of a service: its own, or that of all.
pub(crate) fn region(own: Option<&str>, sdk: &SdkConfig) -> Result<Region, ConfigFault> {
    own.map(|own| Region::new(own.to_owned()))
        .or_else(|| sdk.region().cloned())
        .ok_or_else(|| ConfigFault::new("region", "is not set"))
}

/// One attempt.
pub(crate) fn no_retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(1)
}

/// At most this long to connect. Whoever makes the request limits the rest.
pub(crate) fn connect_within(limit: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(limit).build()
}

/// An answer whose first event is there within `limit` of the request: the SDK would wait for ever.
pub(crate) async fn begun_within<E: Send + 'static>(
    limit: Duration,
    asking: impl Future<Output = Result<Events<E>, FaultKind>>,
) -> Result<Events<E>, FaultKind> {
    let begun = async {
        let mut events = Box::pin(asking.await?.peekable());
        events.as_mut().peek().await;
        Ok(events as Events<E>)
    };
    timeout(limit, begun).await.unwrap_or(Err(FaultKind::Timeout))
}
