//! Who is let in, how, and with which answer others are turned away.

mod support;

use std::time::Duration;

use bedside_server::HandshakeRate;
use serde_json::{Value, json};
use support::{KEY, Options, Server};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::http::HeaderValue;

fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

#[tokio::test]
async fn a_key_opens_a_session_by_header_or_subprotocol() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    assert_eq!(
        session.expect("session.created").await["session"]["model"],
        "intake"
    );

    let protocols = format!("realtime, openai-insecure-api-key.{KEY}");
    let headers = [("sec-websocket-protocol", protocols.as_str())];
    let mut session = server
        .connect("/v1/realtime?model=follow-up", &headers)
        .await
        .expect("a session");
    let chosen = session.response.headers().get("sec-websocket-protocol").cloned();
    assert_eq!(chosen.as_ref().map(HeaderValue::as_bytes), Some(&b"realtime"[..]));
    assert_eq!(
        session.expect("session.created").await["session"]["model"],
        "follow-up"
    );
}

#[tokio::test]
async fn refusals_come_before_the_upgrade() {
    let server = Server::start(Options::default());
    let key = bearer(KEY);
    let with_key = [("authorization", key.as_str())];
    assert!(
        server
            .refusal("/v1/realtime", &[])
            .await
            .is(401, "invalid_api_key")
    );
    let wrong = bearer("a-key-of-another-kind");
    assert!(
        server
            .refusal("/v1/realtime", &[("authorization", &wrong)])
            .await
            .is(401, "invalid_api_key")
    );
    let in_query = format!("/v1/realtime?access_token={KEY}");
    assert!(server.refusal(&in_query, &[]).await.is(401, "invalid_api_key"));
    assert!(
        server
            .refusal("/v1/realtime?model=gpt", &with_key)
            .await
            .is(404, "model_not_found")
    );
    assert!(
        server
            .refusal("/v1/realtime?model=intake&model=intake", &with_key)
            .await
            .is(400, "invalid_value")
    );
    assert!(server.refusal("/v1/nothing", &with_key).await.is(404, ""));
    let header = format!("Authorization: {key}\r\n");
    assert_eq!(server.http("GET", "/v1/realtime", &header, "").await.0, 426);
}

#[tokio::test]
async fn capacity_and_handshakes_are_limited_with_a_time_to_come_back() {
    let server = Server::start(Options {
        capacity: 1,
        ..Options::default()
    });
    let key = bearer(KEY);
    let _session = server.enter().await;
    let full = server.refusal("/v1/realtime", &[("authorization", &key)]).await;
    assert!(full.is(503, "server_overloaded") && full.retry_after, "{full:?}");

    let rate = HandshakeRate {
        burst: 2,
        per_second: 0.001,
    };
    let server = Server::start(Options {
        handshakes: rate,
        ..Options::default()
    });
    server.enter().await;
    server.enter().await;
    let limited = server.refusal("/v1/realtime", &[("authorization", &key)]).await;
    assert!(
        limited.is(429, "rate_limit_exceeded") && limited.retry_after,
        "{limited:?}"
    );
}

#[tokio::test]
async fn a_keyless_server_serves_programs_of_this_machine_and_no_foreign_page() {
    let server = Server::start(Options {
        keys: Vec::new(),
        ..Options::default()
    });
    server.connect("/v1/realtime", &[]).await.expect("a session");
    server
        .connect("/v1/realtime", &[("authorization", "Bearer anything")])
        .await
        .expect("a session");
    server
        .connect("/v1/realtime", &[("origin", "http://localhost:5173")])
        .await
        .expect("a session");
    let foreign = server
        .refusal("/v1/realtime", &[("origin", "https://evil.example")])
        .await;
    assert!(foreign.is(403, "insufficient_permissions"), "{foreign:?}");
    let headers = "Origin: https://evil.example\r\n";
    assert_eq!(
        server
            .http("POST", "/v1/realtime/client_secrets", headers, "")
            .await
            .0,
        403
    );
}

