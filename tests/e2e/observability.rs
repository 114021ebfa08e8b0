//! What the program tells of a consultation to machines, and what it keeps to itself.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]
#![allow(clippy::float_cmp, reason = "what is counted is told without rounding")]

use bedside_e2e::{Client, Server, say};
use serde_json::Value;

/// The value of a series on a page of metrics.
fn value(page: &str, series: &str) -> f64 {
    let mut lines = page
        .lines()
        .filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let value = lines.next().and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| panic!("no {series} in {page}"))
}

#[tokio::test]
async fn a_consultation_is_measured_and_nothing_said_in_it_is_logged() {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let file = log.reopen().expect("the file");
    let arguments = ["--log", "trace", "--log-format", "json"];
    let server = Server::logging_to(file, &arguments, &[]);
    let mut client = Client::connect(&server).await;
    let created = client.expect("session.created").await;
    client.speak(&say("I have a bad headache.")).await;
    let transcribed = "conversation.item.input_audio_transcription.completed";
    let told = client.listen_for("bedside.turn.metrics").await;
    let heard = client
        .events
        .iter()
        .find(|(_, event)| event["type"] == transcribed);
    let heard = heard.expect("what was said").1["transcript"]
        .to_string()
        .to_lowercase();
    assert!(heard.contains("headache"), "{heard}");

    let page = server.http("GET", "/metrics", &[], "").await;
    assert_eq!(page.status, 200);
    let page = page.body;
    assert_eq!(value(&page, "bedside_sessions"), 1.0);
    assert_eq!(value(&page, "bedside_turns_total"), 1.0);
    let latency = "bedside_turn_latency_seconds";
    let (count, sum) = (
        value(&page, &format!("{latency}_count{{stage=\"voice_to_voice\"}}")),
        value(&page, &format!("{latency}_sum{{stage=\"voice_to_voice\"}}")),
    );
    let ms = told["voice_to_voice"].as_f64().expect("the answer was heard");
    assert!(
        count == 1.0 && (sum * 1_000.0 - ms).abs() < 0.1,
        "{count} {sum} {ms}"
    );
    let detected = "bedside_scheduler_jobs_total{class=\"speech_detection\",outcome=\"finished\"}";
    assert!(value(&page, detected) > 10.0);

    assert!(!page.to_lowercase().contains("headache"));
    let logged = std::fs::read_to_string(log.path()).expect("the log");
    assert!(!logged.to_lowercase().contains("headache"), "{logged}");
    let lines: Vec<Value> = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let of = |message: &str| lines.iter().find(|line| line["message"] == message);
    let began = of("a session began").expect("a line of the session");
    assert_eq!(began["span"]["session"], created["session"]["id"]);
    let answered = of("an answer ended").expect("a line of the answer");
    assert_eq!(answered["span"]["response"], told["response_id"]);
}
