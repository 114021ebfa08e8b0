//! The protocol as this client needs it: what it reads of events, what it sends, and the header of binary media.
//!
//! Written from the published protocol and sharing no code with the server's types: a mistake of theirs would hide.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::json;

use crate::scenario::{Kind, Media, Scenario, TurnDetection};

/// Bytes before the payload of a binary message.
const HEADER: usize = 16;

const AUDIO: u8 = 1;
const VIDEO: u8 = 2;
const PCM16: u8 = 1;
const RGB24: u8 = 1;

/// Samples a second of audio in binary messages to the server.
pub(crate) const BINARY_RATE: u32 = 16_000;

/// Samples a second of audio in events, and of all audio from the server.
pub(crate) const JSON_RATE: u32 = 24_000;

/// What is read of an event; the rest is passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Event<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) item_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) delta: Option<Cow<'a, str>>,
    pub(crate) error: Option<Fault>,
    pub(crate) session: Option<Session>,
    pub(crate) response: Option<Response>,
    pub(crate) heart_rate_bpm: Option<f64>,
}

/// Of an `error`.
#[derive(Debug, Deserialize)]
pub(crate) struct Fault {
    pub(crate) code: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
}

/// Of `session.updated`.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) bedside: Option<Extension>,
}

/// Of `session.updated`, Bedside's own.
#[derive(Debug, Deserialize)]
pub(crate) struct Extension {
    pub(crate) resume: Option<Ticket>,
}

/// The way back.
#[derive(Debug, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) token: String,
}

/// Of `response.done`.
#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub(crate) status: Option<String>,
    pub(crate) usage: Option<Usage>,
}

/// Of `response.done`.
#[derive(Debug, Deserialize)]
pub(crate) struct Usage {
    pub(crate) bedside: Option<Spending>,
}

/// What providers cost.
#[derive(Debug, Deserialize)]
pub(crate) struct Spending {
    pub(crate) cost: f64,
    pub(crate) currency: String,
}

