//! What operators see and do over HTTP, and who may not.

#![allow(clippy::expect_used, reason = "a helper that fails fails its test")]

mod support;

use std::time::Duration;

use bedside_engine::Stage;
use bedside_server::{ChainLink, JobClass, JobFigures, ModelThreads, StageChain};
use serde_json::{Value, json};
use support::{KEY, Options, Server};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

fn keyed() -> String {
    format!("Authorization: Bearer {KEY}\r\n")
}

impl Server {
    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.http("GET", &format!("/ops/api/{path}"), &keyed(), "").await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let (path, body) = (format!("/ops/api/{path}"), body.to_string());
        let (status, answer) = self.http("POST", &path, &keyed(), &body).await;
        (status, serde_json::from_str(&answer).unwrap_or_default())
    }

    /// The lines of an event stream that say something.
    async fn events(&self, session: &str) -> impl AsyncFnMut() -> String + use<> {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        let request = format!(
            "GET /ops/api/sessions/{session}/events HTTP/1.1\r\nHost: {}\r\n{}\r\n",
            self.address,
            keyed()
        );
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut lines = BufReader::new(stream).lines();
        async move || loop {
            let line = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await;
            let line = line.expect("a line in time").expect("a connection");
            let line = line.expect("the stream goes on");
            if line.starts_with("event:") || line.starts_with("data:") {
                return line;
            }
        }
    }
}

#[tokio::test]
async fn nobody_comes_here_without_a_full_key_or_from_a_foreign_page() {
    let server = Server::start(Options::default());
    let addresses = [
        ("GET", "node"),
        ("GET", "history"),
        ("GET", "sessions"),
        ("GET", "sessions/sess_1/events"),
        ("POST", "sessions/sess_1/end"),
        ("POST", "admission"),
        ("POST", "drain"),
        ("GET", "audit"),
    ];
    let (_, secret) = server
        .http("POST", "/v1/realtime/client_secrets", &keyed(), "")
        .await;
    let secret: Value = serde_json::from_str(&secret).expect("JSON");
    let ephemeral = format!(
        "Authorization: Bearer {}\r\n",
        secret["value"].as_str().expect("a key")
    );
    let keyless = Server::start(Options {
        keys: Vec::new(),
        origins: vec!["https://clinic.example".to_owned()],
        ..Options::default()
    });
    for (method, path) in addresses {
        let path = format!("/ops/api/{path}");
        let body = r#"{"accepting": false, "within_s": 0}"#;
        assert_eq!(server.http(method, &path, "", body).await.0, 401, "{path}");
        assert_eq!(
            server.http(method, &path, &ephemeral, body).await.0,
            403,
            "{path}"
        );
        // A site that may hold consultations is no operator.
        for foreign in ["https://evil.example", "https://clinic.example"] {
            let foreign = format!("Origin: {foreign}\r\n");
            assert_eq!(keyless.http(method, &path, &foreign, body).await.0, 403, "{path}");
        }
    }
    for server in [&server, &keyless] {
        assert!(server.app.registry().is_open() && !server.app.registry().is_draining());
    }
    assert_eq!(keyless.http("GET", "/ops/api/node", "", "").await.0, 200);
}

