//! A connection is lost, and its client comes back.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedside_conversation::event_log::LogLimits;
use bedside_engine::{ClientMessage, Counter, Registry, ResumeError, SessionLimits};
use serde_json::{Value, json};
use support::{Client, Script, start_in};
use tokio::time::Instant;

const ANSWER: &str = "Where does it hurt, and since when does it hurt there? Is it worse at night?";

fn script() -> Arc<Script> {
    Arc::new(Script {
        answer: ANSWER,
        transcript: "It hurts.",
        ..Script::default()
    })
}

/// A client that has asked for the extension, and so holds a ticket; and the events it has seen.
struct Patient {
    client: Client,
    seen: Vec<Value>,
}

impl Patient {
    async fn enter(limits: SessionLimits) -> Self {
        Self::enter_in(&Registry::new(10), &script(), limits).await
    }

    async fn enter_in(registry: &Registry, script: &Arc<Script>, limits: SessionLimits) -> Self {
        let mut client = start_in(registry, script, limits, 4_096);
        let session = json!({"type": "realtime", "bedside": {"media": "binary_out"}});
        client
            .send(json!({"type": "session.update", "session": session}))
            .await;
        let mut patient = Self {
            client,
            seen: Vec::new(),
        };
        let updated = patient.expect("session.updated").await;
        let ticket = &updated["session"]["bedside"]["resume"];
        assert_eq!(ticket["token"], patient.client.token.as_str());
        patient
    }

    async fn expect(&mut self, kind: &str) -> Value {
        let wait = async {
            loop {
                let event = self.client.event().await.expect("the connection stands");
                self.seen.push(event.clone());
                if event["type"] == kind {
                    return event;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .expect(kind)
    }

    fn last_event_id(&self) -> String {
        let last = self.seen.last().expect("an event");
        last["event_id"].as_str().expect("an id").to_owned()
    }

    async fn come_back(&mut self, repeat_unheard: bool) {
        let last = self.last_event_id();
        self.client
            .come_back(&last, repeat_unheard)
            .await
            .expect("the session waits");
    }

    fn ids(&self) -> Vec<&str> {
        self.seen
            .iter()
            .filter_map(|event| event["event_id"].as_str())
            .collect()
    }

    fn has(&self, kind: &str) -> bool {
        self.seen.iter().any(|event| event["type"] == kind)
    }
}

/// Identifiers rise by their nature.
fn are_unbroken(ids: &[&str]) -> bool {
    ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1])
}

#[tokio::test(start_paused = true)]
async fn missed_events_come_first_in_order_and_once() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("output_audio_buffer.started").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(patient.client.metrics.get(Counter::ConnectionsLost), 1);

    patient.come_back(false).await;
    let done = patient.expect("response.done").await;
    assert_eq!(done["response"]["status"], "cancelled");
    let truncated = patient.expect("conversation.item.truncated").await;
    let heard = truncated["audio_end_ms"].as_u64().expect("milliseconds");
    assert!((500..=1_000).contains(&heard), "{heard}");
    patient
        .client
        .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
        .await;
    patient.expect("session.updated").await;
    assert!(are_unbroken(&patient.ids()), "{:?}", patient.ids());
    assert_eq!(patient.client.metrics.get(Counter::SessionsResumed), 1);
    // Nobody asked for the rest.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(patient.client.drain().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_the_answer_is_said_if_it_is_asked_for() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("output_audio_buffer.started").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_secs(3)).await;
    patient.come_back(true).await;
    patient.expect("conversation.item.truncated").await;
    let again = patient.expect("response.output_audio_transcript.done").await;
    let again = again["transcript"].as_str().expect("words");
    assert!(ANSWER.ends_with(again), "{again}");
}

#[tokio::test(start_paused = true)]
async fn a_turn_under_way_survives_a_lost_connection() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient.client.speak(true, 800).await;
    patient.expect("input_audio_buffer.speech_started").await;
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_secs(20)).await;
    patient.come_back(false).await;
    patient.client.speak(true, 400).await;
    patient.client.speak(false, 1_500).await;
    let done = patient
        .expect("conversation.item.input_audio_transcription.completed")
        .await;
    assert_eq!(done["transcript"], "It hurts.");
    patient.expect("response.done").await;
    let turns = patient
        .seen
        .iter()
        .filter(|event| event["type"] == "input_audio_buffer.speech_started");
    assert_eq!(turns.count(), 1);
    assert!(are_unbroken(&patient.ids()));
}

#[tokio::test(start_paused = true)]
async fn a_client_may_come_back_while_its_old_connection_seems_to_stand() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    let old = patient.client.replace();
    patient.come_back(false).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("response.done").await;
    assert!(are_unbroken(&patient.ids()));
    assert_eq!(old.close_code().await, Some(4001));
}

