//! What an operator sees and does, and who is no operator.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use bedside_e2e::{Answer, Client, Ending, Server, say};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;

const KEY: &str = "a-key-of-the-operator";

async fn get(server: &Server, path: &str) -> Value {
    let answer = server.http("GET", &format!("/ops/api/{path}"), &[], "").await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

async fn post(server: &Server, path: &str, body: &Value) -> Answer {
    let path = format!("/ops/api/{path}");
    server.http("POST", &path, &[], &body.to_string()).await
}

#[tokio::test]
async fn a_consultation_is_listed_watched_and_ended() {
    let server = Server::start(&[]);
    let mut client = Client::connect(&server).await;
    let created = client.expect("session.created").await;
    let id = created["session"]["id"].as_str().expect("an id").to_owned();
    let mut events = server
        .events(&format!("/ops/api/sessions/{id}/events"), &[])
        .await;
    let (name, snapshot) = events.next().await;
    assert_eq!((name.as_str(), &snapshot["items"]), ("snapshot", &json!([])));

    client.speak(&say("I have a bad headache.")).await;
    let metrics = client.listen_for("bedside.turn.metrics").await;
    let transcribed = "conversation.item.input_audio_transcription.completed";
    let seen = events.expect(transcribed).await;
    let words = seen["transcript"].as_str().expect("words").to_lowercase();
    assert!(words.contains("headache"), "{words}");
    let told = |kind| client.events.iter().find(|(_, event)| event["type"] == kind);
    assert_eq!(told(transcribed).map(|(_, event)| event), Some(&seen));

    let list = get(&server, "sessions").await;
    let session = &list["sessions"][0];
    assert_eq!((&session["id"], &session["turns"]), (&json!(id), &json!(1)));
    assert_eq!(session["last_turn"]["voice_to_voice"], metrics["voice_to_voice"]);
    assert_eq!(session["stages"]["model"], "idle");
    assert!(!list.to_string().to_lowercase().contains("headache"), "{list}");
    let node = get(&server, "node").await;
    assert_eq!(node["sessions"]["live"], 1);
    assert_eq!(
        node["turns"]["voice_to_voice_ms"]["p50"],
        metrics["voice_to_voice"]
    );
    assert!(node["process"]["rss_bytes"].as_u64() > Some(10_000_000), "{node}");
    let classes = node["scheduler"]["classes"].as_array().expect("classes");
    let detection = classes.iter().find(|class| class["name"] == "speech_detection");
    let detection = detection.expect("speech detection is a class");
    assert!(detection["done"].as_u64() > Some(10), "{detection}");
    for provider in node["providers"].as_array().expect("providers") {
        let expected: &[&str] = match (provider["name"] == "", provider["faults_recent"] == 0) {
            (true, _) => &["off"],
            (false, true) => &["ok"],
            // On a busy machine models do fail now and then.
            (false, false) => &["ok", "failing"],
        };
        let state = provider["state"].as_str().expect("a state");
        assert!(expected.contains(&state), "{provider}");
    }

    let mut late = server
        .events(&format!("/ops/api/sessions/{id}/events"), &[])
        .await;
    let (_, snapshot) = late.next().await;
    let said = snapshot.to_string().to_lowercase();
    assert!(
        said.contains("headache"),
        "who comes later sees what was said: {said}"
    );

    let ended = post(&server, &format!("sessions/{id}/end"), &json!({})).await;
    assert_eq!(ended.status, 204);
    assert_eq!(client.ending().await, Ending { code: Some(4003) });
    let closing = loop {
        let (name, data) = events.next().await;
        if name != "message" {
            break (name, data);
        }
    };
    assert_eq!(closing, ("ended".to_owned(), json!({"code": 4003})));
    let audit = get(&server, "audit").await;
    let actions: Vec<_> = audit["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            (
                entry["actor"].as_str(),
                entry["action"].as_str(),
                entry["session"].as_str(),
            )
        })
        .collect();
    let by = |action| (Some("local@127.0.0.1"), Some(action), Some(id.as_str()));
    assert_eq!(
        actions,
        [by("session.end"), by("session.watch"), by("session.watch")]
    );
}

#[tokio::test]
async fn admission_is_stopped_and_opened_and_the_node_drained() {
    let server = Server::start(&[]);
    let mut client = Client::connect(&server).await;
    client.expect("session.created").await;
    assert_eq!(
        post(&server, "admission", &json!({"accepting": false}))
            .await
            .status,
        200
    );
    assert_eq!(server.http("GET", "/readyz", &[], "").await.status, 503);
    let Err(Error::Http(refusal)) = connect_async(server.url()).await else {
        panic!("not refused");
    };
    assert_eq!(refusal.status(), 503);
    assert!(refusal.headers().contains_key("retry-after"));

    let opened = post(&server, "admission", &json!({"accepting": true})).await;
    assert_eq!(opened.json()["accepting"], true);
    assert_eq!(server.http("GET", "/readyz", &[], "").await.status, 200);
    Client::connect(&server).await.expect("session.created").await;

    let drained = post(&server, "drain", &json!({"within_s": 2})).await;
    assert_eq!((drained.status, &drained.json()["draining"]), (202, &json!(true)));
    assert_eq!(client.ending().await, Ending { code: Some(1001) });
    assert_eq!(server.http("GET", "/readyz", &[], "").await.status, 503);
    let reopened = post(&server, "admission", &json!({"accepting": true})).await;
    assert_eq!(reopened.json()["accepting"], false, "a drain is for good");
    assert_eq!(get(&server, "audit").await["entries"][1]["action"], "node.drain");
}

#[tokio::test]
async fn only_this_machine_or_who_has_a_key_is_an_operator() {
    let keyless = Server::start(&[]);
    let foreign = "Origin: https://evil.example";
    for (method, path) in [("GET", "node"), ("GET", "sessions"), ("POST", "drain")] {
        let path = format!("/ops/api/{path}");
        let refused = keyless
            .http(method, &path, &[foreign], r#"{"within_s": 0}"#)
            .await;
        assert_eq!(refused.status, 403, "{path}");
    }
    assert_eq!(get(&keyless, "node").await["draining"], false);
    drop(keyless);

    let keyed = Server::start_with(&[], &[("BEDSIDE_KEYS", KEY)]);
    let with = |key: &str| format!("Authorization: Bearer {key}");
    let secret = keyed
        .http("POST", "/v1/realtime/client_secrets", &[&with(KEY)], "")
        .await
        .json();
    let ephemeral = secret["value"].as_str().expect("a key");
    let audit = "/ops/api/audit";
    assert_eq!(keyed.http("GET", audit, &[], "").await.status, 401);
    assert_eq!(
        keyed
            .http("GET", audit, &[&with("a-key-of-somebody-else")], "")
            .await
            .status,
        401
    );
    assert_eq!(
        keyed.http("GET", audit, &[&with(ephemeral)], "").await.status,
        403
    );
    let body = r#"{"accepting": false}"#;
    let stopped = keyed
        .http("POST", "/ops/api/admission", &[&with(KEY)], body)
        .await;
    assert_eq!(stopped.status, 200, "{stopped:?}");
    assert!(
        stopped.head.contains("cache-control: no-store"),
        "{}",
        stopped.head
    );
    let entries = keyed.http("GET", audit, &[&with(KEY)], "").await.json();
    let actor = entries["entries"][0]["actor"].as_str().expect("an actor");
    // printf a-key-of-the-operator | sha256sum
    assert_eq!(actor, "85c827fe@127.0.0.1");
}
