//! The messages of `/v1/listen`.

use serde::Deserialize;

use super::hearing::{Heard, Segment, Word, samples};

/// Asks for everything heard so far as final.
pub(super) const FINALIZE: &str = r#"{"type":"Finalize"}"#;

/// Keeps the connection while there is no audio. It must be a text message.
pub(super) const KEEP_ALIVE: &str = r#"{"type":"KeepAlive"}"#;

/// Says that no more audio follows. Both interfaces take it.
pub(super) const CLOSE_STREAM: &str = r#"{"type":"CloseStream"}"#;

/// A message of the vendor that breaks its own protocol, or says that it has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Message {
    Results(Results),
    Error {},
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Results {
    start: f64,
    duration: f64,
    channel: Channel,
    #[serde(default)]
    is_final: bool,
    #[serde(default)]
    from_finalize: bool,
}

#[derive(Deserialize)]
struct Channel {
    alternatives: Vec<Alternative>,
}

#[derive(Deserialize)]
struct Alternative {
    transcript: String,
    #[serde(default)]
    words: Vec<TimedWord>,
}

#[derive(Deserialize)]
pub(super) struct TimedWord {
    word: String,
    punctuated_word: Option<String>,
    start: Option<f64>,
    end: Option<f64>,
}

impl From<TimedWord> for Word {
    fn from(word: TimedWord) -> Self {
        Self {
            text: word.punctuated_word.unwrap_or(word.word),
            span: word
                .start
                .zip(word.end)
                .map(|(start, end)| samples(start)..samples(end)),
        }
    }
}

/// Reads a message; `None` if it tells nothing that is needed.
pub(super) fn parse(text: &str) -> Result<Option<Heard>, Broken> {
    let results = match serde_json::from_str(text).map_err(|_| Broken)? {
        Message::Results(results) => results,
        Message::Error {} => return Err(Broken),
        Message::Other => return Ok(None),
    };
    let best = results.channel.alternatives.into_iter().next();
    let (transcript, words) = best.map_or_else(Default::default, |best| (best.transcript, best.words));
    Ok(Some(Heard {
        segment: Segment {
            // Spans begin where the last final ended: no two begin within the same millisecond.
            key: samples(results.start) / 16,
            span: samples(results.start)..samples(results.start + results.duration),
            transcript,
            words: words.into_iter().map(Word::from).collect(),
        },
        settled: results.is_final,
        asked_for: results.from_finalize,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_with_its_words_is_read() {
        let heard = parse(
            r#"{"type":"Results","channel_index":[0,1],"start":2.1,"duration":1.4,"is_final":true,"speech_final":true,
            "from_finalize":true,"channel":{"alternatives":[{"transcript":"My chest","confidence":0.98,"words":[
            {"word":"my","start":2.2,"end":2.35,"confidence":0.99,"punctuated_word":"My"},
            {"word":"chest","start":2.35,"end":2.7,"confidence":0.9}]}]},"metadata":{"request_id":"1"},"new":1}"#,
        );
        let word = |text: &str, span| Word {
            text: text.into(),
            span: Some(span),
        };
        assert_eq!(
            heard,
            Ok(Some(Heard {
                segment: Segment {
                    key: 2_100,
                    span: 33_600..56_000,
                    transcript: "My chest".into(),
                    words: vec![word("My", 35_200..37_600), word("chest", 37_600..43_200)],
                },
                settled: true,
                asked_for: true,
            }))
        );
    }

    #[test]
    fn what_is_optional_may_be_missing() {
        let heard = parse(r#"{"type":"Results","start":0,"duration":1,"channel":{"alternatives":[]}}"#);
        let heard = heard.expect("read").expect("results");
        assert!(!heard.settled && heard.segment.words.is_empty() && heard.segment.transcript.is_empty());
    }

    #[test]
    fn other_messages_tell_nothing_and_errors_and_garbage_are_faults() {
        for text in [
            r#"{"type":"Metadata","request_id":"1","duration":3.5}"#,
            r#"{"type":"SpeechStarted","channel":[0,1],"timestamp":0.2}"#,
            r#"{"type":"UtteranceEnd","channel":[0,1],"last_word_end":2.4}"#,
            r#"{"type":"SomethingNew"}"#,
        ] {
            assert_eq!(parse(text), Ok(None), "{text}");
        }
        for text in [
            "",
            "\u{fffd}{",
            "{}",
            "[]",
            r#"{"type":"Results","start":0}"#,
            r#"{"type":"Error","variant":"SchemaError","description":"no"}"#,
        ] {
            assert_eq!(parse(text), Err(Broken), "{text}");
        }
    }
}
