//! Cartesia's speech: contexts over `/tts/websocket`, and whole texts over `/tts/sse` and `/tts/bytes`.
//!
//! Any key is good but one that begins with `revoked`. A request is a handshake, a context or an HTTP call: faults that
//! refuse strike whichever comes first. A context that expires is said to be done, and takes nothing more.

mod buffer;
mod context;
mod events;
mod http;
mod refusal;
mod request;
mod speaker;
mod usage;
mod websocket;

use std::sync::Arc;

use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;

use self::refusal::{Problem, Version};
use self::usage::Usage;
use crate::hub::Hub;

/// The routes.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/tts/websocket", get(websocket::connect))
        .route("/tts/sse", post(http::sse))
        .route("/tts/bytes", post(http::bytes))
        .layer(Extension(Arc::<Usage>::default()))
}

/// What may stand in the query instead of in headers.
#[derive(Debug, Default, Deserialize)]
struct Credentials {
    api_key: Option<String>,
    access_token: Option<String>,
    cartesia_version: Option<String>,
}

/// Checks the version and the key, in whichever place they are. The query wins.
fn admit(headers: &HeaderMap, Query(query): &Query<Credentials>) -> Result<Version, (Version, Problem)> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let version = query
        .cartesia_version
        .as_deref()
        .or_else(|| value("cartesia-version"));
    let newest = Version::NEWEST;
    let version = match version.map(Version::read) {
        Some(Some(version)) => version,
        Some(None) => {
            return Err((
                newest,
                Problem::bad("Invalid version", "Cartesia-Version must be YYYY-MM-DD."),
            ));
        }
        None => {
            return Err((
                newest,
                Problem::bad("Missing version", "Cartesia-Version is required."),
            ));
        }
    };
    let bearer = value(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    let key = bearer
        .or_else(|| value("x-api-key"))
        .or(query.api_key.as_deref())
        .or(query.access_token.as_deref());
    match key {
        Some(key) if !key.trim().is_empty() && !key.starts_with("revoked") => Ok(version),
        _ => Err((version, Problem::unauthorised())),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn a_key_may_come_in_four_ways() {
        let version = ("cartesia-version", "2026-08-14");
        let none = || Query(Credentials::default());
        for pair in [("authorization", "Bearer k"), ("x-api-key", "k")] {
            assert!(admit(&headers(&[version, pair]), &none()).is_ok(), "{pair:?}");
        }
        let in_query = Query(Credentials {
            access_token: Some("k".into()),
            cartesia_version: Some("2025-04-16".into()),
            ..Credentials::default()
        });
        assert!(admit(&HeaderMap::new(), &in_query).is_ok());
        let (_, problem) = admit(&headers(&[version]), &none()).expect_err("no key");
        assert_eq!(problem.status.as_u16(), 401);
    }

    #[test]
    fn a_version_is_required_and_a_date() {
        let key = ("x-api-key", "k");
        let none = Query(Credentials::default());
        assert!(admit(&headers(&[key]), &none).is_err());
        assert!(admit(&headers(&[key, ("cartesia-version", "latest")]), &none).is_err());
    }
}