#[tokio::test]
async fn the_node_tells_how_it_is_doing() {
    let server = Server::start(Options::default());
    let class = JobClass {
        name: "final_transcript",
        done: 5,
        dropped: 1,
        late: 2,
        lateness_p95_ms: 1.5,
        jobs: JobFigures::default(),
    };
    server.app.show_model_threads(move || ModelThreads {
        threads: 2,
        queued: 3,
        classes: vec![class.clone()],
    });
    let mut session = server.enter().await;
    session.expect("session.created").await;
    let node = server.get("node").await;
    assert_eq!(
        (&node["accepting"], &node["draining"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        node["sessions"],
        json!({"live": 1, "detached": 0, "capacity": 10})
    );
    assert!(
        node["now_ms"].as_u64() >= node["started_at_ms"].as_u64(),
        "{node}"
    );
    assert!(node["process"]["cores"].as_u64() >= Some(1), "{node}");
    assert_eq!(node["turns"]["window_s"], 300);
    assert_eq!(node["turns"]["voice_to_voice_ms"], Value::Null);
    assert_eq!(node["scheduler"]["classes"][0]["late"], 2);
    let counters = node["counters"].as_array().expect("counters");
    assert!(
        counters.contains(&json!({"name": "sessions_opened", "value": 1})),
        "{node}"
    );
    let stages: Vec<_> = node["providers"]
        .as_array()
        .expect("providers")
        .iter()
        .map(|provider| (provider["stage"].as_str(), provider["state"].as_str()))
        .collect();
    assert_eq!(stages[3], (Some("model"), Some("ok")));
    assert_eq!(stages[5], (Some("vitals"), Some("off")), "nobody reads them here");
}

#[tokio::test]
async fn each_provider_of_a_chain_is_shown() {
    let server = Server::start(Options::default());
    server.app.show_chains(|| {
        let link = |name, breaker, p95_ms| ChainLink {
            name,
            breaker,
            p50_ms: None,
            p95_ms,
            uses: 9,
            faults: vec![("timeout", 2), ("refused", 0)],
        };
        vec![StageChain {
            stage: Stage::Transcription,
            links: vec![link("deepgram", "open", Some(391)), link("local", "closed", None)],
        }]
    });
    let shown = server.get("providers").await;
    assert_eq!(shown["currency"], "USD");
    let stages = shown["providers"].as_array().expect("providers");
    let stage = |name| {
        let found = stages.iter().find(|provider| provider["stage"] == name);
        found.expect("a stage")
    };
    let transcription = stage("transcription");
    assert_eq!(transcription["name"], "deepgram, local");
    let first = &transcription["chain"][0];
    assert_eq!(
        (&first["breaker"], &first["p95_ms"], &first["uses"]),
        (&json!("open"), &json!(391), &json!(9))
    );
    assert_eq!(first["faults"], json!({"timeout": 2}));
    assert_eq!((&first["cost"], &first["used"]), (&Value::Null, &json!([])));
    let alone = &stage("synthesis")["chain"][0];
    assert_eq!(
        (&alone["name"], &alone["breaker"]),
        (&json!("scripted"), &Value::Null)
    );
    assert_eq!(stage("knowledge")["state"], "off");
}

#[tokio::test]
async fn the_list_tells_of_a_session_but_nothing_said_in_it() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    let created = session.expect("session.created").await;
    session
        .send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}))
        .await;
    session.expect("response.done").await;
    let list = server.get("sessions").await;
    let shown = &list["sessions"][0];
    assert_eq!(shown["id"], created["session"]["id"]);
    assert_eq!(
        (&shown["model"], &shown["scan"]),
        (&json!("intake"), &json!("none"))
    );
    assert_eq!(shown["connection"], "connected");
    assert_eq!(shown["stages"]["vitals"], "off");
    assert!(shown["sent_bytes"].as_u64() > Some(100), "{shown}");
    assert!(!list.to_string().contains("hurt"), "{list}");
}

#[tokio::test]
async fn listening_in_is_a_stream_that_ends_with_the_session_and_is_audited() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    let created = session.expect("session.created").await;
    let id = created["session"]["id"].as_str().expect("an id");
    let mut line = server.events(id).await;
    assert_eq!(line().await, "event: snapshot");
    assert_eq!(line().await, r#"data: {"items":[],"omitted":0}"#);
    session
        .send(json!({"type": "response.create", "response": {"output_modalities": ["text"]}}))
        .await;
    let done = loop {
        let line = line().await;
        let data = line.strip_prefix("data: ").expect("only server events come");
        let event: Value = serde_json::from_str(data).expect("JSON");
        if event["type"] == "response.output_text.done" {
            break event;
        }
    };
    assert_eq!(done["text"], "Where does it hurt?");

    assert_eq!(
        server.post(&format!("sessions/{id}/end"), &json!({})).await.0,
        204
    );
    assert_eq!(session.close_code().await, Some(4003));
    while line().await != "event: ended" {}
    assert_eq!(line().await, r#"data: {"code":4003}"#);

    let audit = server.get("audit").await;
    let entries = audit["entries"].as_array().expect("entries");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry["action"].as_str(), entry["session"].as_str()))
        .collect();
    assert_eq!(
        told,
        [(Some("session.end"), Some(id)), (Some("session.watch"), Some(id))]
    );
    let actor = entries[0]["actor"].as_str().expect("an actor");
    let (fingerprint, peer) = actor.split_once('@').expect("who and from where");
    assert_eq!((fingerprint.len(), peer), (8, "127.0.0.1"));
    assert!(!audit.to_string().contains(KEY));
}

