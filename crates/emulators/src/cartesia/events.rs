//! What Cartesia says, as JSON. Over the socket and over SSE it is the same.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::voice::SpokenWord;

/// The status in events of a stream that goes on.
const PARTIAL: u16 = 206;

/// Makes the events of one context.
#[derive(Debug, Clone)]
pub(super) struct Events {
    pub(super) context: Option<String>,
    /// Which stretch between flushes; none if nothing can be flushed.
    pub(super) flush: Option<u64>,
}

impl Events {
    pub(super) fn chunk(&self, audio: &[u8], step_ms: f64) -> Value {
        let mut event = self.event("chunk");
        event["data"] = json!(STANDARD.encode(audio));
        event["step_time"] = json!(step_ms);
        event
    }

    /// `offset` is where the words' piece begins, in seconds from the start of the context.
    pub(super) fn timestamps(&self, words: &[SpokenWord], offset: f64) -> Value {
        let mut event = self.event("timestamps");
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        event["word_timestamps"] = json!({
            "words": texts,
            "start": times(words, offset, |word| word.start),
            "end": times(words, offset, |word| word.end),
        });
        event
    }

    /// A letter stands for each sound.
    pub(super) fn phonemes(&self, words: &[SpokenWord], offset: f64) -> Value {
        let mut event = self.event("phoneme_timestamps");
        let letters: Vec<_> = words.iter().flat_map(letters).collect();
        event["phoneme_timestamps"] = json!({
            "phonemes": letters.iter().map(|letter| letter.text.as_str()).collect::<Vec<_>>(),
            "start": times(&letters, offset, |letter| letter.start),
            "end": times(&letters, offset, |letter| letter.end),
        });
        event
    }

    pub(super) fn flush_done(&self) -> Value {
        let mut event = self.event("flush_done");
        event["flush_done"] = json!(true);
        event
    }

    pub(super) fn done(&self) -> Value {
        let mut event = self.event("done");
        event["done"] = json!(true);
        if let Some(event) = event.as_object_mut() {
            event.remove("flush_id");
        }
        event
    }

    fn event(&self, kind: &str) -> Value {
        let mut event = json!({ "type": kind, "done": false, "status_code": PARTIAL });
        if let Some(context) = &self.context {
            event["context_id"] = json!(context);
        }
        if let Some(flush) = self.flush {
            event["flush_id"] = json!(flush);
        }
        event
    }
}

fn letters(word: &SpokenWord) -> Vec<SpokenWord> {
    let letters: Vec<_> = word.text.chars().filter(|c| c.is_alphabetic()).collect();
    let share = (word.end - word.start) / letters.len().max(1) as f64;
    let letter = |(index, letter): (usize, &char)| SpokenWord {
        text: letter.to_string(),
        start: word.start + index as f64 * share,
        end: word.start + (index + 1) as f64 * share,
    };
    letters.iter().enumerate().map(letter).collect()
}

fn times(words: &[SpokenWord], offset: f64, time: fn(&SpokenWord) -> f64) -> Vec<f64> {
    let times = words.iter().map(|word| offset + time(word));
    times.map(|time| (time * 10_000.0).round() / 10_000.0).collect()
}
