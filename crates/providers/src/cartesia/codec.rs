//! The messages of the synthesis WebSocket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bedside_conversation::io::FaultKind;
use serde::{Deserialize, Serialize};

use super::Config;
use super::words::TimedWord;
use crate::http;
use crate::traits::SynthesisParams;

/// How a response is spoken: the fields that are the same in all its requests, as the vendor demands.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Style {
    model_id: String,
    voice: Voice,
    output_format: Format,
    language: String,
    /// Segments are whole clauses: nothing is to be waited for.
    max_buffer_delay_ms: u32,
    add_timestamps: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation_config: Option<Manner>,
}

#[derive(Debug, Clone, Serialize)]
struct Voice {
    mode: &'static str,
    id: String,
}

#[derive(Debug, Clone, Serialize)]
struct Format {
    container: &'static str,
    encoding: &'static str,
    sample_rate: u32,
}

#[derive(Debug, Clone, Serialize)]
struct Manner {
    speed: f32,
}

impl Style {
    pub(super) fn new(config: &Config, params: &SynthesisParams) -> Self {
        let voice = config
            .voices
            .get(&params.voice)
            .or_else(|| config.voices.get(&config.voice));
        let speed = params.speed.clamp(0.6, 1.5);
        Self {
            model_id: config.model.clone(),
            voice: Voice {
                mode: "id",
                id: voice.cloned().unwrap_or_default(),
            },
            output_format: Format {
                container: "raw",
                encoding: "pcm_s16le",
                sample_rate: config.sample_rate,
            },
            language: config.language.clone(),
            max_buffer_delay_ms: 0,
            add_timestamps: true,
            generation_config: ((speed - 1.0).abs() > 0.005).then_some(Manner { speed }),
        }
    }

    /// Samples per second.
    pub(super) fn rate(&self) -> u32 {
        self.output_format.sample_rate
    }

    /// Speaks `text` in a context.
    pub(super) fn speak(&self, context: &str, text: &str) -> String {
        // Inputs are put together as they are.
        let space = if text.ends_with(char::is_whitespace) {
            ""
        } else {
            " "
        };
        self.request(context, &format!("{text}{space}"), true, false)
    }

    /// Asks for the boundary after all text so far.
    pub(super) fn flush(&self, context: &str) -> String {
        self.request(context, "", true, true)
    }

    /// Says that no more text follows.
    pub(super) fn finish(&self, context: &str) -> String {
        self.request(context, "", false, false)
    }

    fn request(&self, context_id: &str, transcript: &str, continues: bool, flush: bool) -> String {
        let request = Request {
            style: self,
            context_id,
            transcript,
            continues,
            flush,
        };
        json(&request)
    }
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(flatten)]
    style: &'a Style,
    context_id: &'a str,
    transcript: &'a str,
    #[serde(rename = "continue")]
    continues: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    flush: bool,
}

/// Nothing more of a context is wanted.
pub(super) fn cancel(context_id: &str) -> String {
    #[derive(Serialize)]
    struct Cancel<'a> {
        context_id: &'a str,
        cancel: bool,
    }
    json(&Cancel {
        context_id,
        cancel: true,
    })
}

fn json(value: &impl Serialize) -> String {
    // Strings, numbers and flags under fixed names: nothing in them can fail to be written.
    serde_json::to_string(value).unwrap_or_default()
}

/// What the vendor says of a context.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    /// More audio: PCM16, perhaps with half a sample at the end.
    Audio(Vec<u8>),
    /// When words are spoken.
    Words(Vec<TimedWord>),
    /// All audio of the text before a flush was sent.
    Flushed(Option<u64>),
    /// All audio was sent.
    Done,
    /// It has failed.
    Failed(FaultKind),
    /// Something that is not needed.
    Other,
}

/// A message that breaks the vendor's own protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Deserialize)]
struct Message {
    r#type: String,
    context_id: Option<String>,
    data: Option<String>,
    flush_id: Option<u64>,
    word_timestamps: Option<Timestamps>,
    status_code: Option<u16>,
    error_code: Option<String>,
}

#[derive(Deserialize)]
struct Timestamps {
    words: Vec<String>,
    start: Vec<f64>,
    end: Vec<f64>,
}

/// Reads a message, and the context it is about if it names one.
pub(super) fn parse(text: &str) -> Result<(Option<String>, Event), Broken> {
    let message: Message = serde_json::from_str(text).map_err(|_| Broken)?;
    let event = match message.r#type.as_str() {
        "chunk" => {
            let data = message.data.ok_or(Broken)?;
            Event::Audio(STANDARD.decode(data).map_err(|_| Broken)?)
        }
        "timestamps" => Event::Words(timed(message.word_timestamps.ok_or(Broken)?)),
        "flush_done" => Event::Flushed(message.flush_id),
        "done" => Event::Done,
        "error" => Event::Failed(error_kind(message.status_code, message.error_code.as_deref())),
        _ => Event::Other,
    };
    Ok((message.context_id, event))
}

