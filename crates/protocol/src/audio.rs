//! Audio formats as the wire names them, and the base64 they travel in.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sample rate of `audio/pcm` when none is named, in Hz; the only one of standard clients.
pub const DEFAULT_PCM_RATE: u32 = 24_000;

/// Sample rates of `audio/pcm`, in Hz. All but [`DEFAULT_PCM_RATE`] are an extension.
pub const PCM_RATES: [u32; 6] = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];

/// Padding may be left out, as some encoders do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How audio is encoded in one direction of a session. Always one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type")]
pub enum AudioFormat {
    /// 16-bit signed little-endian samples.
    #[serde(rename = "audio/pcm")]
    Pcm {
        /// Samples per second, one of [`PCM_RATES`].
        #[serde(default = "default_rate")]
        rate: u32,
    },
    /// G.711 µ-law at 8 kHz.
    #[serde(rename = "audio/pcmu")]
    Pcmu,
    /// G.711 A-law at 8 kHz.
    #[serde(rename = "audio/pcma")]
    Pcma,
    /// Opus packets at 48 kHz, in binary messages only. An extension.
    #[serde(rename = "audio/opus")]
    Opus,
}

impl AudioFormat {
    /// Samples per second.
    pub const fn sample_rate(self) -> u32 {
        match self {
            Self::Pcm { rate } => rate,
            Self::Pcmu | Self::Pcma => 8_000,
            Self::Opus => 48_000,
        }
    }

    /// Bytes a sample takes, or `None` where packets vary in size.
    pub const fn bytes_per_sample(self) -> Option<usize> {
        match self {
            Self::Pcm { .. } => Some(2),
            Self::Pcmu | Self::Pcma => Some(1),
            Self::Opus => None,
        }
    }
}

impl Default for AudioFormat {
    fn default() -> Self {
        Self::Pcm {
            rate: DEFAULT_PCM_RATE,
        }
    }
}

const fn default_rate() -> u32 {
    DEFAULT_PCM_RATE
}

/// The audio of an event was not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected base64-encoded audio")]
pub struct InvalidBase64;

/// Decodes base64 audio, with or without padding, in one allocation.
pub fn decode_audio(text: &str) -> Result<Bytes, InvalidBase64> {
    decode_base64(text)
}

/// Decodes base64, with or without padding, in one allocation.
pub(crate) fn decode_base64(text: &str) -> Result<Bytes, InvalidBase64> {
    BASE64.decode(text).map(Bytes::from).map_err(|_| InvalidBase64)
}

/// Appends `data` to `out` as base64 with padding, without a buffer in between.
pub(crate) fn encode_audio_into(data: &[u8], out: &mut String) {
    BASE64.encode_string(data, out);
}

/// `data` as base64 with padding.
pub fn encode_audio(data: &[u8]) -> String {
    BASE64.encode(data)
}
