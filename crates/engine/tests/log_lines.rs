//! What is logged of a consultation: whose line it is, and nothing that was said.

mod support;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bedside_engine::SessionLimits;
use serde_json::Value;
use support::{Script, start};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn lines_name_session_and_answer_and_hold_nothing_that_was_said() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    // All tasks of a test run on its thread.
    let _logging = tracing::subscriber::set_default(subscriber);
    let script = Arc::new(Script {
        answer: "How long have you had the headache?",
        transcript: "My chest hurts terribly.",
        ..Script::default()
    });
    let mut client = start(&script, SessionLimits::default(), 4_096);
    let created = client.expect("session.created").await;
    client.speak(true, 1_500).await;
    client.speak(false, 600).await;
    let answer = client.expect("response.created").await;
    client.expect("response.done").await;
    client.speak(true, 300).await;
    client.hang_up();
    let logged = lines.text().to_lowercase();
    for word in ["headache", "chest", "hurts", "terribly", "how long"] {
        assert!(!logged.contains(word), "{word} in {logged}");
    }
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let ours = lines.iter().filter(|line| {
        line["target"]
            .as_str()
            .is_some_and(|of| of.starts_with("bedside"))
    });
    for line in ours.clone() {
        assert_eq!(line["span"]["session"], created["session"]["id"], "{line}");
    }
    let of = |message: &str| {
        ours.clone()
            .find(|line| line["message"] == message)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(of("a session began")["span"]["name"], "session");
    let ended = of("an answer ended");
    assert_eq!(ended["span"]["response"], answer["response"]["id"], "{ended}");
    assert_eq!(ended["outcome"], "completed");
}
