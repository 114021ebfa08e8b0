//! Consultations led by vendors: who serves, what it costs, functions of the clinic's own, keys that change.

#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

use std::time::{Duration, Instant};

use bedside_e2e::{Client, Emulators, Film, Loudspeaker, Pictures, RATE, Server, patient, say};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Every stage of a spoken turn by a vendor.
const VENDORS: [(&str, &[&str]); 3] = [
    ("transcription", &["deepgram", "local"]),
    ("model", &["bedrock", "scripted"]),
    ("synthesis", &["cartesia", "local"]),
];

/// One that answers through the emulators' brain, with voices that cost little.
const MODEL_ALONE: [(&str, &[&str]); 2] = [
    ("model", &["bedrock", "scripted"]),
    ("synthesis", &["cartesia", "local"]),
];

fn emulators() -> Emulators {
    Emulators::start(&["--mouth", "tones", "--ears", "local"])
}

async fn open(server: &Server) -> Client {
    let mut client = Client::connect(server).await;
    client.expect("session.created").await;
    client
}

/// Says something and waits for the answer to it.
async fn ask(client: &mut Client, text: &str) -> Value {
    client.speak(&say(text)).await;
    client.listen_for("response.done").await
}

/// Types something and has it answered aloud.
async fn write(client: &mut Client, text: &str) {
    let content = json!([{"type": "input_text", "text": text}]);
    let item = json!({"type": "message", "role": "user", "content": content});
    client
        .send(json!({"type": "conversation.item.create", "item": item}))
        .await;
    client.send(json!({"type": "response.create"})).await;
}