#[tokio::test]
async fn a_session_whose_client_is_away_is_listed_as_detached() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    session.expect("session.created").await;
    let bedside = json!({"type": "realtime", "bedside": {"media": "json"}});
    session
        .send(json!({"type": "session.update", "session": bedside}))
        .await;
    session.expect("session.updated").await;
    drop(session);
    let away = async { while server.get("sessions").await["sessions"][0]["connection"] != "detached" {} };
    tokio::time::timeout(Duration::from_secs(20), away)
        .await
        .expect("the loss is noticed");
    assert_eq!(
        server.get("node").await["sessions"],
        json!({"live": 1, "detached": 1, "capacity": 10})
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_watched_or_ended() {
    let server = Server::start(Options::default());
    let (status, body) = server
        .http("GET", "/ops/api/sessions/sess_none/events", &keyed(), "")
        .await;
    assert_eq!(status, 404, "{body}");
    assert_eq!(server.post("sessions/sess_none/end", &json!({})).await.0, 404);
    assert_eq!(server.get("audit").await, json!({"entries": []}));
}

#[tokio::test]
async fn admission_stops_and_opens_again() {
    let server = Server::start(Options::default());
    let mut there = server.enter().await;
    there.expect("session.created").await;
    let (status, node) = server.post("admission", &json!({"accepting": false})).await;
    assert_eq!((status, &node["accepting"]), (200, &json!(false)));
    assert_eq!(server.http("GET", "/readyz", "", "").await.0, 503);
    let bearer = format!("Bearer {KEY}");
    let refused = server
        .refusal("/v1/realtime", &[("authorization", &bearer)])
        .await;
    assert!(
        refused.is(503, "server_overloaded") && refused.retry_after,
        "{refused:?}"
    );
    there.send(json!({"type": "input_audio_buffer.clear"})).await;
    there.expect("input_audio_buffer.cleared").await;

    let (_, node) = server.post("admission", &json!({"accepting": true})).await;
    assert_eq!(node["accepting"], true);
    let counters = node["counters"].as_array().expect("counters");
    assert!(
        counters.contains(&json!({"name": "sessions_refused", "value": 1})),
        "{node}"
    );
    assert_eq!(server.http("GET", "/readyz", "", "").await.0, 200);
    server.enter().await.expect("session.created").await;
    let bad = [json!({}), json!({"accepting": "no"}), json!([])];
    for body in bad {
        assert_eq!(server.post("admission", &body).await.0, 400, "{body}");
    }
}

#[tokio::test]
async fn a_drained_server_stays_to_be_looked_at() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    session.expect("session.created").await;
    assert_eq!(server.post("drain", &json!({"within_s": 99_999})).await.0, 400);
    let (status, node) = server.post("drain", &json!({"within_s": 5})).await;
    assert_eq!((status, &node["draining"]), (202, &json!(true)));
    assert_eq!(session.close_code().await, Some(1001));
    let (_, node) = server.post("admission", &json!({"accepting": true})).await;
    assert_eq!(
        (&node["accepting"], &node["draining"]),
        (&json!(false), &json!(true))
    );
    assert!(!server.served.is_finished());
    assert_eq!(server.get("audit").await["entries"][1]["action"], "node.drain");
}

#[tokio::test]
async fn history_has_a_point_every_five_seconds() {
    let server = Server::start(Options::default());
    let mut session = server.enter().await;
    session.expect("session.created").await;
    assert_eq!(server.get("history").await["points"], 0);
    tokio::time::pause();
    let mut points = 0;
    while points < 2 {
        tokio::time::advance(Duration::from_secs(5)).await;
        tokio::time::resume();
        let history = server.get("history").await;
        points = history["points"].as_u64().expect("a count");
        for (name, series) in history["series"].as_object().expect("series") {
            let values = series.as_array().expect("values").len() as u64;
            assert_eq!(values, points, "{name}");
        }
        if points == 2 {
            let series = &history["series"];
            assert_eq!(series["live"], json!([1, 1]));
            assert_eq!(series["accepted"], json!([1, 0]));
            assert_eq!(series["voice_to_voice_p50"], json!([null, null]));
            assert_eq!(history["step_ms"], 5_000);
        }
        tokio::time::pause();
    }
    assert!(server.get("node").await["process"]["cpu_percent"].is_number());
}
