//! Secrets kept in AWS Secrets Manager.
//!
//! A secret is fetched once and handed out as a [`Secret`], which is then replaced wherever it is used when it is rotated:
//! at intervals, and soon after a provider refused it.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_secretsmanager::Client;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::error::request_kind;
use crate::secret::Secret;
use bedside_conversation::io::FaultKind;

/// How secrets are fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How often each secret is fetched again, ms.
    pub refresh_ms: u64,
    /// The least time between two fetches of a secret that providers refuse, ms.
    pub refused_ms: u64,
    /// At most this long for a secret, all attempts together, ms.
    pub timeout_ms: u64,
    /// At most this many attempts in a row.
    pub attempts: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            refresh_ms: 900_000,
            refused_ms: 10_000,
            timeout_ms: 8_000,
            attempts: 3,
        }
    }
}

/// Why a secret could not be had. It names the secret, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// Secrets Manager did not answer with it.
    #[error("{arn}: {kind}")]
    Unavailable {
        /// The secret.
        arn: String,
        /// How it failed.
        kind: FaultKind,
    },
    /// It is bytes, not text.
    #[error("{arn}: is not text")]
    NotText {
        /// The secret.
        arn: String,
    },
    /// A field of it was asked for, and it has no such field of text.
    #[error("{arn}: has no text field {field:?}")]
    NoField {
        /// The secret.
        arn: String,
        /// The field.
        field: String,
    },
}

/// Fetches secrets and keeps them fresh. Cloning shares it; when the last clone is dropped, secrets keep their values.
#[derive(Debug, Clone)]
pub struct SecretsManager(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    config: Config,
    kept: Mutex<Vec<Kept>>,
    refused: Arc<Notify>,
}

/// A secret that was handed out.
#[derive(Debug, Clone)]
struct Kept {
    arn: String,
    field: Option<String>,
    secret: Secret,
}

impl SecretsManager {
    /// Secrets of this account. Within a Tokio runtime, as a task of it keeps them fresh.
    pub fn new(sdk: &SdkConfig, config: Config) -> Self {
        let retries = RetryConfig::standard().with_max_attempts(config.attempts.max(1));
        let settings = aws_sdk_secretsmanager::config::Builder::from(sdk)
            .retry_config(retries)
            .build();
        let refused = Arc::new(Notify::new());
        let inner = Arc::new(Inner {
            client: Client::from_conf(settings),
            config,
            kept: Mutex::default(),
            refused: Arc::clone(&refused),
        });
        tokio::spawn(keep_fresh(Arc::downgrade(&inner), refused));
        Self(inner)
    }

    /// The secret of this name or ARN: the whole text, or a field of the JSON object that it is. From now on it is
    /// replaced when it is rotated.
    pub async fn fetch(&self, arn: &str, field: Option<&str>) -> Result<Secret, SecretFault> {
        let text = self.0.text(arn).await?;
        let secret = Secret::new(pick(arn, text, field)?);
        self.0.lock().push(Kept {
            arn: arn.to_owned(),
            field: field.map(str::to_owned),
            secret: secret.clone(),
        });
        Ok(secret)
    }

    /// Fetches all secrets again soon, as a provider refused one: it may have been rotated. Cheap; may be called for
    /// every refusal.
    pub fn refused(&self) {
        self.0.refused.notify_one();
    }
}

impl Inner {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn text(&self, arn: &str) -> Result<String, SecretFault> {
        let request = self.client.get_secret_value().secret_id(arn).send();
        let limit = Duration::from_millis(self.config.timeout_ms);
        let unavailable = |kind| SecretFault::Unavailable {
            arn: arn.to_owned(),
            kind,
        };
        match timeout(limit, request).await {
            Err(_) => Err(unavailable(FaultKind::Timeout)),
            Ok(Err(error)) => Err(unavailable(request_kind(&error))),
            Ok(Ok(answer)) => answer
                .secret_string
                .ok_or_else(|| SecretFault::NotText { arn: arn.to_owned() }),
        }
    }

    /// Fetches every secret again. One that cannot be had keeps its value.
    async fn refresh(&self) {
        let mut kept = self.lock().clone();
        kept.sort_by(|a, b| a.arn.cmp(&b.arn));
        for of_one in kept.chunk_by(|a, b| a.arn == b.arn) {
            let arn = &of_one[0].arn;
            let text = self.text(arn).await;
            for Kept { field, secret, .. } in of_one {
                let value = text.clone().and_then(|text| pick(arn, text, field.as_deref()));
                match value {
                    Ok(value) => {
                        if secret.replace(value) {
                            tracing::info!(arn, "a secret was rotated");
                        }
                    }
                    Err(fault) => tracing::warn!(%fault, "a secret was not fetched again"),
                }
            }
        }
    }
}

async fn keep_fresh(inner: Weak<Inner>, refused: Arc<Notify>) {
    let Some(config) = inner.upgrade().map(|inner| inner.config.clone()) else {
        return;
    };
    let every = Duration::from_millis(config.refresh_ms.max(1_000));
    let pause = Duration::from_millis(config.refused_ms);
    let mut last = Instant::now();
    loop {
        tokio::select! {
            () = sleep_until(last + every) => {}
            () = refused.notified() => sleep_until(last + pause).await,
        }
        let Some(inner) = inner.upgrade() else { return };
        inner.refresh().await;
        last = Instant::now();
    }
}

/// The value in a secret's text.
fn pick(arn: &str, text: String, field: Option<&str>) -> Result<String, SecretFault> {
    let Some(field) = field else { return Ok(text) };
    match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(mut fields)) => match fields.remove(field) {
            Some(Value::String(value)) => Some(value),
            _ => None,
        },
        _ => None,
    }
    .ok_or_else(|| SecretFault::NoField {
        arn: arn.to_owned(),
        field: field.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_text_or_a_field_of_it() {
        let text = || r#"{"key": "hush", "port": 5432}"#.to_owned();
        assert_eq!(pick("a", text(), None), Ok(text()));
        assert_eq!(pick("a", text(), Some("key")), Ok("hush".to_owned()));
        let missing = pick("a", text(), Some("port")).unwrap_err();
        assert_eq!(missing.to_string(), r#"a: has no text field "port""#);
        assert!(pick("a", "hush".to_owned(), Some("key")).is_err());
    }

    #[test]
    fn faults_hold_no_value() {
        let fault = pick("a", r#"{"key": "hush"}"#.to_owned(), Some("other")).unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains("hush"));
    }
}
