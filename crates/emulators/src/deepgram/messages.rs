//! What Nova says, as JSON.

use axum::extract::ws::Message;
use serde_json::{Value, json};

use super::nova_query::NovaQuery;
use crate::ears::{RATE, Word};

/// What stands in every result of a request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) model_uuid: String,
    pub(super) query: NovaQuery,
}

/// How final a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Finality {
    pub(super) is_final: bool,
    pub(super) speech_final: bool,
    pub(super) from_finalize: bool,
}

/// The stretch of the stream a result is about, in samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) length: usize,
}

impl Request {
    pub(super) fn results(&self, stretch: Stretch, words: &[Word], finality: Finality) -> Message {
        let offset = seconds(stretch.start);
        let said: Vec<_> = words.iter().map(|word| self.said(word)).collect();
        let confidence = if words.is_empty() { 0.0 } else { 0.98 };
        let words: Vec<_> = words.iter().map(|word| self.word(word, offset)).collect();
        let mut alternative =
            json!({ "transcript": said.join(" "), "confidence": confidence, "words": words });
        if self.query.multilingual {
            alternative["languages"] = json!(["en"]);
        }
        let arch = if self.query.model.starts_with("nova-3") {
            "nova-3"
        } else {
            "nova-2"
        };
        let mut results = json!({
            "type": "Results",
            "channel_index": [0, self.query.channels],
            "duration": round(stretch.length as f64 / RATE as f64),
            "start": round(offset),
            "is_final": finality.is_final,
            "speech_final": finality.speech_final,
            "channel": { "alternatives": [alternative] },
            "metadata": {
                "request_id": self.id,
                "model_info": { "name": format!("general-{arch}"), "version": "2024-12-20.0", "arch": arch },
                "model_uuid": self.model_uuid,
            },
            "from_finalize": finality.from_finalize,
        });
        if self.query.entities && finality.is_final {
            results["entities"] = json!([]);
        }
        text(&results)
    }

    fn said(&self, word: &Word) -> String {
        if self.query.written {
            word.text.clone()
        } else {
            word.bare()
        }
    }

    fn word(&self, word: &Word, offset: f64) -> Value {
        let mut value = json!({
            "word": word.bare(),
            "start": round(offset + word.start),
            "end": round(offset + word.end),
            "confidence": 0.98,
        });
        if self.query.written {
            value["punctuated_word"] = json!(word.text);
        }
        if self.query.multilingual {
            value["language"] = json!("en");
        }
        value
    }

    pub(super) fn speech_started(&self, at: u64) -> Message {
        let channel = json!([0, self.query.channels]);
        text(&json!({ "type": "SpeechStarted", "channel": channel, "timestamp": round(seconds(at)) }))
    }

    pub(super) fn utterance_end(&self, last: u64) -> Message {
        let channel = json!([0, self.query.channels]);
        text(&json!({ "type": "UtteranceEnd", "channel": channel, "last_word_end": round(seconds(last)) }))
    }

    /// `digest` is that of all audio, `samples` its length.
    pub(super) fn metadata(&self, digest: &str, created: &str, samples: u64) -> Message {
        text(&json!({
            "type": "Metadata",
            "transaction_key": "deprecated",
            "request_id": self.id,
            "sha256": digest,
            "created": created,
            "duration": round(seconds(samples)),
            "channels": self.query.channels,
        }))
    }

    pub(super) fn configured(&self, keyterms: Option<&Value>) -> Message {
        let mut success = json!({ "type": "ConfigureSuccess", "request_id": self.id });
        if let Some(keyterms) = keyterms {
            success["keyterms"] = keyterms.clone();
        }
        text(&success)
    }

    pub(super) fn not_configured(&self, code: &str, description: &str) -> Message {
        text(&json!({
            "type": "ConfigureFailure",
            "request_id": self.id,
            "code": code,
            "description": description,
        }))
    }
}

/// The answer to a text message that is none of the vendor's.
pub(super) fn schema_error(message: &str) -> Message {
    text(&json!({
        "type": "Error",
        "variant": "SchemaError",
        "description": "Could not deserialize last text message: was not valid.",
        "message": message,
    }))
}

pub(super) fn text(value: &Value) -> Message {
    Message::Text(value.to_string().into())
}

pub(super) fn seconds(samples: u64) -> f64 {
    samples as f64 / RATE as f64
}

/// Four decimals.
pub(super) fn round(seconds: f64) -> f64 {
    (seconds * 10_000.0).round() / 10_000.0
}