impl<'a> Event<'a> {
    /// Reads an event; `None` if it is not one.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// The first message of a patient: how the session is to be. `None` if everything is as usual.
pub(crate) fn session_update(scenario: &Scenario, kind: Kind, resumable: bool) -> Option<String> {
    let mut bedside = serde_json::Map::new();
    let mut session = json!({"type": "realtime"});
    match kind {
        Kind::Echo if scenario.echo.bare => return None,
        Kind::Echo => {
            bedside.insert("media".into(), json!("binary"));
            let format = json!({"type": "audio/pcm", "rate": BINARY_RATE});
            let input = json!({"format": format, "turn_detection": null});
            session["audio"] = json!({"input": input, "output": {"format": format}});
        }
        Kind::Voice | Kind::Both => {
            let binary = scenario.voice.media == Media::Binary;
            if binary {
                bedside.insert("media".into(), json!("binary"));
            } else if kind == Kind::Both {
                bedside.insert("media".into(), json!("binary_in"));
            }
            let rate = if binary { BINARY_RATE } else { JSON_RATE };
            let detection = match scenario.voice.turn_detection {
                TurnDetection::ServerVad => json!({"type": "server_vad"}),
                TurnDetection::SemanticVad => json!({"type": "semantic_vad"}),
            };
            session["audio"] = json!({
                "input": {
                    "format": {"type": "audio/pcm", "rate": rate},
                    "transcription": {"model": "whisper-1"},
                    "turn_detection": detection,
                },
                "output": {"format": {"type": "audio/pcm", "rate": JSON_RATE}},
            });
        }
        Kind::Scan => {
            bedside.insert("media".into(), json!("binary"));
        }
    }
    if matches!(kind, Kind::Scan | Kind::Both) {
        bedside.insert("vitals".into(), json!({"enabled": true, "region": "face_crop"}));
    }
    if resumable || !bedside.is_empty() {
        session["bedside"] = bedside.into();
    }
    Some(json!({"type": "session.update", "session": session}).to_string())
}

/// An `input_audio_buffer.append` of PCM16.
pub(crate) fn append(samples: &[i16]) -> String {
    let audio = STANDARD.encode(le_bytes(samples));
    format!(r#"{{"type":"input_audio_buffer.append","audio":"{audio}"}}"#)
}

/// A binary message of PCM16 at [`BINARY_RATE`].
pub(crate) fn audio_message(sequence: u64, captured: Duration, payload: &[u8]) -> Bytes {
    let about = [(BINARY_RATE / 100) as u16, 1];
    message([AUDIO, PCM16], sequence, captured, about, payload)
}

/// A binary message of an RGB picture, `width` by `height` pixels.
pub(crate) fn picture_message(
    sequence: u64,
    captured: Duration,
    [width, height]: [u16; 2],
    pixels: &[u8],
) -> Bytes {
    message([VIDEO, RGB24], sequence, captured, [width, height], pixels)
}

/// The samples of a binary message of PCM16, as bytes, and their rate; `None` if it is something else.
pub(crate) fn read_audio(message: &[u8]) -> Option<(&[u8], u32)> {
    let (header, payload) = message.split_at_checked(HEADER)?;
    let rate = u32::from(u16::from_le_bytes([header[12], header[13]])) * 100;
    (header[..2] == [AUDIO, PCM16] && rate > 0).then_some((payload, rate))
}

/// How many bytes of audio a base64 text holds.
pub(crate) fn decoded_len(base64: &str) -> usize {
    let padding = base64.bytes().rev().take_while(|byte| *byte == b'=').count();
    (base64.len() / 4 * 3).saturating_sub(padding)
}

/// The audio of a base64 text; empty if it is none.
pub(crate) fn decode(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap_or_default()
}

/// Samples as PCM16, least byte first.
pub(crate) fn le_bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

fn message(
    [kind, format]: [u8; 2],
    sequence: u64,
    captured: Duration,
    about: [u16; 2],
    payload: &[u8],
) -> Bytes {
    let mut message = BytesMut::with_capacity(HEADER + payload.len());
    message.put_u8(kind);
    message.put_u8(format);
    message.put_u16_le(sequence as u16);
    message.put_u64_le(captured.as_micros() as u64);
    about.into_iter().for_each(|value| message.put_u16_le(value));
    message.put_slice(payload);
    message.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_message_has_the_published_layout() {
        let message = audio_message(0x1_0203, Duration::from_micros(5), &[7, 8]);
        let expected = [1, 1, 3, 2, 5, 0, 0, 0, 0, 0, 0, 0, 160, 0, 1, 0, 7, 8];
        assert_eq!(message[..], expected);
        assert_eq!(read_audio(&message), Some((&[7, 8][..], 16_000)));
        let picture = picture_message(1, Duration::ZERO, [72, 36], &[9]);
        assert_eq!(picture[..4], [2, 1, 1, 0]);
        assert_eq!(picture[12..], [72, 0, 36, 0, 9]);
        assert_eq!(read_audio(&picture), None);
        assert_eq!(read_audio(&message[..9]), None);
    }

    #[test]
    fn events_are_read_whatever_else_they_hold() {
        let text = r#"{"event_id":"e1","type":"response.done","response":{"id":"r","status":"cancelled",
            "usage":{"total_tokens":3,"bedside":{"cost":0.25,"currency":"EUR","by":[]}}},"more":[1,{"a":null}]}"#;
        let event = Event::read(text).unwrap();
        let response = event.response.unwrap();
        assert_eq!(response.status.as_deref(), Some("cancelled"));
        assert_eq!(response.usage.and_then(|usage| usage.bedside).unwrap().cost, 0.25);
        assert_eq!(event.event_id.as_deref(), Some("e1"));
        assert!(Event::read("[]").is_none());
    }

    #[test]
    fn the_length_of_base64_is_known_without_decoding() {
        for length in 0..9 {
            let text = STANDARD.encode(vec![1; length]);
            assert_eq!(decoded_len(&text), length);
        }
    }
}
