//! Server events to text.

use serde::ser::Error as _;

use super::{PartAddress, ServerEvent};
use crate::audio::encode_audio_into;

/// Bytes of `response.output_audio.delta` around its identifiers and audio, rounded up.
const AUDIO_DELTA_FRAME: usize = 160;

impl ServerEvent {
    /// The event as one JSON text. Fails only if a map key inside a tool's schema cannot be text, which JSON that was
    /// ever parsed cannot bring about.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

/// Writes `response.output_audio.delta` with the base64 of `audio` straight into `out`, which is cleared first.
///
/// The same text as [`ServerEvent::to_json`] of the event, without the intermediate base64 string and its escaping
/// pass; a buffer kept between calls makes it free of allocations.
pub fn encode_audio_delta(
    out: &mut String,
    event_id: &str,
    at: &PartAddress,
    audio: &[u8],
) -> Result<(), serde_json::Error> {
    use std::fmt::Write as _;

    out.clear();
    out.reserve(
        AUDIO_DELTA_FRAME
            + event_id.len()
            + at.response_id.len()
            + at.item_id.len()
            + audio.len().div_ceil(3) * 4,
    );
    out.push_str(r#"{"type":"response.output_audio.delta","response_id":"#);
    push_string(out, &at.response_id)?;
    out.push_str(r#","item_id":"#);
    push_string(out, &at.item_id)?;
    write!(
        out,
        r#","output_index":{},"content_index":{},"delta":""#,
        at.output_index, at.content_index
    )
    .map_err(serde_json::Error::custom)?;
    encode_audio_into(audio, out);
    out.push_str(r#"","event_id":"#);
    push_string(out, event_id)?;
    out.push('}');
    Ok(())
}

/// Identifiers are ours or a client's: a client's may hold anything.
fn push_string(out: &mut String, text: &str) -> Result<(), serde_json::Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ServerEventKind, encode_audio};

    #[test]
    fn the_fast_path_writes_the_same_text() {
        for (item_id, audio) in [
            ("item_1", vec![0; 960]),
            ("a \"quoted\"\n\u{2028}id", vec![255]),
            ("", vec![]),
        ] {
            let at = PartAddress {
                response_id: "resp_9".to_owned(),
                item_id: item_id.to_owned(),
                output_index: 1,
                content_index: 2,
            };
            let mut fast = "left over".to_owned();
            encode_audio_delta(&mut fast, "event_7", &at, &audio).unwrap();
            let slow = ServerEvent {
                event_id: "event_7".to_owned(),
                kind: ServerEventKind::ResponseOutputAudioDelta {
                    at,
                    delta: encode_audio(&audio),
                },
            };
            assert_eq!(fast, slow.to_json().unwrap());
        }
    }
}
