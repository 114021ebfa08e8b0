//! What a client sends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// One message; all its fields are required.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    datapt_id: String,
    state: State,
    frame_data: String,
    timestamp: String,
    advanced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Stream,
    End,
}

/// A frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) datapoint: String,
    pub(super) last: bool,
    pub(super) picture: Vec<u8>,
    /// Unix seconds.
    pub(super) seconds: f64,
    pub(super) advanced: bool,
}

/// Reads a message; `None` if it is not one.
pub(super) fn read(text: &str) -> Option<Frame> {
    let raw: Raw = serde_json::from_str(text).ok()?;
    let hyphens = raw.datapt_id.bytes().filter(|byte| *byte == b'-').count();
    if raw.datapt_id.len() != 36 || hyphens != 4 {
        return None;
    }
    let picture = STANDARD.decode(raw.frame_data).ok()?;
    let known = picture.starts_with(&[0xff, 0xd8]) || picture.starts_with(b"\x89PNG");
    known.then_some(Frame {
        datapoint: raw.datapt_id,
        last: raw.state == State::End,
        seconds: raw.timestamp.parse().ok()?,
        advanced: raw.advanced,
        picture,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message() -> Value {
        json!({
            "datapt_id": "7f3c1d7e-7e4c-4a86-9f43-0d1f5f1f9a10",
            "state": "stream",
            "frame_data": STANDARD.encode([0xff, 0xd8, 0xff]),
            "timestamp": "1730868591.123",
            "advanced": true,
        })
    }

    #[test]
    fn a_frame_is_read() {
        let frame = read(&message().to_string()).expect("valid");
        assert!((frame.seconds - 1_730_868_591.123).abs() < 1e-6 && !frame.last && frame.advanced);
    }

    #[test]
    fn what_no_client_sends_is_refused() {
        for (key, value) in [
            ("datapt_id", json!("1")),
            ("state", json!("pause")),
            ("frame_data", json!("data:image/jpeg;base64,/9g=")),
            ("timestamp", json!(1_730_868_591.123)),
            ("advanced", Value::Null),
        ] {
            let mut wrong = message();
            wrong[key] = value;
            assert_eq!(read(&wrong.to_string()), None, "{key}");
        }
    }
}
