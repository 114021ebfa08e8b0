//! What the engine adds to the time vendors take, measured from outside: vendors that need as long as real ones do write
//! down when they were asked and when they answered.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::Instant;

use bedside_e2e::{Client, Emulators, RATE, say};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// Milliseconds from the end of an utterance to its final transcript, from a request to its first token, and from a text
/// to its first audio: what the vendors' own documentation promises.
const LATENCIES: [(&str, u32); 3] = [("deepgram", 250), ("bedrock", 300), ("cartesia", 90)];

/// The most the engine may add to a turn, ms, in 99 of 100.
const LIMIT: f64 = 10.0;

/// Where other tests keep the machine busy, the limit is only to find what is broken.
const LIMIT_ON_A_BUSY_MACHINE: f64 = 100.0;

/// One turn's share of the engine, ms.
#[derive(Debug, Clone, Copy)]
struct Added {
    /// From the final transcript to the request to the model.
    model: f64,
    /// From the model's first words to the request to the voice.
    voice: f64,
    /// From the voice's first audio to the client's.
    client: f64,
}

impl Added {
    fn sum(self) -> f64 {
        self.model + self.voice + self.client
    }
}

#[tokio::test]
async fn the_engine_adds_next_to_nothing_to_what_vendors_take() {
    let strict = std::env::var_os("E2E_STRICT").is_some();
    let turns = if strict { 100 } else { 8 };
    let emulators = Emulators::start(&["--mouth", "tones", "--ears", "script"]);
    for (vendor, first_ms) in LATENCIES {
        emulators.latency(vendor, first_ms, 0).await;
    }
    emulators
        .script(&json!([{"say": "I see. Tell me more about it."}]))
        .await;
    let chains: [(&str, &[&str]); 3] = [
        ("transcription", &["deepgram", "local"]),
        ("model", &["bedrock", "scripted"]),
        ("synthesis", &["cartesia", "local"]),
    ];
    let server = emulators.server(&chains, "");
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    let speech = say("I have a bad headache.");
    let mut added = Vec::new();
    let mut voice_to_voice = Vec::new();
    for turn in 0..=turns {
        emulators.forget().await;
        client.speak(&speech).await;
        client.listen_for("response.output_audio.delta").await;
        let heard = client
            .events
            .iter()
            .rev()
            .find(|(_, event)| event["type"] == "response.output_audio.delta");
        let arrived = monotonic_us(heard.expect("it was listened for").0);
        let metrics = client.listen_for("bedside.turn.metrics").await;
        client.listen_for("output_audio_buffer.stopped").await;
        // Connections are made in the first turn.
        if turn > 0 {
            for stage in [
                ("transcription", "deepgram"),
                ("model", "bedrock"),
                ("synthesis", "cartesia"),
            ] {
                assert_eq!(metrics["providers"][stage.0], stage.1, "{metrics}");
            }
            voice_to_voice.push(metrics["voice_to_voice"].as_f64().expect("a figure"));
            added.push(of_turn(&emulators.log().await, arrived));
        }
        client.speak(&vec![0; RATE / 2]).await;
    }
    let share = |name: &str, of: fn(Added) -> f64| {
        let mut values: Vec<_> = added.iter().copied().map(of).collect();
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
        println!("| {name} | {:.1} | {:.1} | {:.1} |", at(0.5), at(0.99), at(1.0));
        at(0.99)
    };
    println!("| added by the engine, {turns} turns | median ms | p99 ms | most ms |\n|---|---:|---:|---:|");
    share("final transcript to request to the model", |added| added.model);
    share("first words to request to the voice", |added| added.voice);
    share("first audio to the client's first audio", |added| added.client);
    let p99 = share("together", Added::sum);
    voice_to_voice.sort_by(f64::total_cmp);
    println!(
        "voice to voice, median: {:.0} ms",
        voice_to_voice[voice_to_voice.len() / 2]
    );
    assert!(p99 <= if strict { LIMIT } else { LIMIT_ON_A_BUSY_MACHINE });
}

/// The gaps of a turn whose first audio arrived at the client at `arrived`.
fn of_turn(log: &[Value], arrived: u64) -> Added {
    let last = |vendor: &str, event: &str, before: u64| {
        let entries = log
            .iter()
            .filter(|entry| entry["vendor"] == vendor && entry["event"] == event);
        let times = entries.filter_map(|entry| entry["at_us"].as_u64());
        let last = times.filter(|at| *at <= before).max();
        last.unwrap_or_else(|| panic!("no {event} of {vendor} in {log:?}"))
    };
    let first_audio = last("cartesia", "sent_first", arrived);
    let text = last("cartesia", "text", first_audio);
    let first_words = last("bedrock", "sent_first", text);
    let request = last("bedrock", "request", first_words);
    let transcript = last("deepgram", "sent_last", request);
    let millis = |from: u64, to: u64| (to - from) as f64 / 1_000.0;
    Added {
        model: millis(transcript, request),
        voice: millis(first_words, text),
        client: millis(first_audio, arrived),
    }
}

/// An instant on the clock that all processes of the machine share.
fn monotonic_us(instant: Instant) -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let now_us = now.tv_sec as u64 * 1_000_000 + now.tv_nsec as u64 / 1_000;
    now_us - instant.elapsed().as_micros() as u64
}
