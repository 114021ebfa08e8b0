//! Keys and passwords: never shown, and replaced while the program runs when they are rotated.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

/// A key or password. Cloning shares it, so that whoever uses it has the newest value.
#[derive(Clone)]
pub struct Secret(Arc<RwLock<SecretString>>);

impl Secret {
    /// A secret of this value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(RwLock::new(SecretString::from(value.into()))))
    }

    /// Replaces it everywhere; whether it was another one.
    pub fn replace(&self, value: impl Into<String>) -> bool {
        let value = SecretString::from(value.into());
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let changed = current.expose_secret() != value.expose_secret();
        *current = value;
        changed
    }

    /// The value, for a request that is made now. It must not be kept or written anywhere.
    pub fn expose(&self) -> String {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.expose_secret().to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_replaced_for_all_and_never_shown() {
        let secret = Secret::new("hush");
        let shared = secret.clone();
        assert!(secret.replace("hush-2") && !secret.replace("hush-2"));
        assert_eq!(shared.expose(), "hush-2");
        assert!(!format!("{shared:?}").contains("hush"));
    }
}
