//! Who may go on with a session whose connection was lost.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{KEY, Options, Server, Socket};
use tokio::time::Instant;

/// A session that has shown its ticket: the token, and the last event.
async fn enter(server: &Server) -> (Socket, String, String) {
    let mut session = server.enter().await;
    session
        .send(json!({"type": "session.update", "session": {"type": "realtime", "bedside": {}}}))
        .await;
    let updated = session.expect("session.updated").await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let token = text(&updated["session"]["bedside"]["resume"]["token"]);
    (session, token, text(&updated["event_id"]))
}

#[tokio::test]
async fn the_token_alone_opens_the_session_it_was_made_for() {
    let server = Server::start(Options::default());
    let (session, token, last) = enter(&server).await;
    drop(session);
    let back = |token: &str| format!("/v1/realtime?resume={token}&last_event_id={last}");
    let guessed = "0".repeat(token.len());
    for (path, status, code) in [
        (back(&guessed), 404, "resume_not_found"),
        (back(KEY), 404, "resume_not_found"),
        (format!("{}x", back(&token)), 410, "resume_expired"),
        (format!("{}&unheard=sing", back(&token)), 400, "invalid_value"),
        (
            format!("/v1/realtime?resume={token}"),
            400,
            "missing_required_parameter",
        ),
        (
            format!("/v1/realtime?access_token={token}"),
            401,
            "invalid_api_key",
        ),
    ] {
        let refused = server.refusal(&path, &[]).await;
        assert!(refused.is(status, code), "{path}: {refused:?}");
    }
    assert_eq!(server.http("GET", &back(&token), "", "").await.0, 426);
    let mut session = server.connect(&back(&token), &[]).await.expect("the session");
    session.send(json!({"type": "response.create"})).await;
    session.expect("response.done").await;
}

#[tokio::test]
async fn a_page_of_another_site_cannot_go_on_with_a_session_of_a_keyless_server() {
    let server = Server::start(Options {
        keys: Vec::new(),
        ..Options::default()
    });
    let (_session, token, last) = enter(&server).await;
    let path = format!("/v1/realtime?resume={token}&last_event_id={last}");
    let foreign = server.refusal(&path, &[("origin", "https://evil.example")]).await;
    assert!(foreign.is(403, "insufficient_permissions"), "{foreign:?}");
}

#[tokio::test]
async fn a_session_that_waits_takes_its_place_and_does_not_hold_up_the_end() {
    let server = Server::start(Options {
        capacity: 1,
        ..Options::default()
    });
    let (session, token, last) = enter(&server).await;
    drop(session);
    let key = format!("Bearer {KEY}");
    let full = server.refusal("/v1/realtime", &[("authorization", &key)]).await;
    assert!(full.is(503, "server_overloaded"), "{full:?}");
    let began = Instant::now();
    server.shutdown.cancel();
    server.app.registry().drain(began + Duration::from_secs(20)).await;
    assert!(began.elapsed() < Duration::from_secs(5));
    let path = format!("/v1/realtime?resume={token}&last_event_id={last}");
    assert!(server.connect(&path, &[]).await.is_err());
}
