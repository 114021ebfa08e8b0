//! Mistakes and abuse get the answer the protocol promises, while a healthy session beside them notices nothing.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Ending, Server, say};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Sends `event` and returns the `error` that answers it.
async fn mistake(client: &mut Client, event: Value) -> Value {
    client.send(event).await;
    client.expect("error").await["error"].take()
}

/// A session in good order: its greeting must come as if nothing happened, with no error.
async fn is_healthy(server: &Server) {
    let mut client = Client::connect(server).await;
    client.expect("session.created").await;
    client.send(json!({"type": "response.create"})).await;
    let began = Instant::now();
    client.expect("response.output_audio.delta").await;
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "the greeting took {:?}",
        began.elapsed()
    );
    client.send(json!({"type": "response.cancel"})).await;
    client.expect("response.done").await;
    assert!(!client.kinds().contains("\"error\""), "{}", client.kinds());
}

#[tokio::test]
async fn a_mistake_is_named_and_the_session_lives_on() {
    let server = Server::start(&[]);
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    let append = |audio: &str| json!({"type": "input_audio_buffer.append", "event_id": "e1", "audio": audio});
    let cases = [
        (append("not base64!"), "audio"),
        (append("AAAA"), "audio"), // Three bytes: a sample and a half.
        (
            json!({"type": "input_audio_buffer.append", "event_id": "e1", "audio": 5}),
            "audio",
        ),
        (json!({"type": "no.such.event", "event_id": "e1"}), "type"),
        (json!({"event_id": "e1"}), "type"),
        (
            json!({"type": "session.update", "event_id": "e1",
                   "session": {"type": "realtime", "audio": {"input": {"turn_detection":
                       {"type": "server_vad", "threshold": "high"}}}}}),
            "session.audio.input.turn_detection.threshold",
        ),
    ];
    for (event, param) in cases {
        let error = mistake(&mut client, event.clone()).await;
        assert_eq!(error["type"], "invalid_request_error", "{event}");
        assert_eq!(
            (&error["param"], &error["event_id"]),
            (&json!(param), &json!("e1")),
            "{event}: {error}"
        );
        assert!(error["code"].is_string(), "{error}");
    }
    client.send_text("{ not JSON").await;
    assert_eq!(
        client.expect("error").await["error"]["type"],
        "invalid_request_error"
    );
    // Still of use.
    client.send(json!({"type": "response.create"})).await;
    client.expect("response.output_audio.delta").await;
}

#[tokio::test]
async fn a_message_too_big_ends_the_session_with_1009() {
    let server = Server::start(&[]);
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    client
        .send_message(Message::text("x".repeat(5 * 1024 * 1024)))
        .await;
    assert_eq!(client.ending().await, Ending { code: Some(1009) });
    is_healthy(&server).await;
}

#[tokio::test]
async fn ten_sessions_that_never_send_disturb_nobody_and_are_closed_as_idle() {
    let server = Server::start(&["--config", &idle_after_three_seconds()]);
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(Client::connect(&server).await);
    }
    is_healthy(&server).await;
    for mut client in silent {
        assert_eq!(client.ending().await, Ending { code: Some(4000) });
    }
}

fn idle_after_three_seconds() -> String {
    let path = std::env::temp_dir().join(format!("bedside-e2e-idle-{}.toml", std::process::id()));
    std::fs::write(&path, "idle_seconds = 3\n").expect("the file can be written");
    path.to_string_lossy().into_owned()
}

#[tokio::test]
async fn a_client_that_never_reads_is_closed_and_disturbs_nobody() {
    let server = Server::start(&[]);
    let mut deaf = Client::connect(&server).await;
    // Each retrieval is answered with the whole item; none of the answers is read.
    let long = "I feel unwell. ".repeat(400);
    let content = json!([{"type": "input_text", "text": long}]);
    let item = json!({"type": "message", "role": "user", "id": "long", "content": content});
    deaf.send(json!({"type": "conversation.item.create", "item": item}))
        .await;
    let event_id = "r".repeat(400);
    let retrieve =
        json!({"type": "conversation.item.retrieve", "item_id": "long", "event_id": event_id}).to_string();
    // More than both ends can hold, in both directions, until the server has had enough.
    let flood = async {
        let mut sent = 0;
        while deaf.try_send(Message::text(retrieve.clone())).await {
            sent += 1;
            assert!(sent < 100_000, "the server takes everything");
        }
        deaf
    };
    let ((), flooded) = tokio::join!(is_healthy(&server), flood);
    let mut deaf = flooded;
    // What was in flight can still be read; then comes the reason, if it fitted, or the end.
    let ending = deaf.ending().await;
    assert!(matches!(ending.code, Some(4002) | None), "{ending:?}");
    is_healthy(&server).await;
}

#[tokio::test]
async fn a_patient_is_served_beside_all_of_them() {
    let server = Server::start(&[]);
    let mut noisy = Client::connect(&server).await;
    noisy.expect("session.created").await;
    let mut patient = Client::connect(&server).await;
    patient.expect("session.created").await;
    patient
        .update(json!({"turn_detection": {"type": "semantic_vad", "eagerness": "medium"}}))
        .await;
    let nuisance = async {
        for _ in 0..500 {
            noisy.send_text("{\"type\": \"no.such.event\"}").await;
            noisy.expect("error").await;
        }
    };
    let consultation = async {
        patient.speak(&say("My throat hurts.")).await;
        patient.listen_for("response.output_audio.delta").await;
        let heard = patient.events.iter().find_map(|(_, event)| {
            let done = event["type"] == "conversation.item.input_audio_transcription.completed";
            done.then(|| event["transcript"].as_str().unwrap_or_default().to_lowercase())
        });
        assert!(
            heard.is_some_and(|text| text.contains("throat")),
            "{}",
            patient.kinds()
        );
    };
    tokio::join!(nuisance, consultation);
}
