//! `input_audio_buffer.append`, by far the most frequent event, read without building a tree of it.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;

use super::{ClientEvent, ClientEventKind};
use crate::audio::decode_audio;
use crate::error::{ClientError, InvalidField};

/// `input_audio_buffer.append`, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append<'a> {
    event_id: Option<Cow<'a, str>>,
    audio: Cow<'a, str>,
}

impl<'a> Append<'a> {
    /// The event, if `text` is a well-formed one. On `None`,
    /// [`parse_client_event`](crate::parse_client_event) says what the text is or lacks.
    pub fn parse(text: &'a str) -> Option<Self> {
        let Wire {
            event_id,
            audio,
            kind: AppendType::Append,
        } = serde_json::from_str(text).ok()?;
        Some(Self { event_id, audio })
    }

    /// The base64 text.
    pub fn audio(&self) -> &str {
        &self.audio
    }

    /// The client's own name for the event.
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// The audio, decoded in one allocation.
    pub fn decode(&self) -> Result<Bytes, ClientError> {
        decode_audio(&self.audio).map_err(|_| {
            let field = InvalidField::invalid_value("audio", "base64-encoded audio");
            ClientError::from_field(field, self.event_id.as_deref().map(str::to_owned))
        })
    }
}

impl From<Append<'_>> for ClientEvent {
    fn from(append: Append<'_>) -> Self {
        Self {
            kind: ClientEventKind::InputAudioBufferAppend {
                audio: append.audio.into_owned(),
            },
            event_id: append.event_id.map(Cow::into_owned),
        }
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    // First in declaration only: whichever comes first in the text, another event's type ends the reading there.
    #[serde(rename = "type")]
    kind: AppendType,
    #[serde(borrow, default)]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    audio: Cow<'a, str>,
}

#[derive(Deserialize)]
enum AppendType {
    #[serde(rename = "input_audio_buffer.append")]
    Append,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_borrowed() {
        let text = r#"{"type":"input_audio_buffer.append","audio":"AAEC","event_id":"e1"}"#;
        let append = Append::parse(text).unwrap();
        assert!(matches!(append.audio, Cow::Borrowed("AAEC")));
        assert_eq!(append.event_id(), Some("e1"));
        assert_eq!(append.decode().unwrap().as_ref(), [0, 1, 2]);
    }

    #[test]
    fn escapes_are_understood() {
        let text = r#"{"audio":"\/\/8=","type":"input_audio_buffer.append"}"#;
        assert_eq!(
            Append::parse(text).unwrap().decode().unwrap().as_ref(),
            [255, 255]
        );
    }

    #[test]
    fn other_events_and_broken_ones_are_left_to_the_general_parser() {
        for text in [
            r#"{"type":"input_audio_buffer.commit","audio":"AAEC"}"#,
            r#"{"type":"input_audio_buffer.append"}"#,
            r#"{"type":"input_audio_buffer.append","audio":7}"#,
            r#"{"type":"input_audio_buffer.append","audio":"AAEC""#,
        ] {
            assert_eq!(Append::parse(text), None, "{text}");
        }
    }
}
