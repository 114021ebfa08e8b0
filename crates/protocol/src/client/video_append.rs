//! `input_video_buffer.append`: one picture for clients that do not send binary messages. An extension.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::reader::{self, unsupported};
use super::{ClientEvent, ClientEventKind};
use crate::audio::decode_base64;
use crate::binary::MAX_VIDEO_PAYLOAD;
use crate::error::{ClientError, InvalidField};

/// How a JPEG file begins: its first marker, and the first byte of the next (ITU-T T.81, B.1.1.3).
const JPEG: [u8; 3] = [0xFF, 0xD8, 0xFF];
/// How a PNG file begins.
const PNG: [u8; 4] = *b"\x89PNG";

/// `input_video_buffer.append`, borrowed from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoAppend<'a> {
    event_id: Option<Cow<'a, str>>,
    image: Cow<'a, str>,
    capture_time_us: u64,
}

impl<'a> VideoAppend<'a> {
    /// The event, if `text` is a well-formed one. On `None`,
    /// [`parse_client_event`](crate::parse_client_event) says what the text is or lacks.
    pub fn parse(text: &'a str) -> Option<Self> {
        let Wire {
            event_id,
            image,
            capture_time_us,
            kind: AppendType::Append,
        } = serde_json::from_str(text).ok()?;
        Some(Self {
            event_id,
            image,
            capture_time_us: reader::u64(&Value::Number(capture_time_us), "").ok()?,
        })
    }

    /// When the picture was captured, microseconds of the client's monotonic clock.
    pub fn capture_time_us(&self) -> u64 {
        self.capture_time_us
    }

    /// The client's own name for the event.
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// The picture, decoded from base64 in one allocation: what begins as a JPEG file does, of at most
    /// [`MAX_VIDEO_PAYLOAD`] bytes.
    pub fn decode(&self) -> Result<Bytes, ClientError> {
        self.picture().map_err(|field| self.refusal(field))
    }

    /// The mistake in one field of this event.
    pub fn refusal(&self, field: InvalidField) -> ClientError {
        ClientError::from_field(field, self.event_id().map(str::to_owned))
    }

    fn picture(&self) -> Result<Bytes, InvalidField> {
        // Four characters for three bytes.
        if self.image.len() / 4 > MAX_VIDEO_PAYLOAD / 3 + 1 {
            return Err(too_large());
        }
        let picture = decode_base64(&self.image)
            .map_err(|_| InvalidField::invalid_value("image", "a base64-encoded JPEG"))?;
        if picture.len() > MAX_VIDEO_PAYLOAD {
            return Err(too_large());
        }
        if picture.starts_with(&PNG) {
            return Err(unsupported("image", "PNG is"));
        }
        if !picture.starts_with(&JPEG) {
            return Err(InvalidField::invalid_value("image", "a base64-encoded JPEG"));
        }
        Ok(picture)
    }
}

impl From<VideoAppend<'_>> for ClientEvent {
    fn from(append: VideoAppend<'_>) -> Self {
        Self {
            kind: ClientEventKind::InputVideoBufferAppend {
                image: append.image.into_owned(),
                capture_time_us: append.capture_time_us,
            },
            event_id: append.event_id.map(Cow::into_owned),
        }
    }
}

fn too_large() -> InvalidField {
    let expected = format!("a picture of at most {MAX_VIDEO_PAYLOAD} bytes");
    InvalidField::invalid_value("image", &expected)
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: AppendType,
    #[serde(borrow, default)]
    event_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    image: Cow<'a, str>,
    capture_time_us: Number,
}

#[derive(Deserialize)]
enum AppendType {
    #[serde(rename = "input_video_buffer.append")]
    Append,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::encode_audio;
    use crate::error::ErrorCode;

    fn text(picture: &[u8]) -> String {
        format!(
            r#"{{"type":"input_video_buffer.append","image":"{}","capture_time_us":5,"event_id":"v1"}}"#,
            encode_audio(picture)
        )
    }

    fn mistake(picture: &[u8]) -> (ErrorCode, Option<String>, Option<String>) {
        let text = text(picture);
        let error = VideoAppend::parse(&text).unwrap().decode().unwrap_err();
        (error.code, error.param, error.event_id)
    }

    #[test]
    fn base64_is_borrowed_and_decoded_once() {
        let picture = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2];
        let text = text(&picture);
        let append = VideoAppend::parse(&text).unwrap();
        assert!(matches!(append.image, Cow::Borrowed(_)));
        assert_eq!((append.capture_time_us(), append.event_id()), (5, Some("v1")));
        assert_eq!(append.decode().unwrap().as_ref(), picture);
    }

    #[test]
    fn what_is_no_jpeg_is_refused_by_name() {
        let invalid = (
            ErrorCode::InvalidValue,
            Some("image".to_owned()),
            Some("v1".to_owned()),
        );
        assert_eq!(mistake(b"GIF89a"), invalid);
        assert_eq!(mistake(b""), invalid);
        assert_eq!(mistake(b"\x89PNG\r\n\x1a\n").0, ErrorCode::UnsupportedParameter);
    }

    #[test]
    fn a_picture_has_a_largest_size() {
        let mut picture = vec![0; MAX_VIDEO_PAYLOAD];
        picture[..3].copy_from_slice(&JPEG);
        let largest = text(&picture);
        assert_eq!(
            VideoAppend::parse(&largest).unwrap().decode().unwrap().len(),
            MAX_VIDEO_PAYLOAD
        );
        for more in [1, 1_000] {
            picture.resize(MAX_VIDEO_PAYLOAD + more, 0);
            assert_eq!(mistake(&picture).0, ErrorCode::InvalidValue);
        }
    }

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        let text = r#"{"capture_time_us":12.0,"image":"","type":"input_video_buffer.append"}"#;
        assert_eq!(VideoAppend::parse(text).unwrap().capture_time_us(), 12);
    }

    #[test]
    fn broken_ones_are_left_to_the_general_parser() {
        for fields in [
            r#""image":"AA==""#,
            r#""image":"AA==","capture_time_us":-1"#,
            r#""image":"AA==","capture_time_us":1.5"#,
            r#""image":7,"capture_time_us":1"#,
        ] {
            let text = format!(r#"{{"type":"input_video_buffer.append",{fields}}}"#);
            assert_eq!(VideoAppend::parse(&text), None, "{text}");
        }
    }
}
