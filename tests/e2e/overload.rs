//! Three times as many patients as the models can serve: everything is late, nothing breaks, and newcomers are sent away.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, RATE, Refused, Server, voiced};
use futures::future::join_all;
use serde_json::{Value, json};

/// One thread serves about three who all talk at once.
const PATIENTS: usize = 9;

/// Of each patient.
const TURNS: usize = 2;

/// What patients say, word for word as it is heard.
const ANSWERS: [&str; 3] = [
    "I have a bad headache.",
    "It started three days ago.",
    "It is getting worse.",
];

/// Longer than a turn takes however many there are: the server itself gives up before.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said instead of an answer when something broke.
const APOLOGIES: [&str; 2] = ["didn't catch that", "technical problem"];

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == kind
}

/// Talks like somebody who waits for every answer, and gives all that was seen.
async fn consult(server: &Server, index: usize, turns: usize) -> Client {
    let mut client = Client::connect(server).await;
    client.expect("session.created").await;
    client
        .update(json!({"turn_detection": {"type": "semantic_vad", "eagerness": "medium"}}))
        .await;
    for turn in 0..turns {
        let from = client.events.len();
        client
            .speak(&voiced(ANSWERS[(index + turn) % ANSWERS.len()]))
            .await;
        let deadline = Instant::now() + PATIENCE;
        let answered = |client: &Client| {
            let events = &client.events[from..];
            let heard = |kind| events.iter().any(|(_, event)| is(kind)(event));
            heard("conversation.item.input_audio_transcription.completed") && heard("bedside.turn.metrics")
        };
        while !answered(&client) {
            assert!(Instant::now() < deadline, "no answer; {}", client.kinds());
            client.speak(&[0; RATE / 50]).await;
            if client.events[from..]
                .iter()
                .any(|(_, event)| is("response.output_audio.delta")(event))
            {
                client.send(json!({"type": "response.cancel"})).await;
            }
        }
    }
    client
}

fn of(client: &Client, wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
    let events = client.events.iter().map(|(_, event)| event);
    events.filter(|event| wanted(event)).collect()
}

async fn node(server: &Server) -> Value {
    server.http("GET", "/ops/api/node", &[], "").await.json()
}

fn class<'n>(node: &'n Value, name: &str) -> &'n Value {
    let classes = node["scheduler"]["classes"].as_array().expect("classes");
    let class = classes.iter().find(|class| class["name"] == name);
    class.expect("a class of jobs")
}

/// Knocks every half a second until what happens at the door is as wanted.
async fn knock_until(server: &Server, wanted: impl Fn(&Result<Client, Refused>) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !wanted(&Client::connect_with(server, "").await) {
        assert!(Instant::now() < deadline, "{}", node(server).await["admission"]);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test]
async fn three_times_the_load_makes_answers_late_and_newcomers_go_elsewhere_and_breaks_nothing() {
    let _ = ANSWERS.map(voiced);
    // By what sessions cost, there is room for hundreds.
    let server = Server::configured("threads = 1\n[capacity]\nutilisation = 100.0\n", &[], &[]);
    let full = |door: &Result<Client, Refused>| matches!(door, Err(refused) if refused.status == 503);
    let patients = join_all((0..PATIENTS).map(|index| consult(&server, index, TURNS)));
    let (patients, ()) = tokio::join!(patients, knock_until(&server, full));

    for (index, patient) in patients.iter().enumerate() {
        let said: Vec<_> = (index..index + TURNS)
            .map(|turn| ANSWERS[turn % ANSWERS.len()])
            .collect();
        let heard = of(
            patient,
            is("conversation.item.input_audio_transcription.completed"),
        );
        let heard: Vec<_> = heard
            .iter()
            .filter_map(|event| event["transcript"].as_str())
            .collect();
        assert_eq!(heard, said, "finals are late, but all there and in order");
        let failed = of(patient, |event| {
            is("conversation.item.input_audio_transcription.failed")(event)
                || event["response"]["status"] == "failed"
        });
        assert!(failed.is_empty(), "{failed:?}");
        let apologies = of(patient, |event| {
            let words = event["transcript"].as_str().unwrap_or_default();
            is("response.output_audio_transcript.done")(event)
                && APOLOGIES.iter().any(|said| words.contains(said))
        });
        assert!(apologies.is_empty(), "{apologies:?}");
    }
    let after = node(&server).await;
    let finals = class(&after, "final_transcript");
    assert!(
        finals["late"].as_u64() > Some(PATIENTS as u64 / 2),
        "no overload: {finals}"
    );
    let partials = class(&after, "partial_transcript");
    assert!(
        partials["done"].as_u64() < finals["done"].as_u64(),
        "partials take time that finals lack: {partials}"
    );
    assert!(
        after["admission"]["refused"]["late"].as_u64() > Some(0),
        "{after}"
    );

    knock_until(&server, Result::is_ok).await;
    assert_eq!(node(&server).await["scheduler"]["queued"], 0);
    drop(patients);
    let began = Instant::now();
    consult(&server, 0, 1).await;
    println!(
        "a turn after the overload: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    assert!(began.elapsed() < Duration::from_secs(15));
}
