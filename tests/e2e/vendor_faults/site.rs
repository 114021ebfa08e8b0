//! A clinic of its own for some cells: the server, and the vendors it is told to use.

use std::fs;
use std::io::BufWriter;

use bedside_e2e::{Emulators, RATE, Server, run};
use bedside_media::audio::wav::WavSink;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::block_in_place;

use super::cell::Cell;
use super::subject::{Stage, Subject};
use super::talk::{self, ANSWERS};

/// A server and its vendors.
pub(crate) struct Site {
    pub(crate) subject: Subject,
    pub(crate) server: Server,
    pub(crate) emulators: Emulators,
    folder: TempDir,
    unfaulted: OnceCell<[Vec<String>; 3]>,
}

/// How a provider does, as operators see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Health {
    /// The breaker keeps sessions away from it now.
    pub(crate) is_open: bool,
    /// It did so, and the provider has not proved itself since.
    pub(crate) has_opened: bool,
}

impl Site {
    /// Starts everything; every stage but the one looked at is served by whoever is cheapest.
    pub(crate) async fn open(subject: Subject) -> Self {
        let voice = if subject.stage == Stage::Synthesis {
            "local"
        } else {
            "tones"
        };
        // Loading models takes a while, in which other sites go on.
        let emulators = block_in_place(|| Emulators::start(&["--mouth", voice, "--ears", "local"]));
        emulators
            .script(&json!(
                ANSWERS.map(|(when, say)| json!({"when": when, "say": say}))
            ))
            .await;
        // Long enough to be struck in the middle of an answer.
        for model in ["bedrock", "openai", "gemini", "sagemaker"] {
            emulators.latency(model, 100, 60).await;
        }
        let own = [&[subject.vendor], subject.others].concat();
        let chain = |stage: Stage, usual: &'static [&str]| {
            let links = if stage == subject.stage {
                own.clone()
            } else {
                usual.to_vec()
            };
            (stage.name(), links)
        };
        let chains = [
            chain(Stage::Transcription, &["local"]),
            chain(Stage::Model, &["openai", "scripted"]),
            chain(Stage::Synthesis, &["cartesia", "local"]),
            chain(Stage::Vitals, &["local"]),
        ];
        let chains = chains.each_ref().map(|(stage, links)| (*stage, links.as_slice()));
        let server = block_in_place(|| {
            emulators.server(
                &chains,
                "[resilience.breaker]\nfailures = 1\nopen_ms = 1000\nopen_max_ms = 2000\n",
            )
        });
        Self {
            subject,
            server,
            emulators,
            folder: TempDir::new().expect("a folder"),
            unfaulted: OnceCell::new(),
        }
    }

    /// What the patient's words are taken for while nothing fails.
    pub(crate) async fn unfaulted(&self) -> &[Vec<String>; 3] {
        self.unfaulted.get_or_init(|| talk::unfaulted(self)).await
    }

    /// The vendor of `cell` begins to fail.
    pub(crate) async fn fail(&self, cell: &Cell) {
        let vendor = cell.subject.vendor;
        self.emulators.fail(vendor, cell.fault, cell.subject.after).await;
    }

    /// Whether the fault of `cell` came about, of those since the last time this was asked.
    pub(crate) async fn was_struck(&self, cell: &Cell) -> bool {
        let log = self.emulators.log().await;
        self.emulators.forget().await;
        log.iter()
            .any(|entry| entry["vendor"] == cell.subject.vendor && entry["event"] == "fault")
    }

    /// How the vendor of `cell` does.
    pub(crate) async fn health(&self, cell: &Cell) -> Health {
        let answer = self.server.http("GET", "/ops/api/providers", &[], "").await;
        let providers = answer.json();
        let stages = providers["providers"].as_array().cloned().unwrap_or_default();
        let links = stages
            .iter()
            .filter(|stage| stage["stage"] == cell.subject.stage.name())
            .filter_map(|stage| stage["chain"].as_array())
            .flatten();
        let link = links.into_iter().find(|link| link["name"] == cell.subject.vendor);
        let link = link.unwrap_or_else(|| panic!("no {} among {providers}", cell.subject.vendor));
        Health {
            is_open: link["breaker"] == "open",
            has_opened: link["breaker"] != "closed",
        }
    }

    /// What is said in a recording.
    pub(crate) async fn transcribe(&self, samples: &[i16]) -> String {
        let path = self.folder.path().join("recording.wav");
        let file = BufWriter::new(fs::File::create(&path).expect("a file"));
        let mut wav = WavSink::new(file, RATE as u32).expect("a WAV file");
        wav.write(samples).expect("room");
        wav.finish().expect("room");
        let path = path.to_string_lossy().into_owned();
        let transcribed = tokio::task::spawn_blocking(move || run(&["transcribe", &path]));
        let output = transcribed.await.expect("the program runs");
        String::from_utf8(output.stdout).expect("text")
    }
}
