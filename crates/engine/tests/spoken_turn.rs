//! A patient speaks and is answered.

mod support;

use std::sync::Arc;
use std::time::Duration;

use bedside_engine::SessionLimits;
use bedside_protocol::decode_audio;
use serde_json::json;
use support::{Script, start};
use tokio::time::Instant;

fn script() -> Arc<Script> {
    Arc::new(Script {
        answer: "How long have you had the headache? Tell me where it hurts most.",
        transcript: "I have a headache.",
        ..Script::default()
    })
}

#[tokio::test(start_paused = true)]
async fn speech_is_transcribed_and_answered_aloud() {
    let mut client = start(&script(), SessionLimits::default(), 4_096);
    client.expect("session.created").await;
    client
        .send(json!({"type": "session.update", "session": {"type": "realtime",
        "audio": {"input": {"transcription": {"model": "whisper-1"}}}}}))
        .await;
    client.expect("session.updated").await;
    client.speak(true, 1_500).await;
    client.expect("input_audio_buffer.speech_started").await;
    client.speak(false, 600).await;
    client.expect("input_audio_buffer.speech_stopped").await;
    let heard = client
        .expect("conversation.item.input_audio_transcription.completed")
        .await;
    assert_eq!(heard["transcript"], "I have a headache.");

    let first = client.expect("response.output_audio.delta").await;
    let began = Instant::now();
    let size = |event: &serde_json::Value| {
        decode_audio(event["delta"].as_str().unwrap_or("")).map_or(0, |d| d.len())
    };
    let mut bytes = size(&first);
    loop {
        let event = client.event().await.expect("the session lives");
        match event["type"].as_str() {
            Some("response.output_audio.delta") => bytes += size(&event),
            Some("response.output_audio.done") => break,
            _ => {}
        }
    }
    // Two segments of one second at 24 kHz, the last 400 ms of them ahead of playback.
    assert!((96_000 - 8..=96_000 + 8).contains(&bytes), "{bytes}");
    assert!(
        began.elapsed() >= Duration::from_millis(1_400),
        "{:?}",
        began.elapsed()
    );
    let done = client.expect("response.done").await;
    assert_eq!(done["response"]["status"], "completed");
}

#[tokio::test(start_paused = true)]
async fn speaking_over_the_answer_silences_it() {
    let mut client = start(&script(), SessionLimits::default(), 4_096);
    client.speak(true, 1_000).await;
    client.speak(false, 700).await;
    client.expect("response.output_audio.delta").await;
    client.speak(true, 600).await;
    client.expect("output_audio_buffer.cleared").await;
    let after: Vec<_> = client
        .drain()
        .into_iter()
        .filter(|e| e["type"] == "response.output_audio.delta")
        .collect();
    assert!(after.is_empty(), "{} pieces of stale audio", after.len());
    client.speak(true, 300).await;
    let stale = client
        .drain()
        .into_iter()
        .any(|event| event["type"] == "response.output_audio.delta");
    assert!(!stale, "audio while the patient speaks");
}

#[tokio::test(start_paused = true)]
async fn a_recording_sent_at_once_is_heard_as_if_it_were_live() {
    let mut client = start(&script(), SessionLimits::default(), 4_096);
    let samples = |sample: i16, ms: usize| sample.to_le_bytes().repeat(24 * ms);
    let recording = [samples(0, 4_000), samples(8_000, 2_000), samples(0, 4_000)].concat();
    let audio = bedside_protocol::encode_audio(&recording);
    client
        .send(json!({"type": "input_audio_buffer.append", "audio": audio}))
        .await;
    client.expect("input_audio_buffer.speech_stopped").await;
    client.expect("response.output_audio.delta").await;
    assert_eq!(client.metrics.get(bedside_engine::Counter::AudioDroppedMs), 0);
}

#[tokio::test(start_paused = true)]
async fn a_model_that_stalls_ends_in_an_apology_not_in_silence() {
    let script = script();
    script
        .model_stalls
        .store(true, std::sync::atomic::Ordering::Relaxed);
    let mut client = start(&script, SessionLimits::default(), 4_096);
    client.speak(true, 1_000).await;
    client.speak(false, 1_000).await;
    let spoken = async {
        client.expect("response.created").await;
        tokio::time::sleep(Duration::from_secs(9)).await;
        client.expect("response.output_audio.delta").await;
    };
    tokio::time::timeout(Duration::from_secs(20), spoken)
        .await
        .expect("an apology is spoken");
}
