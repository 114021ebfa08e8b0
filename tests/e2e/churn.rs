//! Clients that come and go in every way leave nothing behind. `E2E_STRICT=1` has 10,000 of them.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Holdings, RATE, Server, voiced};
use futures::stream::{self, StreamExt};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

/// Clients at a time.
const AT_ONCE: usize = 16;

/// Sessions whose client is lost are kept for half a minute.
const GONE: Duration = Duration::from_secs(60);

/// What allocators keep for reuse, and pages touched for the first time, after a first round of a quarter of the clients.
const NOISE: u64 = 16 << 20;

fn clients() -> usize {
    if std::env::var_os("E2E_STRICT").is_some() {
        10_000
    } else {
        1_000
    }
}

/// How a client leaves.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// With a closing handshake.
    Politely,
    /// In the middle of its own request.
    InTheHandshake,
    /// In the middle of its words.
    InTheTurn,
    /// While it is being answered.
    InTheAnswer,
    /// Its connection breaks; it comes back, and leaves for good.
    AndBack,
}

/// Most clients come and go; one in twenty talks, as that takes the models' time.
fn way(client: usize) -> Way {
    match client % 20 {
        0 => Way::InTheTurn,
        10 => Way::InTheAnswer,
        n if n % 5 == 1 => Way::InTheHandshake,
        n if n % 5 == 2 => Way::AndBack,
        _ => Way::Politely,
    }
}

/// A server on a busy machine may be late and want its clients to come back.
async fn enter(server: &Server) -> Client {
    let deadline = Instant::now() + GONE;
    loop {
        match Client::connect_with(server, "").await {
            Ok(client) => return client,
            Err(refused) => {
                assert_eq!(refused.status, 503);
                assert!(Instant::now() < deadline, "the server stays late");
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn visit(server: &Server, way: Way, words: &[i16]) {
    if let Way::InTheHandshake = way {
        let mut stream = TcpStream::connect(server.authority()).await.expect("accepted");
        let half = "GET /v1/realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade: webso";
        stream.write_all(half.as_bytes()).await.expect("written");
        return;
    }
    let mut client = enter(server).await;
    client.expect("session.created").await;
    match way {
        Way::InTheHandshake | Way::Politely => {}
        Way::InTheTurn => {
            client.speak(words).await;
            return;
        }
        Way::InTheAnswer => {
            client.send(json!({"type": "response.create"})).await;
            client.expect("response.output_audio.delta").await;
            return;
        }
        Way::AndBack => {
            let session = json!({"type": "realtime", "bedside": {"media": "json"}});
            client
                .send(json!({"type": "session.update", "session": session}))
                .await;
            let updated = client.expect("session.updated").await;
            let token = updated["session"]["bedside"]["resume"]["token"].as_str();
            let last = updated["event_id"].as_str().expect("an id");
            let query = format!("?resume={}&last_event_id={last}", token.expect("a token"));
            drop(client);
            client = Client::connect_with(server, &query)
                .await
                .expect("the session waits");
        }
    }
    client.send_message(Message::Close(None)).await;
    client.ending().await;
}

async fn round(server: &Server, clients: std::ops::Range<usize>, words: &[i16]) {
    stream::iter(clients)
        .for_each_concurrent(AT_ONCE, |client| visit(server, way(client), words))
        .await;
}

/// Waits until all sessions have ended, those of lost clients too, and tells what is left.
async fn settled(server: &Server) -> Holdings {
    let deadline = Instant::now() + GONE;
    loop {
        let now = server.holdings().await;
        if now.sessions == 0 || Instant::now() > deadline {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn clients_that_come_and_go_leave_nothing_behind() {
    let words = voiced("It started three days ago.");
    let words = &words[..RATE];
    let settings = "sessions = 1000\nhandshakes_per_second = 100000.0\n[capacity]\nutilisation = 1000.0\n";
    let server = Server::configured(settings, &[], &[]);
    let before = {
        round(&server, 0..clients() / 4, words).await;
        settled(&server).await
    };
    round(&server, 0..clients(), words).await;
    let after = settled(&server).await;
    println!(
        "after {}: {before:?}\nafter {}: {after:?}",
        clients() / 4,
        clients() * 5 / 4
    );
    assert_eq!(after.sessions, 0);
    assert!(after.files <= before.files + 2, "files are left open");
    assert!(after.tasks <= before.tasks + 2, "tasks are left running");
    assert!(after.memory <= before.memory + NOISE, "memory is kept");
}
