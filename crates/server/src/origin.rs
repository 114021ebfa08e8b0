//! Keeps web pages of other sites off a server that asks for no key.
//!
//! A page anywhere can make its visitor's browser open a WebSocket to 127.0.0.1, or point its own name at 127.0.0.1
//! (DNS rebinding). The browser says where the page came from (`Origin`) and what name it used (`Host`); programs
//! that are no browsers send no `Origin`.

use axum::http::Uri;
use axum::http::header::{HOST, HeaderMap, ORIGIN};

/// Whether a keyless server may answer a request with these headers: its host is this machine by name, and its
/// origin, if it has one, is this machine or one of `allowed`.
pub(crate) fn is_local(headers: &HeaderMap, allowed: &[String]) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host_is_local = text(HOST).is_some_and(|host| host.parse::<Uri>().is_ok_and(|uri| is_loopback(&uri)));
    let origin_is_local = text(ORIGIN).is_none_or(|origin| {
        allowed.iter().any(|allowed| allowed == origin)
            || origin.parse::<Uri>().is_ok_and(|uri| is_loopback(&uri))
    });
    host_is_local && origin_is_local
}

fn is_loopback(uri: &Uri) -> bool {
    uri.host().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().expect("a header"));
        }
        is_local(&headers, &["https://clinic.example".to_owned()])
    }

    #[test]
    fn programs_and_pages_of_this_machine_may_enter() {
        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "localhost"] {
            assert!(judged(host, None), "{host}");
            assert!(judged(host, Some("http://localhost:5173")), "{host}");
        }
        assert!(judged("127.0.0.1:8080", Some("https://clinic.example")));
    }

    #[test]
    fn pages_of_other_sites_may_not() {
        for origin in [
            "https://evil.example",
            "http://localhost.evil.example",
            "null",
            "http://127.0.0.1.evil.example",
        ] {
            assert!(!judged("127.0.0.1:8080", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_name_pointed_at_this_machine_does_not_make_it_local() {
        assert!(!judged("evil.example:8080", Some("http://evil.example:8080")));
        assert!(!judged("evil.example:8080", None));
    }
}