#[tokio::test]
async fn an_ephemeral_key_opens_the_session_it_was_made_for_and_nothing_else() {
    let server = Server::start(Options::default());
    let headers = format!("Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n");
    let request = json!({
        "expires_after": {"anchor": "created_at", "seconds": 30},
        "session": {"type": "realtime", "model": "follow-up", "instructions": "Be brief."},
    });
    let create = async |body: &str| {
        server
            .http("POST", "/v1/realtime/client_secrets", &headers, body)
            .await
    };
    let (status, body) = create(&request.to_string()).await;
    assert_eq!(status, 200, "{body}");
    let secret: Value = serde_json::from_str(&body).expect("JSON");
    let value = secret["value"].as_str().expect("a key");
    assert!(value.starts_with("ek_") && secret["expires_at"].is_u64());
    assert_eq!(secret["session"]["client_secret"]["value"], value);

    let path = format!("/v1/realtime?access_token={value}");
    let mut session = server.connect(&path, &[]).await.expect("a session");
    let created = session.expect("session.created").await;
    assert_eq!(
        (&created["session"]["model"], &created["session"]["instructions"]),
        (&json!("follow-up"), &json!("Be brief."))
    );

    let as_ephemeral = format!("Authorization: Bearer {value}\r\n");
    assert_eq!(
        server
            .http("POST", "/v1/realtime/client_secrets", &as_ephemeral, "")
            .await
            .0,
        403
    );
    assert_eq!(server.http("GET", "/v1/models", &as_ephemeral, "").await.0, 403);
    assert_eq!(create(r#"{"expires_after":{"seconds":1}}"#).await.0, 400);
    assert_eq!(
        create(r#"{"session":{"type":"realtime","instructions":7}}"#)
            .await
            .0,
        400
    );
    assert_eq!(create("[").await.0, 400);
}

#[tokio::test]
async fn models_are_listed_for_those_with_a_key() {
    let server = Server::start(Options::default());
    assert_eq!(server.http("GET", "/v1/models", "", "").await.0, 401);
    let (status, body) = server
        .http(
            "GET",
            "/v1/models",
            &format!("Authorization: Bearer {KEY}\r\n"),
            "",
        )
        .await;
    let list: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &list["data"][0]["id"], &list["data"][1]["id"]),
        (200, &json!("intake"), &json!("follow-up"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_turned_away_before_its_body_and_a_slow_body_is_not_waited_for() {
    let server = Server::start(Options::default());
    let began = Instant::now();
    assert_eq!(server.unfinished_post("").await, 401);
    assert!(began.elapsed() < Duration::from_secs(1));
    let with_key = format!("Authorization: Bearer {KEY}\r\n");
    assert_eq!(server.unfinished_post(&with_key).await, 408);
    assert_eq!(began.elapsed().as_secs(), 10);
    let (status, _) = server
        .http(
            "POST",
            "/v1/realtime/client_secrets",
            &with_key,
            &" ".repeat(300_000),
        )
        .await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn newcomers_are_told_to_come_back_while_a_session_drains() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    session.expect("session.created").await;
    // A patient in the middle of a turn, taken by hand.
    let by_hand = json!({"type": "realtime", "audio": {"input": {"turn_detection": null}}});
    session
        .send(json!({"type": "session.update", "session": by_hand}))
        .await;
    session.expect("session.updated").await;
    session
        .send(json!({"type": "input_audio_buffer.append", "audio": "AAAA".repeat(4_000)}))
        .await;
    session
        .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
        .await;
    session.expect("session.updated").await;
    server.shutdown.cancel();
    assert_eq!(server.http("GET", "/readyz", "", "").await.0, 503);
    assert_eq!(server.http("GET", "/healthz", "", "").await.0, 200);
    let key = bearer(KEY);
    let refused = server.refusal("/v1/realtime", &[("authorization", &key)]).await;
    assert!(
        refused.is(503, "server_overloaded") && refused.retry_after,
        "{refused:?}"
    );
    let headers = format!("Authorization: {key}\r\n");
    let (status, figures) = server.http("GET", "/metrics", &headers, "").await;
    assert_eq!(status, 200);
    for line in [
        "bedside_draining 1.0",
        "bedside_sessions 1.0",
        "bedside_sessions_refused_total{reason=\"draining\"} 1.0",
    ] {
        assert!(figures.lines().any(|told| told == line), "no {line}");
    }
    let last_words = session.last_words().await;
    assert_eq!(last_words, Some((1001, "server is draining".to_owned())));
}

#[tokio::test]
async fn readiness_ends_when_the_drain_begins_and_sessions_are_closed_politely() {
    let server = Server::start(Options {
        drain: Duration::from_secs(5),
        ..Options::default()
    });
    assert_eq!(server.http("GET", "/healthz", "", "").await.0, 200);
    assert_eq!(server.http("GET", "/readyz", "", "").await.0, 200);
    server.app.set_ready(false);
    assert_eq!(server.http("GET", "/readyz", "", "").await.0, 503);
    let mut session = server.enter().await;
    session.expect("session.created").await;
    server.shutdown.cancel();
    assert_eq!(session.close_code().await, Some(1001));
    tokio::time::timeout(Duration::from_secs(10), server.served)
        .await
        .expect("served to the end")
        .expect("no panic");
}