#[tokio::test(start_paused = true)]
async fn a_session_nobody_comes_back_to_ends_after_its_time() {
    let registry = Registry::new(1);
    let limits = SessionLimits {
        idle: Duration::from_secs(10),
        ..SessionLimits::default()
    };
    let mut patient = Patient::enter_in(&registry, &script(), limits).await;
    let began = Instant::now();
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(registry.live(), 1, "it takes its place, and is not idle");
    let last = patient.last_event_id();
    let ended = tokio::time::timeout(Duration::from_secs(10), patient.client.ended()).await;
    assert_eq!(ended.expect("it ends"), None);
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(registry.live(), 0);
    let late = patient.client.come_back(&last, false).await;
    assert_eq!(late.err(), Some(ResumeError::NotFound));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_saw_a_ticket_is_not_waited_for() {
    let registry = Registry::new(1);
    let mut client = start_in(&registry, &script(), SessionLimits::default(), 4_096);
    client.expect("session.created").await;
    client.hang_up();
    let ended = tokio::time::timeout(Duration::from_secs(1), client.ended()).await;
    assert_eq!(ended.expect("it ends"), None);
    assert_eq!(registry.live(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_left_on_purpose_is_not_waited_for() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient
        .client
        .send_message(ClientMessage::Close(Some(1001)))
        .await;
    let ended = tokio::time::timeout(Duration::from_secs(2), patient.client.ended()).await;
    assert_eq!(ended.expect("it ends"), None);
}

#[tokio::test(start_paused = true)]
async fn a_connection_closed_by_someone_in_between_is_lost() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient
        .client
        .send_message(ClientMessage::Close(Some(1012)))
        .await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    patient.come_back(false).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("response.created").await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_was_too_slow_can_come_back() {
    let mut client = start_in(&Registry::new(1), &script(), SessionLimits::default(), 2);
    let session = json!({"type": "realtime", "bedside": {"media": "binary_out"}});
    client
        .send(json!({"type": "session.update", "session": session}))
        .await;
    let updated = client.expect("session.updated").await;
    for _ in 0..20 {
        client
            .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
            .await;
    }
    // It reads nothing for longer than it may.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(client.metrics.get(Counter::SlowClients), 1);
    let last = updated["event_id"].as_str().expect("an id");
    let old = client.replace();
    client.come_back(last, false).await.expect("the session waits");
    for _ in 0..20 {
        client.expect("session.updated").await;
    }
    drop(old);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_kept_cannot_be_gone_on_from() {
    let limits = SessionLimits {
        missed_events: LogLimits {
            bytes: 6_000,
            age: Duration::from_secs(60),
        },
        ..SessionLimits::default()
    };
    let mut patient = Patient::enter(limits).await;
    let early = patient.last_event_id();
    for _ in 0..10 {
        patient
            .client
            .send(json!({"type": "session.update", "session": {"type": "realtime"}}))
            .await;
        patient.expect("session.updated").await;
    }
    let gap = patient.client.come_back(&early, false).await;
    assert_eq!(gap.err(), Some(ResumeError::Expired));
    let foreign = patient.client.come_back("event_other000001", false).await;
    assert_eq!(foreign.err(), Some(ResumeError::Expired));
    patient.expect_nothing().await;
    // Whoever is up to date can come back however little is kept, and however long ago the last event was.
    tokio::time::sleep(Duration::from_secs(200)).await;
    patient.client.hang_up();
    patient.come_back(false).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("response.created").await;
}

impl Patient {
    /// The connection stands, and has nothing to say.
    async fn expect_nothing(&mut self) {
        let event = tokio::time::timeout(Duration::from_secs(1), self.client.event()).await;
        assert!(event.is_err(), "{event:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_those_who_are_not_there() {
    let registry = Registry::new(1);
    let stalled = script();
    stalled.model_stalls.store(true, Ordering::Relaxed);
    let mut patient = Patient::enter_in(&registry, &stalled, SessionLimits::default()).await;
    patient.client.send(json!({"type": "response.create"})).await;
    patient.expect("response.created").await;
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!patient.has("response.done"));
    let began = Instant::now();
    registry.drain(began + Duration::from_secs(20)).await;
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_comes_back_as_its_session_ends_is_told_how() {
    let mut patient = Patient::enter(SessionLimits::default()).await;
    patient.client.hang_up();
    tokio::time::sleep(Duration::from_millis(10)).await;
    patient.come_back(false).await;
    // The session has seen neither yet.
    patient.client.registry.end("sess_test").expect("it lives");
    assert_eq!(patient.client.replace().close_code().await, Some(4003));
    assert_eq!(patient.client.close_code().await, Some(4003));
}

#[tokio::test(start_paused = true)]
async fn an_audio_event_is_as_good_a_place_to_go_on_from() {
    let mut client = start_in(&Registry::new(1), &script(), SessionLimits::default(), 4_096);
    let session = json!({"type": "realtime", "bedside": {"media": "json"}});
    client
        .send(json!({"type": "session.update", "session": session}))
        .await;
    client.expect("session.updated").await;
    client.send(json!({"type": "response.create"})).await;
    let delta = client.expect("response.output_audio.delta").await;
    let last = delta["event_id"].as_str().expect("an id");
    client.hang_up();
    client.come_back(last, false).await.expect("the session waits");
    let next = client.event().await.expect("an event");
    assert_ne!(next["type"], "response.output_audio.delta");
    assert_ne!(
        next["type"], "output_audio_buffer.started",
        "it came before the audio"
    );
    client.expect("response.done").await;
}
