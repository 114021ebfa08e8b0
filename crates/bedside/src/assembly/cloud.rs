//! The SDK of AWS, set up once if anything needs it.

#[cfg(feature = "aws")]
use bedside_providers::aws::{self, secrets::SecretsManager};
use bedside_providers::secret::Secret;
#[cfg(feature = "aws")]
use std::time::Duration;

use crate::config::Services;

/// How often it is looked whether a key was refused.
#[cfg(feature = "aws")]
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What all providers of AWS share.
#[derive(Default)]
pub(crate) struct Cloud {
    #[cfg(feature = "aws")]
    aws: Option<(aws::SdkConfig, SecretsManager)>,
}

impl Cloud {
    /// Sets up the SDK if `services` need it.
    #[cfg(feature = "aws")]
    pub(crate) async fn of(services: &Services) -> Self {
        if !services.need_aws() {
            return Self::default();
        }
        let sdk = aws::load(&services.aws).await;
        let secrets = SecretsManager::new(&sdk, services.secrets.clone());
        Self {
            aws: Some((sdk, secrets)),
        }
    }

    #[cfg(not(feature = "aws"))]
    pub(crate) async fn of(_: &Services) -> Self {
        Self::default()
    }

    /// The SDK's settings.
    #[cfg(feature = "aws")]
    pub(crate) fn sdk(&self) -> Option<&aws::SdkConfig> {
        self.aws.as_ref().map(|(sdk, _)| sdk)
    }

    /// A secret of Secrets Manager.
    #[cfg(feature = "aws")]
    pub(crate) async fn secret(&self, name: &str, field: Option<&str>) -> Result<Secret, String> {
        let (_, secrets) = self.aws.as_ref().ok_or("AWS is not set up")?;
        let fetched = secrets.fetch(name, field).await;
        fetched.map_err(|fault| fault.to_string())
    }

    /// From now on, keys are fetched again as soon as a provider has refused something: a key may have been rotated.
    #[cfg(feature = "aws")]
    pub(crate) fn refresh_when_refused(self, refusals: impl Fn() -> u64 + Send + 'static) {
        let Some((_, secrets)) = self.aws else { return };
        tokio::spawn(async move {
            let mut known = refusals();
            let mut ticks = tokio::time::interval(LOOK_EVERY);
            loop {
                ticks.tick().await;
                let now = refusals();
                if now > known {
                    secrets.refused();
                }
                known = now;
            }
        });
    }

    #[cfg(not(feature = "aws"))]
    pub(crate) fn refresh_when_refused(self, _: impl Fn() -> u64 + Send + 'static) {}

    #[cfg(not(feature = "aws"))]
    pub(crate) async fn secret(&self, name: &str, _: Option<&str>) -> Result<Secret, String> {
        Err(format!("{name}: this program was built without AWS"))
    }
}
