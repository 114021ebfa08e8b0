//! How we speak HTTP to vendors: one way to make a client, and one reading of what can go wrong.

use std::time::Duration;

use bedside_conversation::io::FaultKind;
use futures::StreamExt;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use tokio::time::{Instant, timeout_at};

use crate::fault::ConfigFault;
use crate::secret::Secret;

/// Shorter than the idle limit of balancers (60 s) and vendors, so that no request goes out on a connection that is
/// just being closed.
const POOL_IDLE: Duration = Duration::from_secs(45);

/// Idle connections kept to one vendor.
const POOL: usize = 16;

const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// A client that gives up connecting after `connect`. It follows no redirect, which would carry a key elsewhere.
pub(crate) fn client(connect: Duration) -> Result<Client, ConfigFault> {
    Client::builder()
        .user_agent(concat!("bedside/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_nodelay(true)
        .redirect(Policy::none())
        .build()
        .map_err(|error| ConfigFault::new("tls", error.without_url().to_string()))
}

/// `base`, checked, with `path` after its own.
pub(crate) fn address(field: &'static str, base: &str, path: &str) -> Result<Url, ConfigFault> {
    let whole = format!("{}{path}", base.trim_end_matches('/'));
    let url = Url::parse(&whole).map_err(|error| ConfigFault::new(field, error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigFault::new(field, "must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ConfigFault::new(field, "must hold no key; secrets are set apart"));
    }
    Ok(url)
}

/// `request` with `key` as a bearer token, if there is one. The header is marked so that nobody logs it.
pub(crate) fn with_bearer(
    request: RequestBuilder,
    key: Option<&Secret>,
) -> Result<RequestBuilder, FaultKind> {
    match key {
        Some(key) => Ok(request.header(AUTHORIZATION, sensitive(&format!("Bearer {}", key.expose()))?)),
        None => Ok(request),
    }
}

/// A header's value that nobody logs.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, FaultKind> {
    let mut value = HeaderValue::from_str(value).map_err(|_| FaultKind::Refused)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Sends `request`, and gives the head of the answer if that is a success.
pub(crate) async fn send(request: RequestBuilder, deadline: Instant) -> Result<Response, FaultKind> {
    let response = timeout_at(deadline, request.send())
        .await
        .map_err(|_| FaultKind::Timeout)?
        .map_err(|error| of_error(&error))?;
    let status = response.status();
    if status.is_success() {
        Ok(response)
    } else {
        Err(of_status(status.as_u16()))
    }
}

/// The body of an answer, of which no more than `most` bytes are read; whether there was more.
pub(crate) async fn body(
    response: Response,
    most: usize,
    deadline: Instant,
) -> Result<(Vec<u8>, bool), FaultKind> {
    let mut stream = response.bytes_stream();
    let mut body = Vec::new();
    loop {
        let piece = timeout_at(deadline, stream.next())
            .await
            .map_err(|_| FaultKind::Timeout)?;
        let Some(piece) = piece else {
            return Ok((body, false));
        };
        let piece = piece.map_err(|error| of_error(&error))?;
        let room = most - body.len();
        if piece.len() > room {
            body.extend_from_slice(&piece[..room]);
            return Ok((body, true));
        }
        body.extend_from_slice(&piece);
    }
}

/// What a status other than success says of a provider.
pub(crate) fn of_status(status: u16) -> FaultKind {
    match status {
        408 => FaultKind::Timeout,
        429 => FaultKind::Overloaded,
        300..500 => FaultKind::Refused,
        _ => FaultKind::Internal,
    }
}

/// What a failed request says of a provider. The error itself holds addresses and is dropped.
pub(crate) fn of_error(error: &reqwest::Error) -> FaultKind {
    if error.is_timeout() {
        FaultKind::Timeout
    } else if error.is_builder() {
        FaultKind::Refused
    } else {
        FaultKind::Disconnected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_key() {
        assert!(address("url", "http://127.0.0.1:1/v1/", "/chat").is_ok_and(|url| url.path() == "/v1/chat"));
        for bad in ["", "ws://host", "http://user:pass@host", "file:///etc/passwd"] {
            assert!(address("url", bad, "/chat").is_err(), "{bad}");
        }
    }

    #[test]
    fn statuses_are_told_apart() {
        let cases = [
            (301, FaultKind::Refused),
            (401, FaultKind::Refused),
            (408, FaultKind::Timeout),
            (429, FaultKind::Overloaded),
            (500, FaultKind::Internal),
            (503, FaultKind::Internal),
        ];
        for (status, kind) in cases {
            assert_eq!(of_status(status), kind, "{status}");
        }
    }
}
