//! Who may use the server: configured keys, ephemeral keys, or nobody but this machine.

use std::net::SocketAddr;

use axum::http::header::{AUTHORIZATION, HeaderMap, SEC_WEBSOCKET_PROTOCOL};
use subtle::{Choice, ConstantTimeEq};

use crate::error::ApiError;
use crate::secrets::{Advance, Secrets};

/// Browsers cannot set headers on a WebSocket and put the key among the subprotocols instead.
const KEY_PROTOCOL: &str = "openai-insecure-api-key.";

/// A configuration that would leave patients' conversations open to the network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The address can be reached from other machines, and no key is asked for.
    #[error(
        "{listen} can be reached from other machines: configure at least one API key, or listen on 127.0.0.1"
    )]
    KeylessNetwork {
        /// The address to listen on.
        listen: SocketAddr,
    },
    /// A key so short that it can be guessed.
    #[error("API keys need at least {MIN_KEY_LENGTH} characters")]
    WeakKey,
}

/// Shortest API key that is accepted.
pub const MIN_KEY_LENGTH: usize = 16;

/// The rules of access, checked against the address they protect.
#[derive(Clone)]
pub struct Access {
    keys: Vec<String>,
    allowed_origins: Vec<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("keys", &self.keys.len())
            .field("allowed_origins", &self.allowed_origins)
            .finish()
    }
}

impl Access {
    /// Rules for a server on `listen`. Without keys only a loopback address is accepted; `allowed_origins` (such as
    /// `https://clinic.example`) are web origins that may use a keyless server besides this machine's own.
    pub fn new(
        listen: SocketAddr,
        keys: Vec<String>,
        allowed_origins: Vec<String>,
    ) -> Result<Self, AccessError> {
        if keys.is_empty() && !listen.ip().is_loopback() {
            return Err(AccessError::KeylessNetwork { listen });
        }
        if keys.iter().any(|key| key.len() < MIN_KEY_LENGTH) {
            return Err(AccessError::WeakKey);
        }
        Ok(Self {
            keys,
            allowed_origins,
        })
    }

    /// Rules for a server that only this machine can reach: no key, and no web origins but this machine's own.
    pub const fn local() -> Self {
        Self {
            keys: Vec::new(),
            allowed_origins: Vec::new(),
        }
    }

    /// Whether the server asks for no key.
    pub(crate) fn is_keyless(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn allowed_origins(&self) -> &[String] {
        &self.allowed_origins
    }

    /// Whether `key` is configured. Takes the same time whichever keys there are and wherever they differ.
    fn knows(&self, key: &str) -> bool {
        let known = self.keys.iter().fold(Choice::from(0), |known, configured| {
            known | configured.as_bytes().ct_eq(key.as_bytes())
        });
        known.into()
    }
}

/// What a caller presented.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credential<'a> {
    Key(&'a str),
    /// From the query, where it ends up in logs of proxies: good only for an ephemeral key.
    QueryToken(&'a str),
}

/// What a caller may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Grant {
    /// Everything.
    Full,
    /// Sessions configured in advance.
    Session(Box<Advance>),
}

/// Finds the caller's credential: a bearer header, a subprotocol, or the query's token.
pub(crate) fn credential<'a>(headers: &'a HeaderMap, query_token: Option<&'a str>) -> Option<Credential<'a>> {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
        });
    let protocols = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
    let mut protocols = protocols
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','));
    let subprotocol = protocols.find_map(|name| name.trim().strip_prefix(KEY_PROTOCOL));
    bearer
        .or(subprotocol)
        .map(Credential::Key)
        .or(query_token.map(Credential::QueryToken))
}

/// Decides what the credential grants.
pub(crate) fn authorize(
    access: &Access,
    secrets: &Secrets,
    credential: Option<&Credential<'_>>,
) -> Result<Grant, ApiError> {
    let key = match credential {
        None if access.is_keyless() => return Ok(Grant::Full),
        None => return Err(ApiError::MissingKey),
        Some(Credential::Key(key)) if access.knows(key) => return Ok(Grant::Full),
        Some(Credential::Key(key) | Credential::QueryToken(key)) => key,
    };
    match secrets.redeem(key) {
        Some(advance) => Ok(Grant::Session(Box::new(advance))),
        None if access.is_keyless() => Ok(Grant::Full),
        None => Err(ApiError::WrongKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a-key-of-some-length";

    fn locked() -> Access {
        let listen = "0.0.0.0:8080".parse().expect("an address");
        Access::new(listen, vec![KEY.to_owned()], Vec::new()).expect("keys are configured")
    }

    #[test]
    fn a_keyless_server_is_refused_on_the_network_and_accepted_on_loopback() {
        for listen in ["0.0.0.0:80", "192.168.1.5:80", "[::]:80"] {
            let listen = listen.parse().expect("an address");
            assert_eq!(
                Access::new(listen, Vec::new(), Vec::new()).err(),
                Some(AccessError::KeylessNetwork { listen })
            );
        }
        for listen in ["127.0.0.1:80", "[::1]:80"] {
            assert!(Access::new(listen.parse().expect("an address"), Vec::new(), Vec::new()).is_ok());
        }
    }

    #[test]
    fn short_keys_are_refused_and_no_key_is_ever_shown() {
        let listen = "127.0.0.1:80".parse().expect("an address");
        let weak = Access::new(listen, vec!["short".to_owned()], Vec::new());
        assert_eq!(weak.err(), Some(AccessError::WeakKey));
        assert!(!format!("{:?}", locked()).contains(KEY));
    }

    #[test]
    fn a_configured_key_grants_everything_unless_it_travels_in_the_query() {
        let (access, secrets) = (locked(), Secrets::new());
        let grant = |credential| authorize(&access, &secrets, Some(&credential));
        assert_eq!(grant(Credential::Key(KEY)).ok(), Some(Grant::Full));
        assert!(matches!(
            grant(Credential::QueryToken(KEY)),
            Err(ApiError::WrongKey)
        ));
        assert!(matches!(
            grant(Credential::Key("a-key-of-same-length")),
            Err(ApiError::WrongKey)
        ));
        assert!(matches!(
            authorize(&access, &secrets, None),
            Err(ApiError::MissingKey)
        ));
    }

    #[test]
    fn credentials_are_found_in_header_subprotocol_and_query() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            credential(&headers, Some("ek_1")),
            Some(Credential::QueryToken("ek_1"))
        );
        let protocols = "realtime, openai-insecure-api-key.secret"
            .parse()
            .expect("a header");
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocols);
        assert_eq!(credential(&headers, None), Some(Credential::Key("secret")));
        headers.insert(AUTHORIZATION, "bearer other".parse().expect("a header"));
        assert_eq!(credential(&headers, None), Some(Credential::Key("other")));
    }
}
