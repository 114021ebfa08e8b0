//! Sessions of one server do not disturb each other.

mod support;

use std::time::Duration;

use bedside_engine::SessionLimits;
use futures::SinkExt;
use serde_json::json;
use support::{Options, Server};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn an_oversize_message_ends_its_own_session_alone() {
    let server = Server::start(Options::default());
    let (mut good, mut bad) = (server.enter().await, server.enter().await);
    let oversize = Message::text(" ".repeat(SessionLimits::default().message_bytes + 1));
    bad.socket.send(oversize).await.expect("the message is taken");
    assert_eq!(bad.close_code().await, Some(1009));
    good.send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}))
        .await;
    let done = good.expect("response.output_text.done").await;
    assert_eq!(done["text"], "Where does it hurt?");
}

#[tokio::test]
async fn a_client_that_never_reads_and_ten_that_never_send_are_closed_while_another_talks() {
    let limits = SessionLimits {
        idle: Duration::from_secs(3),
        slow_client: Duration::from_millis(500),
        ..SessionLimits::default()
    };
    let server = Server::start(Options {
        capacity: 12,
        limits,
        ..Options::default()
    });
    let mut good = server.enter().await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        silent.push(server.enter().await);
    }
    let mut deaf = server.enter().await;
    let instructions = "x".repeat(60_000);
    let update =
        json!({"type": "session.update", "session": {"type": "realtime", "instructions": instructions}});
    for _ in 0..200 {
        let sent = deaf.socket.send(Message::text(update.to_string()));
        if !matches!(
            tokio::time::timeout(Duration::from_millis(200), sent).await,
            Ok(Ok(()))
        ) {
            break;
        }
    }
    for _ in 0..20 {
        good.send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}))
            .await;
        good.expect("response.done").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for session in &mut silent {
        assert_eq!(session.close_code().await, Some(4000));
        good.send(json!({"type": "input_audio_buffer.clear"})).await;
    }
    assert_eq!(server.app.metrics().get(bedside_engine::Counter::SlowClients), 1);
    good.expect("input_audio_buffer.cleared").await;
}
