//! What operators see of a session, and what they can do to it.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedside_engine::{
    Activity, Attachment, Counter, Observed, OrderError, Registry, ScanState, SessionLimits, SessionState,
    Stage, StageState,
};
use futures::StreamExt;
use serde_json::{Value, json};
use support::{Client, Script, start};

const ID: &str = "sess_test";

fn script() -> Arc<Script> {
    Arc::new(Script {
        answer: "Where does it hurt?",
        transcript: "My knee hurts.",
        ..Script::default()
    })
}

async fn open(script: &Arc<Script>) -> Client {
    let mut client = start(script, SessionLimits::default(), 4_096);
    client.expect("session.created").await;
    client
}

fn state(registry: &Registry) -> SessionState {
    let sessions = registry.sessions();
    assert_eq!(sessions.len(), 1, "one session is live");
    assert_eq!(sessions[0].id(), ID);
    sessions[0].state()
}

async fn next(observer: &mut (impl futures::Stream<Item = Observed> + Unpin)) -> Observed {
    let next = tokio::time::timeout(Duration::from_secs(10), observer.next()).await;
    next.expect("something comes").expect("the stream goes on")
}

/// The next event of this type, as text and as JSON.
async fn event(
    observer: &mut (impl futures::Stream<Item = Observed> + Unpin),
    kind: &str,
) -> (String, Value) {
    loop {
        let Observed::Event(text) = next(observer).await else {
            panic!("not an event");
        };
        let event: Value = serde_json::from_str(&text).expect("JSON");
        if event["type"] == kind {
            return (text.to_string(), event);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_turn_can_be_followed_without_hearing_a_word_of_it() {
    let mut client = open(&script()).await;
    let registry = client.registry.clone();
    let begun = state(&registry);
    assert_eq!(begun.activity, Activity::Idle);
    assert_eq!(begun.stages.model, StageState::Idle);
    assert_eq!(begun.stages.vitals, StageState::Idle);
    assert_eq!(begun.scan, ScanState::None);

    client.speak(true, 1_000).await;
    let listening = state(&registry);
    assert_eq!(listening.activity, Activity::Listening);
    assert_eq!(listening.stages.detection, StageState::Busy);
    assert_eq!(listening.stages.transcription, StageState::Busy);
    assert!(listening.received_bytes > begun.received_bytes);

    client.speak(false, 1_000).await;
    client.expect("output_audio_buffer.started").await;
    assert_eq!(state(&registry).activity, Activity::Speaking);
    client.expect("output_audio_buffer.stopped").await;
    let done = state(&registry);
    assert_eq!((done.activity, done.turns), (Activity::Idle, 1));
    let times = done.last_turn.expect("it was heard");
    assert!(times.voice_to_voice > 0.0 && times.wait > 0.0, "{times:?}");
    assert!(done.sent_bytes > listening.sent_bytes);
    let turns = client.metrics.turns();
    assert_eq!(turns.count, 1);
    assert_eq!(turns.voice_to_voice.map(|of| of.p95), Some(times.voice_to_voice));
    assert!(!client.metrics.health(Stage::Transcription).failing);
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_fails_is_named_and_forgiven_when_it_works_again() {
    let script = script();
    script.detector_stalls.store(true, Ordering::Relaxed);
    let mut client = open(&script).await;
    client.speak(false, 2_500).await;
    let health = client.metrics.health(Stage::Detection);
    assert!(health.failing && health.recent > 0, "{health:?}");
    assert_eq!(health.total, client.metrics.get(Counter::DetectionFaults));
    assert_eq!(health.last.map(|last| last.kind), Some("timeout"));
    assert_eq!(state(&client.registry).stages.detection, StageState::Failed);

    script.detector_stalls.store(false, Ordering::Relaxed);
    client.speak(false, 2_500).await;
    assert_eq!(state(&client.registry).stages.detection, StageState::Busy);
    tokio::time::advance(Duration::from_secs(62)).await;
    assert!(!client.metrics.health(Stage::Detection).failing);
}

#[tokio::test(start_paused = true)]
async fn a_listener_gets_what_was_said_and_then_every_event_as_it_is_sent() {
    let mut client = open(&script()).await;
    client.send(json!({"type": "response.create"})).await;
    client.expect("response.done").await;
    let registry = client.registry.clone();
    let mut observer = registry.watch(ID).await.expect("a listener");
    let Observed::Snapshot(snapshot) = next(&mut observer).await else {
        panic!("the snapshot comes first");
    };
    let snapshot: Value = serde_json::from_str(&snapshot).expect("JSON");
    let said = &snapshot["items"][0]["content"][0]["transcript"];
    assert_eq!(
        (said, &snapshot["omitted"]),
        (&json!("Where does it hurt?"), &json!(0))
    );

    client.drain();
    client.speak(true, 600).await;
    client.speak(false, 1_000).await;
    let kind = "conversation.item.input_audio_transcription.completed";
    let sent = client.expect(kind).await;
    let (text, seen) = event(&mut observer, kind).await;
    assert_eq!((&seen, &seen["transcript"]), (&sent, &json!("My knee hurts.")));
    assert!(text.starts_with(r#"{"type":"#), "as on the wire: {text}");
    client.expect("response.done").await;
    client.drain();

    drop(client.to_session);
    loop {
        match next(&mut observer).await {
            Observed::Event(text) => assert!(!text.contains("audio.delta"), "{text}"),
            Observed::Ended(code) => {
                break assert_eq!(code, 1006, "no ticket was shown, so nobody is waited for");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(observer.next().await.is_none());
    assert_eq!(registry.watch(ID).await.err(), Some(OrderError::NoSuchSession));
}

#[tokio::test(start_paused = true)]
async fn a_listener_who_comes_in_mid_sentence_gets_the_words_so_far() {
    let script = Arc::new(Script {
        answer: "Where does it hurt? Show me the place, please.",
        ..Script::default()
    });
    let mut client = open(&script).await;
    client.send(json!({"type": "response.create"})).await;
    let shown = client.expect("response.output_audio_transcript.delta").await;
    let mut observer = client.registry.watch(ID).await.expect("a listener");
    let Observed::Snapshot(snapshot) = next(&mut observer).await else {
        panic!("the snapshot comes first");
    };
    let snapshot: Value = serde_json::from_str(&snapshot).expect("JSON");
    let item = &snapshot["items"][0];
    assert_eq!(item["status"], "in_progress");
    let so_far = item["content"][0]["transcript"].as_str().expect("words");
    assert!(
        so_far.starts_with(shown["delta"].as_str().expect("words")),
        "{so_far}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_client_is_away_is_shown_and_heard_and_can_be_ended() {
    let mut client = open(&script()).await;
    let mut observer = client.registry.watch(ID).await.expect("a listener");
    let session = json!({"type": "realtime", "bedside": {"media": "json"}});
    client
        .send(json!({"type": "session.update", "session": session}))
        .await;
    let updated = client.expect("session.updated").await;
    assert_eq!(updated["session"]["bedside"]["resume"]["token"], client.token);
    assert!(matches!(next(&mut observer).await, Observed::Snapshot(_)));
    let (text, seen) = event(&mut observer, "session.updated").await;
    assert_eq!(seen["session"]["bedside"]["media"], "json");
    assert!(!text.contains(&client.token), "whoever has it takes over: {text}");

    client.hang_up();
    tokio::task::yield_now().await;
    assert_eq!(state(&client.registry).connection, Attachment::Detached);
    assert_eq!((client.registry.detached(), client.registry.live()), (1, 1));
    let event_id = updated["event_id"].as_str().expect("an id");
    client.come_back(event_id, false).await.expect("it is kept");
    client.send(json!({"type": "input_audio_buffer.clear"})).await;
    client.expect("input_audio_buffer.cleared").await;
    assert_eq!(state(&client.registry).connection, Attachment::Connected);
    event(&mut observer, "input_audio_buffer.cleared").await;

    client.hang_up();
    tokio::task::yield_now().await;
    client.registry.end(ID).expect("it is there");
    assert_eq!(client.ended().await, Some(4003));
    assert_eq!(next(&mut observer).await, Observed::Ended(4003));
}

#[tokio::test(start_paused = true)]
async fn an_operator_ends_a_session() {
    let client = open(&script()).await;
    let registry = client.registry.clone();
    assert_eq!(registry.end("sess_other").err(), Some(OrderError::NoSuchSession));
    let mut observer = registry.watch(ID).await.expect("a listener");
    registry.end(ID).expect("it is there");
    assert_eq!(client.close_code().await, Some(4003));
    assert!(matches!(next(&mut observer).await, Observed::Snapshot(_)));
    assert_eq!(next(&mut observer).await, Observed::Ended(4003));
    assert!(registry.sessions().is_empty() && registry.end(ID).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_cut_off_is_gone_and_its_listeners_are_told() {
    let client = open(&script()).await;
    let registry = client.registry.clone();
    let mut observer = registry.watch(ID).await.expect("a listener");
    assert!(matches!(next(&mut observer).await, Observed::Snapshot(_)));
    client.session.abort();
    assert!(client.session.await.is_err());
    assert_eq!(next(&mut observer).await, Observed::Ended(1011));
    assert_eq!(registry.watch(ID).await.err(), Some(OrderError::NoSuchSession));
}

#[tokio::test(start_paused = true)]
async fn a_drain_lets_an_answer_be_heard_to_its_end() {
    let mut client = open(&script()).await;
    client.send(json!({"type": "response.create"})).await;
    client.expect("output_audio_buffer.started").await;
    let began = tokio::time::Instant::now();
    client.registry.begin_drain(began + Duration::from_secs(60));
    client.expect("output_audio_buffer.stopped").await;
    assert_eq!(client.close_code().await, Some(1001));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_drain_in_more_of_a_hurry_is_followed() {
    let script = script();
    script.model_stalls.store(true, Ordering::Relaxed);
    let mut client = open(&script).await;
    client.send(json!({"type": "response.create"})).await;
    client.expect("response.created").await;
    let began = tokio::time::Instant::now();
    client.registry.begin_drain(began + Duration::from_secs(600));
    tokio::time::sleep(Duration::from_millis(100)).await;
    client.registry.begin_drain(began + Duration::from_secs(2));
    assert_eq!(client.close_code().await, Some(1001));
    assert!(
        (2..=3).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
}
