//! The SDK's settings that all services share.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use serde::Deserialize;

use super::{connect_within, no_retries};

/// Where AWS is and as whom it is used. What is not set is taken from the environment and the files that all tools of
/// AWS read.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The region, such as `eu-central-1`.
    pub region: Option<String>,
    /// A profile of the shared files.
    pub profile: Option<String>,
    /// Another address for all services, such as an emulator's.
    pub endpoint_url: Option<String>,
    /// At most this long to connect, ms.
    pub connect_ms: u64,
    /// A connection that was not used for so long is closed, ms. Less than the 60 s after which many balancers drop
    /// one silently, and far less than the 350 s of a NAT gateway.
    pub idle_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            region: None,
            profile: None,
            endpoint_url: None,
            connect_ms: 1_500,
            idle_ms: 50_000,
        }
    }
}

/// Sets up the SDK. The clients made from the result share one pool of connections and one set of credentials, which are
/// got at the first request.
pub async fn load(config: &Config) -> SdkConfig {
    let http = Builder::new()
        .pool_idle_timeout(Duration::from_millis(config.idle_ms))
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(no_retries())
        .timeout_config(connect_within(Duration::from_millis(config.connect_ms)));
    if let Some(region) = &config.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &config.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = &config.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_set_wins_over_the_environment() {
        let config: Config = serde_json::from_value(serde_json::json!({
            "region": "eu-north-1",
            "endpoint_url": "http://127.0.0.1:9",
        }))
        .unwrap();
        let sdk = load(&config).await;
        assert_eq!(sdk.region().map(Region::as_ref), Some("eu-north-1"));
        assert_eq!(sdk.endpoint_url(), Some("http://127.0.0.1:9"));
        assert_eq!(sdk.retry_config().unwrap().max_attempts(), 1);
        assert!(sdk.http_client().is_some());
    }
}
