//! A connection is lost in the middle of something, and the conversation goes on over another.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Refused, Server, pcm, say};
use serde_json::{Value, json};

/// How long the program keeps a session.
const KEPT: Duration = Duration::from_secs(30);

/// A patient who has asked for the extension, and so holds a ticket.
struct Patient<'a> {
    server: &'a Server,
    /// None while the connection is lost.
    client: Option<Client>,
    token: String,
    /// Events of the connections before.
    before: Vec<Value>,
}

impl<'a> Patient<'a> {
    async fn enter(server: &'a Server) -> Self {
        let mut client = Client::connect(server).await;
        client.expect("session.created").await;
        let input = json!({"turn_detection": {"type": "semantic_vad"}});
        let session = json!({"type": "realtime", "audio": {"input": input}, "bedside": {"media": "json"}});
        client
            .send(json!({"type": "session.update", "session": session}))
            .await;
        let updated = client.expect("session.updated").await;
        let ticket = &updated["session"]["bedside"]["resume"];
        assert_eq!(ticket["ttl_ms"], KEPT.as_millis() as u64);
        let token = ticket["token"].as_str().expect("a token").to_owned();
        assert!(token.len() >= 32, "{} characters hold no 128 bits", token.len());
        Self {
            server,
            client: Some(client),
            token,
            before: Vec::new(),
        }
    }

    fn client(&mut self) -> &mut Client {
        self.client.as_mut().expect("a connection")
    }

    /// The connection breaks, without a closing handshake.
    fn lose(&mut self) {
        if let Some(lost) = self.client.take() {
            self.before
                .extend(lost.events.into_iter().map(|(_, event)| event));
        }
    }

    fn last_event_id(&self) -> &str {
        let last = self.all().last().expect("an event");
        last["event_id"].as_str().expect("an id")
    }

    async fn claim(&self, last_event_id: &str, wish: &str) -> Result<Client, Refused> {
        let query = format!("?resume={}&last_event_id={last_event_id}{wish}", self.token);
        Client::connect_with(self.server, &query).await
    }

    /// Comes back over a new connection; an old one that still stands is left to itself and given back.
    async fn come_back(&mut self, wish: &str) -> Option<Client> {
        let client = self.claim(self.last_event_id(), wish).await;
        let old = self.client.replace(client.expect("the session waits"));
        if let Some(old) = &old {
            self.before
                .extend(old.events.iter().map(|(_, event)| event.clone()));
        }
        old
    }

    /// Every event of every connection.
    fn all(&self) -> impl Iterator<Item = &Value> {
        let now = self.client.iter().flat_map(|client| &client.events);
        self.before.iter().chain(now.map(|(_, event)| event))
    }

    fn count(&self, kind: &str) -> usize {
        self.all().filter(|event| event["type"] == kind).count()
    }

    /// No event is missing or came twice: all are numbered, and what a client can check is that nothing refers to what
    /// it was not told.
    fn check_order(&self) {
        let numbered = |event: &&Value| event["type"] != "response.output_audio.delta";
        let ids = self
            .all()
            .filter(numbered)
            .map(|event| event["event_id"].as_str());
        let ids: Vec<&str> = ids.map(|id| id.expect("an id")).collect();
        for pair in ids.windows(2) {
            assert!(pair[0] < pair[1], "{} comes before {}", pair[0], pair[1]);
        }
        let pairs = [
            ("response.created", "response.done"),
            ("response.output_item.added", "response.output_item.done"),
            ("conversation.item.added", "conversation.item.done"),
            (
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
            ),
        ];
        for (begun, ended) in pairs {
            assert_eq!(self.count(begun), self.count(ended), "{begun} and {ended}");
        }
    }
}

