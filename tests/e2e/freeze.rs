//! The server stands still for a second while many hear themselves. `E2E_STRICT=1` has 500 of them.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, RATE, Server};
use futures::future::join_all;
use rustix::process::Signal;

const FREEZE: Duration = Duration::from_secs(1);

/// The echo is late by no more than this once it has had as long to recover.
const RECOVERED: Duration = Duration::from_secs(1);

fn strict() -> bool {
    std::env::var_os("E2E_STRICT").is_some()
}

/// Samples whose place in the stream can be told from their value: each 20 ms has a level of its own.
fn frame(number: usize) -> Vec<i16> {
    vec![1_000 + 20 * (number % 1_000) as i16; RATE / 50]
}

/// Sends frames in real time and gives how many of audio were there after each, seconds from `began`.
async fn hear_oneself(server: &Server, began: Instant, frames: usize) -> Vec<(f64, usize)> {
    let mut client = Client::connect_with(server, "?model=echo").await.expect("let in");
    client.expect("session.created").await;
    let samples: Vec<i16> = (0..frames).flat_map(frame).collect();
    client.speak(&samples).await;
    let mut echoed = 0;
    let audio = client
        .events
        .iter()
        .filter(|(_, event)| event["type"] == "response.output_audio.delta");
    audio
        .map(|(at, event)| {
            echoed += bedside_e2e::pcm(event).len();
            (at.saturating_duration_since(began).as_secs_f64(), echoed)
        })
        .collect()
}

#[tokio::test]
async fn a_second_after_a_freeze_of_a_second_nobody_hears_themselves_later_than_before() {
    let clients = if strict() { 500 } else { 40 };
    let settings = "handshakes_per_second = 100000.0\n[capacity]\nutilisation = 1000.0\n";
    let server = Server::configured(settings, &[], &[]);
    let began = Instant::now();
    let echoes = join_all((0..clients).map(|_| hear_oneself(&server, began, 300)));
    let freeze = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        server.signal(Signal::STOP);
        tokio::time::sleep(FREEZE).await;
        server.signal(Signal::CONT);
        began.elapsed().as_secs_f64()
    };
    let (echoes, thawed) = tokio::join!(echoes, freeze);
    // How far the echo is behind what would have come by then without a break.
    let behind = |heard: &[(f64, usize)], from: f64, to: f64| {
        let within = heard.iter().filter(|(at, _)| (from..to).contains(at));
        let lag = within.map(|(at, samples)| at - *samples as f64 / RATE as f64);
        lag.fold(0.0, f64::max)
    };
    let recovered = thawed + RECOVERED.as_secs_f64();
    let frozen = thawed - FREEZE.as_secs_f64();
    let mut added: Vec<f64> = echoes
        .iter()
        .map(|heard| behind(heard, recovered, f64::MAX) - behind(heard, 1.0, frozen))
        .collect();
    added.sort_by(f64::total_cmp);
    let (median, most) = (added[added.len() / 2], added[added.len() - 1]);
    println!(
        "{clients} clients, delay added 1 s after a freeze of 1 s: median {:.0} ms, most {:.0} ms",
        median * 1e3,
        most * 1e3
    );
    assert!(median <= if strict() { 0.05 } else { 0.15 });
    let node = server.http("GET", "/ops/api/node", &[], "").await.json();
    println!("{}", node["counters"]);
}
