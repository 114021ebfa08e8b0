//! CAIRE's socket: an answer to every frame, refusals, and faults.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bedside_emulators::{Emulators, Options, Running};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const DATAPOINT: &str = "7f3c1d7e-7e4c-4a86-9f43-0d1f5f1f9a10";

async fn start() -> Running {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let running = Emulators::start(listen, Options::default()).await;
    running.expect("a free port")
}

async fn connect(running: &Running, query: &str) -> Result<Socket, Error> {
    let url = format!("ws://{}/ws/?{query}", running.address);
    connect_async(url).await.map(|(socket, _)| socket)
}

async fn send(socket: &mut Socket, state: &str, seconds: f64) {
    let frame = json!({
        "datapt_id": DATAPOINT,
        "state": state,
        "frame_data": STANDARD.encode([0xff, 0xd8, 0xff, 0xd9]),
        "timestamp": format!("{seconds:.3}"),
        "advanced": true,
    });
    let sent = socket.send(Message::text(frame.to_string())).await;
    sent.expect("the socket is open");
}

async fn next(socket: &mut Socket) -> Value {
    let message = socket.next().await.expect("open").expect("sound");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}

async fn place(running: &Running, fault: Value) {
    let url = format!("http://{}/control/faults", running.address);
    let placed = reqwest::Client::new().put(url).json(&fault).send().await;
    assert_eq!(placed.expect("answered").status(), 204);
}

#[tokio::test]
async fn every_frame_is_answered_and_the_last_one_finishes() {
    let running = start().await;
    let mut socket = connect(&running, "api_key=k&client=test")
        .await
        .expect("admitted");
    for (frame, state) in ["stream", "stream", "end"].into_iter().enumerate() {
        send(&mut socket, state, 1_730_868_591.0 + frame as f64 / 30.0).await;
        let answer = next(&mut socket).await;
        let expected = if state == "end" { "finished" } else { "ok" };
        assert_eq!(answer["state"], expected);
        assert_eq!(answer["datapt_id"], DATAPOINT);
        assert_eq!(answer["inference"]["hr"], 0, "not ready");
        assert!(answer["advanced"]["rppg"].is_array());
    }
}

#[tokio::test]
async fn a_missing_or_revoked_key_is_refused() {
    let running = start().await;
    for (query, status) in [
        ("client=test", 403),
        ("api_key=revoked&client=test", 403),
        ("api_key=k", 400),
    ] {
        match connect(&running, query).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), status, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_not_a_frame_ends_the_socket() {
    let running = start().await;
    let mut socket = connect(&running, "api_key=k&client=test")
        .await
        .expect("admitted");
    socket.send(Message::text("{}")).await.expect("open");
    match socket.next().await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(u16::from(frame.code), 1003),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_open_socket_is_cut_without_a_goodbye() {
    let running = start().await;
    let mut socket = connect(&running, "api_key=k&client=test")
        .await
        .expect("admitted");
    send(&mut socket, "stream", 1.0).await;
    next(&mut socket).await;
    place(
        &running,
        json!({ "vendor": "caire", "fault": "cut", "after": 100 }),
    )
    .await;
    send(&mut socket, "stream", 2.0).await;
    let read = tokio::time::timeout(Duration::from_secs(5), socket.next()).await;
    match read.expect("at once") {
        Some(Err(Error::Io(_) | Error::Protocol(_))) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_connection_is_dropped_without_an_answer() {
    let running = start().await;
    place(
        &running,
        json!({ "vendor": "caire", "fault": "refuse", "times": 1 }),
    )
    .await;
    let refused = connect(&running, "api_key=k&client=test").await;
    assert!(
        matches!(refused, Err(Error::Io(_) | Error::Protocol(_))),
        "{refused:?}"
    );
    assert!(connect(&running, "api_key=k&client=test").await.is_ok());
}

#[tokio::test]
async fn control_says_what_it_does_not_know() {
    let running = start().await;
    let control = |what: &str| format!("http://{}/control/{what}", running.address);
    let client = reqwest::Client::new();
    let put = async |what: &str, body: Value| {
        let answer = client.put(control(what)).json(&body).send().await;
        answer.expect("answered").status().as_u16()
    };
    assert_eq!(
        put("faults", json!({ "vendor": "acme", "fault": "cut" })).await,
        422
    );
    assert_eq!(put("voice", json!({ "kind": "local" })).await, 409);
    assert_eq!(
        put("ears", json!({ "kind": "script", "texts": ["Yes."] })).await,
        204
    );
    let log = client.get(control("log")).send().await.expect("answered");
    let log: Value = serde_json::from_slice(&log.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(log, json!([]));
}
