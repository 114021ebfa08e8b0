//! The messages of CAIRE, as its public clients exchange them. There is no specification: what is read is taken
//! leniently.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Whether more pictures follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Stream,
    End,
}

/// A picture for the vendor: a JPEG file, captured at `unix_us` microseconds since 1970.
pub(super) fn picture(scan: &str, state: State, jpeg: &[u8], unix_us: u64) -> String {
    #[derive(Serialize)]
    struct Picture<'a> {
        datapt_id: &'a str,
        state: State,
        frame_data: String,
        timestamp: String,
        advanced: bool,
    }
    let picture = Picture {
        datapt_id: scan,
        state,
        frame_data: STANDARD.encode(jpeg),
        timestamp: format!("{}.{:03}", unix_us / 1_000_000, unix_us / 1_000 % 1_000),
        advanced: true,
    };
    // Strings and flags under fixed names: nothing in them can fail to be written.
    serde_json::to_string(&picture).unwrap_or_default()
}

/// What the vendor answers.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Answer {
    /// The answer to the last picture.
    pub(super) finished: bool,
    /// Beats per minute, if it has found a pulse.
    pub(super) heart_rate: Option<f64>,
    /// How sure it is of that, 0 to 1, if it says.
    pub(super) confidence: Option<f64>,
    /// More of the pulse wave: Unix seconds, and the value. Pieces may overlap.
    pub(super) wave: Vec<(f64, f64)>,
}

/// A message that cannot be one of the vendor's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Deserialize)]
struct Message {
    state: String,
    datapt_id: Option<String>,
    #[serde(default)]
    inference: Option<Inference>,
    #[serde(default)]
    advanced: Option<Advanced>,
    #[serde(default)]
    confidence: Option<Inference>,
}

#[derive(Deserialize)]
struct Inference {
    #[serde(default)]
    hr: Option<f64>,
}

#[derive(Deserialize)]
struct Advanced {
    #[serde(default)]
    rppg: Vec<f64>,
    #[serde(default)]
    rppg_timestamps: Vec<f64>,
}

/// Reads a message; `None` if it is about another scan.
pub(super) fn parse(text: &str, scan: &str) -> Result<Option<Answer>, Broken> {
    let message: Message = serde_json::from_str(text).map_err(|_| Broken)?;
    let finished = match message.state.as_str() {
        "ok" => false,
        "finished" => true,
        _ => return Err(Broken),
    };
    if message.datapt_id.is_some_and(|id| id != scan) {
        return Ok(None);
    }
    let positive = |value: &f64| value.is_finite() && *value > 0.0;
    let wave = message
        .advanced
        .map(|advanced| advanced.rppg_timestamps.into_iter().zip(advanced.rppg));
    Ok(Some(Answer {
        finished,
        heart_rate: message
            .inference
            .and_then(|inference| inference.hr)
            .filter(positive),
        confidence: message
            .confidence
            .and_then(|confidence| confidence.hr)
            .map(|value| value.clamp(0.0, 1.0)),
        wave: wave.into_iter().flatten().collect(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_picture_is_sent_with_the_time_as_text() {
        let sent: Value = serde_json::from_str(&picture(
            "id",
            State::Stream,
            &[0xff, 0xd8],
            1_730_868_591_123_456,
        ))
        .expect("JSON");
        assert_eq!(
            sent,
            json!({"datapt_id": "id", "state": "stream", "frame_data": "/9g=", "timestamp": "1730868591.123",
                "advanced": true})
        );
        assert!(picture("id", State::End, &[], 0).contains(r#""state":"end""#));
    }

    #[test]
    fn an_answer_is_read_leniently() {
        let full = json!({"state": "ok", "socket_id": "c73bb619", "datapt_id": "id", "inference": {"hr": 66},
            "advanced": {"rppg": [0.1, 0.2], "rppg_timestamps": [10.0, 10.1]}, "confidence": {}, "feedback": null,
            "model_version": "HR"});
        let answer = Answer {
            heart_rate: Some(66.0),
            wave: vec![(10.0, 0.1), (10.1, 0.2)],
            ..Answer::default()
        };
        assert_eq!(parse(&full.to_string(), "id"), Ok(Some(answer)));
        assert_eq!(parse(&full.to_string(), "other"), Ok(None));
        for bare in [
            json!({"state": "ok", "inference": {"hr": -1}, "advanced": null, "confidence": null}),
            json!({"state": "ok", "inference": {"hr": 0}}),
            json!({"state": "ok"}),
        ] {
            assert_eq!(
                parse(&bare.to_string(), "id"),
                Ok(Some(Answer::default())),
                "{bare}"
            );
        }
        for broken in ["", "{}", "\u{1}\u{2}", r#"{"state":"error"}"#] {
            assert_eq!(parse(broken, "id"), Err(Broken), "{broken}");
        }
    }
}