fn timed(Timestamps { words, start, end }: Timestamps) -> Vec<TimedWord> {
    let spans = start.into_iter().zip(end);
    let words = words.into_iter().zip(spans);
    words
        .map(|(word, (start, end))| TimedWord { word, start, end })
        .collect()
}

/// The status may be missing, and in older versions all but a text is.
fn error_kind(status: Option<u16>, code: Option<&str>) -> FaultKind {
    match (status, code) {
        (_, Some(code))
            if ["concurrency", "quota", "rate_limit"]
                .iter()
                .any(|part| code.contains(part)) =>
        {
            FaultKind::Overloaded
        }
        (Some(status), _) => http::of_status(status),
        (None, Some("model_not_found")) => FaultKind::Refused,
        (None, _) => FaultKind::Internal,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn style(voice: &str, speed: f32) -> Style {
        let mut config = Config::default();
        config.voices.insert("anna".into(), "1".into());
        let params = SynthesisParams {
            voice: voice.into(),
            speed,
            avoid: Vec::new(),
        };
        Style::new(&config, &params)
    }

    #[test]
    fn requests_of_a_context_differ_in_their_text_alone() {
        let style = style("anna", 0.25);
        let read = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        let speak = read(style.speak("c", "Hello."));
        assert_eq!(
            speak,
            json!({
                "model_id": "sonic-3", "transcript": "Hello. ", "voice": {"mode": "id", "id": "1"},
                "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000},
                "context_id": "c", "language": "en", "continue": true, "max_buffer_delay_ms": 0,
                "add_timestamps": true, "generation_config": {"speed": 0.6},
            })
        );
        let mut flush = read(style.flush("c"));
        assert_eq!(
            (&flush["flush"], &flush["transcript"]),
            (&json!(true), &json!(""))
        );
        flush["transcript"] = speak["transcript"].clone();
        flush.as_object_mut().expect("an object").remove("flush");
        assert_eq!(flush, speak);
        let finish = read(style.finish("c"));
        assert_eq!(
            (&finish["continue"], &finish["transcript"]),
            (&json!(false), &json!(""))
        );
        assert_eq!(read(cancel("c")), json!({"context_id": "c", "cancel": true}));
    }

    #[test]
    fn an_unknown_voice_is_the_default_one() {
        let style = style("nobody", 1.0);
        assert_eq!(style.voice.id, "f786b574-daa5-4673-aa0c-cbe3e8534c02");
        assert!(style.generation_config.is_none());
    }

    #[test]
    fn events_are_read_with_their_context() {
        let read = |json: Value| parse(&json.to_string());
        let of = |event| Ok((Some("c".to_owned()), event));
        assert_eq!(
            read(
                json!({"type": "chunk", "context_id": "c", "data": "AQID", "done": false, "status_code": 206,
                "step_time": 12.5, "flush_id": 1})
            ),
            of(Event::Audio(vec![1, 2, 3]))
        );
        let word = TimedWord {
            word: "Hi".into(),
            start: 0.1,
            end: 0.4,
        };
        assert_eq!(
            read(json!({"type": "timestamps", "context_id": "c", "done": false,
                "word_timestamps": {"words": ["Hi"], "start": [0.1], "end": [0.4]}})),
            of(Event::Words(vec![word]))
        );
        assert_eq!(
            read(json!({"type": "flush_done", "context_id": "c", "flush_id": 2, "flush_done": true})),
            of(Event::Flushed(Some(2)))
        );
        assert_eq!(
            read(json!({"type": "done", "context_id": "c", "done": true})),
            of(Event::Done)
        );
        assert_eq!(
            read(json!({"type": "later", "context_id": "c"})),
            of(Event::Other)
        );
    }

    #[test]
    fn errors_are_told_apart() {
        for (error, kind) in [
            (
                json!({"status_code": 429, "error_code": "concurrency_limited"}),
                FaultKind::Overloaded,
            ),
            (
                json!({"status_code": 402, "error_code": "quota_exceeded"}),
                FaultKind::Overloaded,
            ),
            (
                json!({"status_code": 400, "title": "no", "message": "no"}),
                FaultKind::Refused,
            ),
            (json!({"error_code": "model_not_found"}), FaultKind::Refused),
            (json!({"status_code": 500}), FaultKind::Internal),
            (json!({"error": "something"}), FaultKind::Internal),
        ] {
            let mut message = error.clone();
            message["type"] = json!("error");
            message["done"] = json!(true);
            assert_eq!(
                parse(&message.to_string()),
                Ok((None, Event::Failed(kind))),
                "{error}"
            );
        }
    }

    #[test]
    fn garbage_is_broken() {
        for text in [
            "",
            "{",
            "{}",
            r#"{"type":"chunk"}"#,
            r#"{"type":"chunk","data":"***"}"#,
            "[1]",
        ] {
            assert_eq!(parse(text), Err(Broken), "{text}");
        }
    }
}
