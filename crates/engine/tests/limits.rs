//! What a client or a provider may not do to a session, and a session to its node.

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedside_engine::{Counter, Demand, Refusal, Registry, SessionLimits};
use serde_json::json;
use support::{Script, start, start_in};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_client_that_never_sends_is_closed_as_idle() {
    let began = Instant::now();
    let client = start(&Arc::default(), SessionLimits::default(), 256);
    assert_eq!(client.close_code().await, Some(4000));
    let limits = SessionLimits::default();
    assert_eq!(
        began.elapsed().as_secs(),
        (limits.idle + limits.farewell).as_secs()
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_closed_as_too_slow() {
    let mut client = start(&Arc::default(), SessionLimits::default(), 2);
    for _ in 0..20 {
        client
            .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
            .await;
    }
    let metrics = client.metrics.clone();
    let began = Instant::now();
    // The pipe is held open and unread.
    let (unread, session) = (client.from_session, client.session);
    let code = session.await.expect("the session does not panic");
    assert_eq!((code, metrics.get(Counter::SlowClients)), (Some(4002), 1));
    assert_eq!(
        began.elapsed().as_secs(),
        6,
        "five seconds of patience, one of farewell"
    );
    drop(unread);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_may_send_large_items_as_fast_as_it_likes() {
    let mut client = start(&Arc::default(), SessionLimits::default(), 1);
    let text = "a".repeat(600_000);
    for number in 0..8 {
        let content = json!([{"type": "input_text", "text": text}]);
        let item =
            json!({"type": "message", "role": "user", "id": format!("item_{number}"), "content": content});
        client
            .send(json!({"type": "conversation.item.create", "item": item}))
            .await;
    }
    for _ in 0..8 {
        client.expect("conversation.item.done").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_past_its_time_limit_is_closed() {
    let limits = SessionLimits {
        session: Duration::from_secs(60),
        ..SessionLimits::default()
    };
    let client = start(&Arc::default(), limits, 256);
    assert_eq!(client.close_code().await, Some(4004));
}

#[tokio::test(start_paused = true)]
async fn a_stuck_detector_is_replaced_and_the_client_is_told() {
    let script = Arc::new(Script::default());
    script.detector_stalls.store(true, Ordering::Relaxed);
    let mut client = start(&script, SessionLimits::default(), 4_096);
    client.speak(false, 1_000).await;
    script.detector_stalls.store(false, Ordering::Relaxed);
    client.speak(false, 2_000).await;
    assert_eq!(
        client.expect("error").await["error"]["code"],
        "input_audio_buffer_overflow"
    );
    client.speak(true, 1_000).await;
    client.expect("input_audio_buffer.speech_started").await;
    assert!(script.detectors.load(Ordering::Relaxed) >= 2);
    assert!(client.metrics.get(Counter::AudioDroppedMs) > 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_closes_quiet_sessions_at_once_and_busy_ones_at_its_deadline() {
    let registry = Registry::new(2);
    let quiet = start_in(&registry, &Arc::default(), SessionLimits::default(), 4_096);
    let stalled = Arc::new(Script::default());
    stalled.model_stalls.store(true, Ordering::Relaxed);
    let mut busy = start_in(&registry, &stalled, SessionLimits::default(), 4_096);
    busy.send(json!({"type": "response.create"})).await;
    busy.expect("response.created").await;

    let began = Instant::now();
    let drain = tokio::spawn({
        let registry = registry.clone();
        async move { registry.drain(Instant::now() + Duration::from_secs(2)).await }
    });
    assert_eq!(quiet.close_code().await, Some(1001));
    assert!(began.elapsed() <= SessionLimits::default().farewell);
    assert_eq!(registry.admit(Demand::default()).err(), Some(Refusal::Draining));
    assert_eq!(busy.close_code().await, Some(1001));
    assert!((2..=3).contains(&began.elapsed().as_secs()));
    drain.await.expect("the drain ends");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_frees_its_place() {
    let client = start(&Arc::default(), SessionLimits::default(), 256);
    let registry = client.registry.clone();
    assert_eq!(registry.live(), 1);
    drop(client.to_session);
    assert_eq!(client.session.await.expect("the session does not panic"), None);
    assert_eq!(registry.live(), 0);
}
