//! Ephemeral keys: short-lived, given to browsers so that they never see a real one.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bedside_protocol::SessionPatch;
use tokio::time::Instant;

/// How an ephemeral key begins.
const PREFIX: &str = "ek_";

/// Keys that can be valid at a time. Overflow policy: refuse to make another.
const CAPACITY: usize = 10_000;

/// The ephemeral keys that are valid now. A key may open several connections until it expires.
#[derive(Default)]
pub(crate) struct Secrets {
    valid: Mutex<HashMap<String, Secret>>,
}

struct Secret {
    expires: Instant,
    advance: Advance,
}

/// What was configured when the key was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Advance {
    /// The model of sessions that name none.
    pub(crate) model: Option<String>,
    pub(crate) patch: Option<SessionPatch>,
}

/// Why no key was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SecretError {
    #[error("too many ephemeral keys are valid")]
    Full,
    #[error("the system has no randomness")]
    Randomness,
}

impl Secrets {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes a key that is valid for `ttl` and opens sessions configured by `advance`.
    pub(crate) fn issue(&self, ttl: Duration, advance: Advance) -> Result<String, SecretError> {
        let key = format!(
            "{PREFIX}{}",
            random_hex::<24>().map_err(|_| SecretError::Randomness)?
        );
        let now = Instant::now();
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        if valid.len() >= CAPACITY {
            valid.retain(|_, secret| secret.expires > now);
        }
        if valid.len() >= CAPACITY {
            return Err(SecretError::Full);
        }
        valid.insert(
            key.clone(),
            Secret {
                expires: now + ttl,
                advance,
            },
        );
        Ok(key)
    }

    /// What was configured for a key, if the key is valid.
    pub(crate) fn redeem(&self, key: &str) -> Option<Advance> {
        let mut valid = self.valid.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = valid.get(key)?;
        if secret.expires <= Instant::now() {
            valid.remove(key);
            return None;
        }
        Some(secret.advance.clone())
    }
}

/// `BYTES` random bytes from the system, in hexadecimal.
pub(crate) fn random_hex<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// `bytes` in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let text = String::with_capacity(bytes.len() * 2);
    bytes.iter().fold(text, |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_valid_until_it_expires() {
        let secrets = Secrets::new();
        let advance = Advance {
            model: Some("intake".to_owned()),
            patch: None,
        };
        let key = secrets
            .issue(Duration::from_secs(60), advance.clone())
            .expect("a key");
        assert!(key.starts_with("ek_") && key.len() == 51);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(secrets.redeem(&key), Some(advance));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(secrets.redeem(&key), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_store_refuses_until_keys_expire() {
        let secrets = Secrets::new();
        for _ in 0..CAPACITY {
            secrets
                .issue(Duration::from_secs(10), Advance::default())
                .expect("a key");
        }
        assert_eq!(
            secrets.issue(Duration::from_secs(10), Advance::default()),
            Err(SecretError::Full)
        );
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(secrets.issue(Duration::from_secs(10), Advance::default()).is_ok());
    }

    #[test]
    fn no_two_keys_are_alike() {
        assert_ne!(random_hex::<24>(), random_hex::<24>());
    }
}