/// Words of a transcript, without their marks.
fn words(text: &Value) -> Vec<String> {
    let text = text.as_str().expect("a text").to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_answer_breaks_off_and_its_rest_is_said_again() {
    let server = Server::start(&[]);
    let mut patient = Patient::enter(&server).await;
    patient.client().send(json!({"type": "response.create"})).await;
    patient.client().expect("response.output_audio.delta").await;
    let began = Instant::now();
    // Some seconds of the greeting are heard.
    while began.elapsed() < Duration::from_secs(4) {
        patient.client().next_within(Duration::from_millis(100)).await;
    }
    let shown: String = patient
        .all()
        .filter(|event| event["type"] == "response.output_audio_transcript.delta")
        .filter_map(|event| event["delta"].as_str())
        .collect();
    let got: usize = patient
        .all()
        .filter(|event| event["type"] == "response.output_audio.delta")
        .map(|event| pcm(event).len())
        .sum();
    patient.lose();
    tokio::time::sleep(Duration::from_secs(2)).await;
    patient.come_back("&unheard=repeat").await;

    let done = patient.client().expect("response.done").await;
    assert_eq!(done["response"]["status"], "cancelled");
    let truncated = patient.client().expect("conversation.item.truncated").await;
    let heard = truncated["audio_end_ms"].as_u64().expect("milliseconds");
    assert!(
        (3_500..=got as u64 / 24).contains(&heard),
        "{heard} of {} ms",
        got / 24
    );
    let missed = patient.client.as_ref().map(|client| client.events.as_slice());
    let audio = |event: &Value| event["type"] == "response.output_audio.delta";
    assert!(missed.is_some_and(|missed| !missed.iter().any(|(_, event)| audio(event))));

    patient.client().expect("response.created").await;
    let rest = patient
        .client()
        .expect("response.output_audio_transcript.done")
        .await;
    let (shown, rest) = (words(&json!(shown)), words(&rest["transcript"]));
    let overlap = rest.iter().take_while(|word| shown.contains(word)).count();
    assert!(!rest.is_empty() && rest.len() > overlap, "{shown:?}, {rest:?}");
    assert_ne!(rest[0], shown[0], "not all of it is said again");
    patient.client().expect("response.done").await;

    // The consultation goes on where it was: the answer is understood as one, and the next question follows.
    patient.client().speak(&say("I have a bad headache.")).await;
    patient.client().listen_for("response.created").await;
    let next = patient
        .client()
        .expect("response.output_audio_transcript.done")
        .await;
    let next = words(&next["transcript"]);
    assert!(!next.starts_with(&shown[..2]) && next != rest, "{next:?}");
    patient.client().expect("response.done").await;
    patient.check_order();
}

#[tokio::test]
async fn an_utterance_breaks_off_and_is_finished_after_the_return() {
    let server = Server::start(&[]);
    let mut patient = Patient::enter(&server).await;
    patient
        .client()
        .speak(&say("I have had a terrible headache"))
        .await;
    patient.client().expect("input_audio_buffer.speech_started").await;
    patient.lose();
    tokio::time::sleep(Duration::from_secs(3)).await;
    patient.come_back("").await;
    patient.client().speak(&say("since Monday morning.")).await;
    let completed = patient
        .client()
        .listen_for("conversation.item.input_audio_transcription.completed")
        .await;
    let heard = words(&completed["transcript"]);
    for word in ["headache", "morning"] {
        assert!(heard.iter().any(|heard| heard == word), "no {word} in {heard:?}");
    }
    patient.client().listen_for("response.created").await;
    patient.client().send(json!({"type": "response.cancel"})).await;
    patient.client().expect("response.done").await;
    assert_eq!(patient.count("input_audio_buffer.speech_started"), 1);
    assert_eq!(patient.count("input_audio_buffer.committed"), 1);
    patient.check_order();
}

#[tokio::test]
async fn a_second_connection_replaces_the_first() {
    let server = Server::start(&[]);
    let mut patient = Patient::enter(&server).await;
    let mut old = patient.come_back("").await.expect("the first connection stands");
    patient.client().send(json!({"type": "response.create"})).await;
    patient.client().expect("response.output_audio.delta").await;
    assert_eq!(old.ending().await.code, Some(4001));
    patient.client().send(json!({"type": "response.cancel"})).await;
    patient.client().expect("response.done").await;
    patient.check_order();
}

#[tokio::test]
async fn those_who_cannot_go_on_are_told_why() {
    let server = Server::start(&[]);
    let refused = |status, code: &str| Refused {
        status,
        code: code.to_owned(),
    };
    let mut patient = Patient::enter(&server).await;
    let early = patient.last_event_id().to_owned();

    let foreign = Client::connect_with(&server, &format!("?resume=none&last_event_id={early}")).await;
    assert_eq!(foreign.err(), Some(refused(404, "resume_not_found")));
    let mute = Client::connect_with(&server, &format!("?resume={}", patient.token)).await;
    assert_eq!(mute.err(), Some(refused(400, "missing_required_parameter")));

    // More happens than is kept.
    let text = "a".repeat(100_000);
    for _ in 0..3 {
        let content = json!([{"type": "input_text", "text": text}]);
        let item = json!({"type": "message", "role": "user", "content": content});
        patient
            .client()
            .send(json!({"type": "conversation.item.create", "item": item}))
            .await;
        patient.client().expect("conversation.item.done").await;
    }
    patient.lose();
    let gap = patient.claim(&early, "").await;
    assert_eq!(gap.err(), Some(refused(410, "resume_expired")));
    patient.come_back("").await;
    patient.lose();

    tokio::time::sleep(KEPT + Duration::from_secs(1)).await;
    let late = patient.claim(patient.last_event_id(), "").await;
    assert_eq!(late.err(), Some(refused(404, "resume_not_found")));
}
