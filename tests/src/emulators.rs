//! Vendors that fail on command.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::http::{Answer, exchange};
use crate::program::{Process, Server, start};

/// What the emulators take for a valid key.
const CREDENTIALS: [(&str, &str); 4] = [
    ("EMULATED_KEY", "emulated-key"),
    ("AWS_ACCESS_KEY_ID", "AKIDEMULATOR"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("AWS_REGION", "eu-central-1"),
];

/// A process that stands in for every vendor. Dropping it kills it.
#[derive(Debug)]
pub struct Emulators {
    #[allow(dead_code, reason = "runs as long as it is held")]
    process: Process,
    authority: String,
}

impl Emulators {
    /// Starts it on a free port and waits until it serves.
    pub fn start(arguments: &[&str]) -> Self {
        let emulate = ["emulate", "--listen", "127.0.0.1:0"];
        let (process, first) = start(&[&emulate, arguments].concat(), &[], Stdio::inherit());
        let authority = first
            .strip_prefix("emulating http://")
            .expect("a line with the address")
            .to_owned();
        Self { process, authority }
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// A server that uses these vendors: by stage, who serves it, best first, and further settings.
    pub fn server(&self, chains: &[(&str, &[&str])], further: &str) -> Server {
        let line = |(stage, links): &(&str, &[&str])| format!("{stage} = {links:?}\n");
        let chains = chains.iter().map(line).collect::<Vec<_>>().concat();
        let config = format!("[chains]\n{chains}{}{further}", self.providers());
        Server::configured(&config, &["--threads", "1"], &CREDENTIALS)
    }

    /// Settings of every vendor.
    fn providers(&self) -> String {
        let authority = &self.authority;
        format!(
            r#"
[providers.deepgram]
url = "ws://{authority}"
key = {{ env = "EMULATED_KEY" }}
[providers.flux]
kind = "deepgram"
api = "flux"
url = "ws://{authority}"
key = {{ env = "EMULATED_KEY" }}
[providers.cartesia]
url = "ws://{authority}"
key = {{ env = "EMULATED_KEY" }}
[providers.caire]
url = "ws://{authority}/ws/"
key = {{ env = "EMULATED_KEY" }}
[providers.openai]
url = "http://{authority}/openai/v1"
key = {{ env = "EMULATED_KEY" }}
[providers.gemini]
url = "http://{authority}"
key = {{ env = "EMULATED_KEY" }}
[aws]
endpoint_url = "http://{authority}"
[providers.bedrock]
model = "anthropic.claude-haiku-4-5"
[providers.sagemaker]
endpoint = "sea-lion"
"#
        )
    }

    /// From now on `vendor` fails so, after it has sent so many messages.
    pub async fn fail(&self, vendor: &str, fault: &str, after: u32) {
        self.put(
            "faults",
            &json!({"vendor": vendor, "fault": fault, "after": after}),
        )
        .await;
    }

    /// Nobody fails any more.
    pub async fn heal(&self) {
        self.control("DELETE", "faults", "").await;
    }

    /// How long `vendor` takes for the first and for each further piece of an answer, ms.
    pub async fn latency(&self, vendor: &str, first_ms: u32, next_ms: u32) {
        let latency = json!({"vendor": vendor, "first_ms": first_ms, "next_ms": next_ms});
        self.put("latency", &latency).await;
    }

    /// What chat models answer, by a part of what the patient said last or of what a function returned since.
    pub async fn script(&self, answers: &Value) {
        self.put("script", &json!({ "answers": answers })).await;
    }

    /// The value of a secret, from now on.
    pub async fn secret(&self, name: &str, value: &str) {
        self.put("secrets", &json!({ "name": name, "value": value }))
            .await;
    }

    /// What happened so far, oldest first.
    pub async fn log(&self) -> Vec<Value> {
        match self.control("GET", "log", "").await.json() {
            Value::Array(log) => log,
            other => panic!("no log: {other}"),
        }
    }

    /// Forgets what happened so far.
    pub async fn forget(&self) {
        self.control("DELETE", "log", "").await;
    }

    async fn put(&self, what: &str, body: &Value) {
        self.control("PUT", what, &body.to_string()).await;
    }

    async fn control(&self, method: &str, what: &str, body: &str) -> Answer {
        let path = format!("/control/{what}");
        let json = ["Content-Type: application/json"];
        let answer = exchange(&self.authority, method, &path, &json, body).await;
        assert!(answer.status < 300, "{body}: {answer:?}");
        answer
    }
}
