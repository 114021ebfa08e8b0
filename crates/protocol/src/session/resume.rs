//! `session.bedside.resume`: what lets a client that lost its connection go on with the session.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The right to go on with a session. Whoever holds it needs no key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResumeTicket {
    /// Goes into the address of the next connection as `resume`; the same all session long. A secret.
    pub token: String,
    /// How long a session is kept after its connection was lost, ms.
    pub ttl_ms: u64,
}

impl fmt::Debug for ResumeTicket {
    /// Leaves out the token: what is printed may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumeTicket")
            .field("ttl_ms", &self.ttl_ms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_sent_and_never_printed() {
        let ticket = ResumeTicket {
            token: "secret".to_owned(),
            ttl_ms: 30_000,
        };
        assert!(!format!("{ticket:?}").contains("secret"));
        let json = serde_json::to_value(&ticket).unwrap();
        assert_eq!(json, serde_json::json!({"token": "secret", "ttl_ms": 30_000}));
    }
}