fn transcripts(client: &Client) -> String {
    let events = client.events.iter().map(|(_, event)| event);
    let done = events.filter(|event| event["type"] == "response.output_audio_transcript.done");
    done.filter_map(|event| event["transcript"].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Waits until an answer that holds `text` is over.
async fn answered(client: &mut Client, text: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !transcripts(client).contains(text) {
        assert!(Instant::now() < deadline, "no {text:?} in {}", client.kinds());
        client.next_within(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_consultation_of_vendors_alone_says_who_served_and_what_it_cost() {
    let emulators = emulators();
    emulators
        .script(&json!([{"when": "headache", "say": "I am sorry to hear that. Since when?"}]))
        .await;
    let prices = "
[providers.deepgram.prices]
audio_seconds = 0.00008
[providers.bedrock.prices]
input_tokens = 0.000001
output_tokens = 0.000005
[providers.cartesia.prices]
characters = 0.00005
";
    let server = emulators.server(&VENDORS, prices);
    let mut client = open(&server).await;
    let done = ask(&mut client, "I have a bad headache.").await;
    let cost = &done["response"]["usage"]["bedside"];
    assert_eq!(cost["currency"], "USD", "{done}");
    let by = cost["by"].as_array().expect("a list");
    let of = |provider: &str, unit: &str| {
        let mut entries = by.iter();
        let entry = entries.find(|entry| entry["provider"] == provider && entry["unit"] == unit);
        entry.unwrap_or_else(|| panic!("no {unit} of {provider} in {cost}"))
    };
    let quantity = |entry: &Value| entry["quantity"].as_f64().expect("a quantity");
    assert!(quantity(of("deepgram", "audio_seconds")) > 1.0, "{cost}");
    assert!(quantity(of("bedrock", "input_tokens")) > 10.0, "{cost}");
    // Every character of the answer, and spaces between its parts at most.
    let characters = quantity(of("cartesia", "characters"));
    assert!((36.0..=40.0).contains(&characters), "{cost}");
    let sum: f64 = by.iter().filter_map(|entry| entry["cost"].as_f64()).sum();
    let whole = cost["cost"].as_f64().expect("a sum");
    assert!(whole > 0.001 && (whole - sum).abs() < 1e-5, "{cost}");
    let metrics = client.listen_for("bedside.turn.metrics").await;
    let providers = json!({"transcription": "deepgram", "model": "bedrock", "synthesis": "cartesia"});
    assert_eq!(metrics["providers"], providers);
}

#[tokio::test]
async fn a_slow_function_of_the_clinic_is_bridged_by_a_word_and_its_result_is_told() {
    let emulators = emulators();
    emulators
        .script(&json!([
            {"when": "appointment", "say": "", "call": {"name": "next_appointment", "arguments": {"who": "me"}}},
            {"when": "on tuesday", "say": "It is on Tuesday at ten."},
        ]))
        .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let tools = format!(
        "
[tools.next_appointment]
url = \"http://{address}/appointments\"
description = \"Tells when the patient's next appointment is.\"
timeout_ms = 6000
[tools.next_appointment.parameters]
type = \"object\"
"
    );
    let server = emulators.server(&MODEL_ALONE, &tools);
    let mut client = open(&server).await;
    write(&mut client, "When is my next appointment?").await;
    let (mut socket, _) = listener.accept().await.expect("the function is called");
    let asked = Instant::now();
    let mut request = Vec::new();
    while !String::from_utf8_lossy(&request).contains("\"who\"") {
        assert_ne!(socket.read_buf(&mut request).await.expect("a request"), 0);
    }
    // Nothing comes of it for longer than anyone likes to listen to silence.
    client.listen_for("response.output_audio.delta").await;
    let bridged = asked.elapsed();
    assert!((1.3..3.0).contains(&bridged.as_secs_f64()), "{bridged:?}");
    let body = "{\"when\": \"on Tuesday at ten\"}";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    socket.write_all(answer.as_bytes()).await.expect("it listens");
    answered(&mut client, "Tuesday").await;
    let items = client.events.iter().map(|(_, event)| &event["item"]);
    let output = items
        .filter(|item| item["type"] == "function_call_output")
        .find_map(|item| item["output"].as_str());
    assert!(
        output.is_some_and(|output| output.contains("Tuesday")),
        "{output:?}"
    );
}

#[tokio::test]
async fn a_goodbye_of_the_model_ends_the_consultation_once_it_was_heard() {
    let emulators = emulators();
    emulators
        .script(&json!([
            {"when": "that is all", "say": "", "call": {"name": "end_consultation", "arguments": {"farewell": "Goodbye, and get well soon."}}},
        ]))
        .await;
    let server = emulators.server(&MODEL_ALONE, "");
    let mut client = open(&server).await;
    write(&mut client, "Thank you, that is all.").await;
    let ending = client.ending().await;
    assert_eq!(ending.code, Some(1000));
    assert!(transcripts(&client).contains("Goodbye, and get well soon."));
    let speaker = Loudspeaker::play(&client.events);
    let last = speaker.last_sound().expect("it was said");
    assert!(last <= Instant::now(), "closed before the goodbye was heard");
}

#[tokio::test]
async fn a_device_is_read_from_the_camera() {
    let emulators = emulators();
    emulators
        .script(&json!([
            {"when": "monitor", "say": "", "call": {"name": "read_device_display",
                "arguments": {"device_type": "blood_pressure_monitor"}}},
            {"when": "128", "say": "It shows one hundred and twenty eight."},
        ]))
        .await;
    let chains: [(&str, &[&str]); 3] = [MODEL_ALONE[0], MODEL_ALONE[1], ("device", &["device"])];
    let device = format!(
        "[providers.device]\nkind = \"device-service\"\nurl = \"http://{}/device\"\n",
        emulators.authority()
    );
    let server = emulators.server(&chains, &device);
    let mut client = Client::scanning(&server, json!({"enabled": true})).await;
    let film = Film::new(&patient(160, 120, 0.35, 0.5), Pictures::Base64);
    client.play(&film.schedule).await;
    write(&mut client, "Can you read my monitor?").await;
    answered(&mut client, "one hundred and twenty eight").await;
}

#[tokio::test]
async fn a_key_of_aws_is_used_as_soon_as_it_is_replaced() {
    let emulators = emulators();
    emulators.script(&json!([{"say": "I see. Since when?"}])).await;
    emulators.secret("clinic/openai", "{\"key\": \"invalid\"}").await;
    let secret = format!(
        "
[providers.hosted]
kind = \"openai\"
url = \"http://{}/openai/v1\"
key = {{ aws_secret = \"clinic/openai\", field = \"key\" }}
[resilience.breaker]
open_ms = 500
",
        emulators.authority()
    );
    let chains: [(&str, &[&str]); 2] = [("model", &["hosted", "scripted"]), MODEL_ALONE[1]];
    let server = emulators.server(&chains, &secret);
    let mut client = open(&server).await;
    let model = |metrics: &Value| metrics["providers"]["model"].clone();
    ask(&mut client, "I have a headache.").await;
    let metrics = client.listen_for("bedside.turn.metrics").await;
    assert_eq!(model(&metrics), "scripted", "the key was refused");
    emulators
        .secret("clinic/openai", "{\"key\": \"emulated-key\"}")
        .await;
    for _ in 0..5 {
        client.speak(&vec![0; RATE]).await;
        ask(&mut client, "Since yesterday.").await;
        let metrics = client.listen_for("bedside.turn.metrics").await;
        if model(&metrics) == "hosted" {
            return;
        }
    }
    panic!("the new key is not used");
}
