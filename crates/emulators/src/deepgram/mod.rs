//! Deepgram's live transcription: `/v1/listen` (Nova) and `/v2/listen` (Flux).
//!
//! Any key is good but one that begins with `revoked`. Raw audio is understood (linear16, linear32, mulaw, alaw);
//! everything else is answered as audio that cannot be decoded.

mod audio;
mod feed;
mod flux;
mod flux_query;
mod listening;
mod messages;
mod nova;
mod nova_query;
mod query;
mod turn;

use axum::Json;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use self::query::pairs;
use crate::answer;
use crate::faults::Refusal;
use crate::hub::{Hub, uuid};
use crate::line::Line;

/// The routes of both services.
pub(crate) fn router() -> Router<Hub> {
    Router::new()
        .route("/v1/listen", get(nova::listen))
        .route("/v2/listen", get(flux::listen))
}

/// What a handshake brings.
type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// A handshake that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "Bad Request",
            message: message.into(),
        }
    }

    fn unauthorised() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            code: "INVALID_AUTH",
            message: "Invalid credentials.".to_owned(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let request_id = uuid();
        let text = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("refused"));
        let headers = [
            ("dg-request-id", text(&request_id)),
            ("dg-error", text(&self.message)),
        ];
        let body = json!({ "err_code": self.code, "err_msg": self.message, "request_id": request_id });
        (self.status, headers, Json(body)).into_response()
    }
}

/// The answer of a request that a fault strikes.
fn refuse(line: &Line, refusal: Refusal) -> Response {
    let shape = |status| {
        let (code, message) = if status == StatusCode::TOO_MANY_REQUESTS {
            ("TOO_MANY_REQUESTS", "Too many requests. Please try again later.")
        } else {
            ("INTERNAL_SERVER_ERROR", "Internal server error.")
        };
        let message = message.to_owned();
        Refused {
            status,
            code,
            message,
        }
        .into_response()
    };
    answer::Refused::by(refusal, line, shape).into_response()
}

/// Finds the credential: `Authorization: Token …` or `Bearer …`, or the same as WebSocket protocols. Gives the
/// protocol to answer with.
fn authorise(headers: &HeaderMap) -> Result<Option<&'static str>, Refused> {
    let value = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (scheme, key, protocol) = if let Some(value) = value(header::AUTHORIZATION) {
        let (scheme, key) = value.split_once(' ').unwrap_or((value, ""));
        (scheme.to_lowercase(), key, false)
    } else {
        let value = value(header::SEC_WEBSOCKET_PROTOCOL).unwrap_or_default();
        let (scheme, key) = value.split_once(',').unwrap_or((value, ""));
        (scheme.to_lowercase(), key.trim(), true)
    };
    let known = match scheme.as_str() {
        "token" => "token",
        "bearer" => "bearer",
        _ => return Err(Refused::unauthorised()),
    };
    if key.is_empty() || key.starts_with("revoked") {
        return Err(Refused::unauthorised());
    }
    Ok(protocol.then_some(known))
}

/// Lets a client in if its key is good and `read` its query: what was read, and the upgrade.
fn admit<Q>(
    headers: &HeaderMap,
    query: Option<&str>,
    read: impl FnOnce(&[(String, String)]) -> Result<Q, Refused>,
    upgrade: Upgrade,
) -> Result<(Q, WebSocketUpgrade), Refused> {
    let protocol = authorise(headers)?;
    let query = read(&pairs(query))?;
    let upgrade = upgrade.map_err(|_| Refused::bad("WebSocket upgrade required."))?;
    Ok((query, upgrade.protocols(protocol)))
}

/// Names the request in the answer to a handshake.
fn named(mut response: Response, request_id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("dg-request-id", value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn every_way_to_bring_a_key_is_known() {
        for (name, value, protocol) in [
            (header::AUTHORIZATION, "Token abc", None),
            (header::AUTHORIZATION, "Bearer abc", None),
            (header::SEC_WEBSOCKET_PROTOCOL, "token, abc", Some("token")),
        ] {
            assert_eq!(authorise(&headers(name, value)), Ok(protocol), "{value}");
        }
    }

    #[test]
    fn no_key_and_a_revoked_one_are_refused() {
        for value in ["Token ", "Basic abc", "Token revoked-1"] {
            let refused = authorise(&headers(header::AUTHORIZATION, value));
            assert_eq!(refused, Err(Refused::unauthorised()), "{value}");
        }
        assert!(authorise(&HeaderMap::new()).is_err());
    }
}
