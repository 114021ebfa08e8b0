//! What a client asks to be spoken.

use bedside_media::audio::g711;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::refusal::Problem;

const RATES: [u32; 6] = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];

/// Fields that may differ between the inputs of a context.
const FREE: [&str; 5] = ["transcript", "continue", "duration", "flush", "context_id"];

/// A checked request.
#[allow(clippy::struct_excessive_bools, reason = "they are the vendor's")]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) context_id: Option<String>,
    pub(super) transcript: String,
    /// Whether more follows.
    pub(super) more: bool,
    pub(super) flush: bool,
    pub(super) buffer_ms: u64,
    pub(super) output: Output,
    pub(super) speed: f32,
    pub(super) word_times: bool,
    pub(super) phoneme_times: bool,
    /// What must stay the same within a context.
    pub(super) fixed: Map<String, Value>,
}

/// How audio is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) container: Container,
    pub(super) encoding: Encoding,
    /// Samples per second.
    pub(super) rate: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Container {
    Raw,
    Wav,
    Mp3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Encoding {
    #[serde(rename = "pcm_f32le")]
    F32,
    #[serde(rename = "pcm_s16le")]
    S16,
    #[serde(rename = "pcm_mulaw")]
    MuLaw,
    #[serde(rename = "pcm_alaw")]
    ALaw,
}

impl Encoding {
    /// Writes samples.
    pub(super) fn write(self, samples: &[i16]) -> Vec<u8> {
        match self {
            Self::F32 => samples
                .iter()
                .flat_map(|sample| (f32::from(*sample) / 32_768.0).to_le_bytes())
                .collect(),
            Self::S16 => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
            Self::MuLaw => samples.iter().map(|sample| g711::encode_mu(*sample)).collect(),
            Self::ALaw => samples.iter().map(|sample| g711::encode_a(*sample)).collect(),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Raw {
    model_id: String,
    transcript: String,
    voice: Voice,
    output_format: Format,
    context_id: Option<String>,
    language: Option<String>,
    locale: Option<String>,
    #[serde(rename = "continue")]
    more: Option<bool>,
    flush: Option<bool>,
    max_buffer_delay_ms: Option<u64>,
    add_timestamps: Option<bool>,
    add_phoneme_timestamps: Option<bool>,
    generation_config: Option<Generation>,
    speed: Option<Speed>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Voice {
    Id(String),
    Specified { id: String, mode: Option<String> },
}

#[derive(Debug, Deserialize)]
struct Format {
    container: Container,
    encoding: Option<Encoding>,
    sample_rate: u32,
    bit_rate: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Generation {
    speed: Option<f32>,
    volume: Option<f32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Speed {
    Slow,
    Normal,
    Fast,
}

impl Request {
    /// Reads and checks a request. Over the socket a context is needed; in streams audio is raw.
    pub(super) fn read(value: Value) -> Result<Self, Problem> {
        let mut fixed = value.as_object().cloned().unwrap_or_default();
        fixed.retain(|key, value| !FREE.contains(&key.as_str()) && !value.is_null());
        let raw: Raw = serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
        if !raw.model_id.starts_with("sonic") {
            return Err(Problem::no_model());
        }
        check_voice(&raw.voice)?;
        if raw.language.is_some() && raw.locale.is_some() {
            return Err(invalid("Only one of language and locale may be given."));
        }
        if raw.max_buffer_delay_ms.is_some_and(|ms| ms > 5_000) {
            return Err(invalid("max_buffer_delay_ms must be between 0 and 5000."));
        }
        let speed = speed(&raw)?;
        Ok(Self {
            context_id: raw.context_id,
            transcript: raw.transcript,
            more: raw.more.unwrap_or(false),
            flush: raw.flush.unwrap_or(false),
            buffer_ms: raw.max_buffer_delay_ms.unwrap_or(3_000),
            output: output(&raw.output_format)?,
            speed,
            word_times: raw.add_timestamps.unwrap_or(false),
            phoneme_times: raw.add_phoneme_timestamps.unwrap_or(false),
            fixed,
        })
    }

    /// The same, if its audio is raw as streams need it.
    pub(super) fn streamed(self) -> Result<Self, Problem> {
        if self.output.container == Container::Raw {
            return Ok(self);
        }
        Err(invalid("Only the raw container can be streamed."))
    }
}

fn check_voice(voice: &Voice) -> Result<(), Problem> {
    let (id, mode) = match voice {
        Voice::Id(id) => (id, None),
        Voice::Specified { id, mode } => (id, mode.as_deref()),
    };
    if id.is_empty() || mode.is_some_and(|mode| mode != "id") {
        return Err(invalid("voice must name the id of a voice."));
    }
    Ok(())
}

fn output(format: &Format) -> Result<Output, Problem> {
    if !RATES.contains(&format.sample_rate) {
        return Err(invalid("sample_rate is not supported."));
    }
    let encoding = match (format.container, format.encoding, format.bit_rate) {
        (Container::Mp3, _, Some(32_000..=192_000)) => Encoding::S16,
        (Container::Mp3, ..) => return Err(invalid("bit_rate must be between 32000 and 192000.")),
        (_, Some(encoding), _) => encoding,
        (_, None, _) => return Err(invalid("encoding is required.")),
    };
    Ok(Output {
        container: format.container,
        encoding,
        rate: format.sample_rate,
    })
}

fn speed(raw: &Raw) -> Result<f32, Problem> {
    let generation = raw.generation_config.as_ref();
    let volume = generation.and_then(|generation| generation.volume);
    if volume.is_some_and(|volume| !(0.5..=2.0).contains(&volume)) {
        return Err(invalid("volume must be between 0.5 and 2.0."));
    }
    match generation.and_then(|generation| generation.speed) {
        Some(speed) if (0.6..=1.5).contains(&speed) => Ok(speed),
        Some(_) => Err(invalid("speed must be between 0.6 and 1.5.")),
        None => Ok(match raw.speed {
            Some(Speed::Slow) => 0.8,
            Some(Speed::Fast) => 1.25,
            Some(Speed::Normal) | None => 1.0,
        }),
    }
}

pub(super) fn invalid(message: impl Into<String>) -> Problem {
    Problem::bad("Invalid request", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> Value {
        json!({
            "model_id": "sonic-3",
            "transcript": "Hello. ",
            "voice": { "mode": "id", "id": "a0e99841" },
            "output_format": { "container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000 },
            "context_id": "t1",
            "continue": true,
        })
    }

    #[test]
    fn what_must_stay_the_same_is_all_but_the_text_and_how_it_goes_on() {
        let first = Request::read(request()).expect("valid");
        let mut second = request();
        second["transcript"] = json!("How are you?");
        second["continue"] = json!(false);
        second["language"] = Value::Null;
        assert_eq!(Request::read(second).expect("valid").fixed, first.fixed);
        let mut other = request();
        other["language"] = json!("en");
        assert_ne!(Request::read(other).expect("valid").fixed, first.fixed);
    }

    #[test]
    fn what_the_vendor_refuses_is_refused() {
        for (key, value) in [
            ("model_id", json!("tacotron")),
            ("transcript", Value::Null),
            ("voice", json!({ "mode": "embedding", "id": "x" })),
            (
                "output_format",
                json!({ "container": "raw", "encoding": "pcm_s16le", "sample_rate": 12_000 }),
            ),
            (
                "output_format",
                json!({ "container": "raw", "sample_rate": 24_000 }),
            ),
            ("max_buffer_delay_ms", json!(6_000)),
            ("generation_config", json!({ "speed": 3.0 })),
            ("continue", json!("yes")),
        ] {
            let mut wrong = request();
            wrong[key] = value;
            assert!(Request::read(wrong.clone()).is_err(), "{wrong}");
        }
        let mut both = request();
        (both["language"], both["locale"]) = (json!("en"), json!("en-GB"));
        assert!(Request::read(both).is_err());
    }

    #[test]
    fn samples_are_written_as_asked() {
        assert_eq!(Encoding::S16.write(&[1, -1]), [1, 0, 255, 255]);
        assert_eq!(Encoding::F32.write(&[16_384]), 0.5_f32.to_le_bytes());
        assert_eq!(Encoding::MuLaw.write(&[0, 0]).len(), 2);
    }
}
