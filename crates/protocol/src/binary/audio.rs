//! Audio frames.

use super::frame::InvalidFrame;
use crate::audio::{AudioFormat, PCM_RATES};

/// Largest audio payload, bytes.
pub const MAX_AUDIO_PAYLOAD: usize = 64 * 1024;

/// Shortest and longest audio of a frame, microseconds.
const MIN_US: u64 = 10_000;
const MAX_US: u64 = 120_000;

/// Unit of the sample rate in the header, Hz. The field is rounded down: 220 stands for 22 050 Hz.
const RATE_UNIT: u32 = 100;

/// How an audio frame is encoded. Always one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioCodec {
    /// 16-bit signed little-endian samples.
    Pcm16,
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// One Opus packet.
    Opus,
}

/// What is needed to read an audio payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioHeader {
    /// How it is encoded.
    pub codec: AudioCodec,
    /// Samples per second.
    pub sample_rate: u32,
}

impl AudioHeader {
    /// The same, as sessions name it.
    pub const fn format(self) -> AudioFormat {
        match self.codec {
            AudioCodec::Pcm16 => AudioFormat::Pcm {
                rate: self.sample_rate,
            },
            AudioCodec::Pcmu => AudioFormat::Pcmu,
            AudioCodec::Pcma => AudioFormat::Pcma,
            AudioCodec::Opus => AudioFormat::Opus,
        }
    }

    pub(super) fn decode(format: u8, rate: u16, channels: u16, payload: &[u8]) -> Result<Self, InvalidFrame> {
        let codec = match format {
            1 => AudioCodec::Pcm16,
            2 => AudioCodec::Pcmu,
            3 => AudioCodec::Pcma,
            4 => AudioCodec::Opus,
            other => return Err(InvalidFrame::UnknownFormat(other)),
        };
        let rates: &[u32] = match codec {
            AudioCodec::Pcm16 => &PCM_RATES,
            AudioCodec::Pcmu | AudioCodec::Pcma => &[8_000],
            AudioCodec::Opus => &[48_000],
        };
        let Some(&sample_rate) = rates.iter().find(|known| **known / RATE_UNIT == u32::from(rate)) else {
            return Err(InvalidFrame::SampleRate {
                hz: u32::from(rate) * RATE_UNIT,
            });
        };
        if channels != 1 {
            return Err(InvalidFrame::Channels(channels));
        }
        let header = Self { codec, sample_rate };
        let duration_us = header.duration_us(payload)?;
        if !(MIN_US..=MAX_US).contains(&duration_us) {
            return Err(InvalidFrame::Duration {
                ms: (duration_us / 1_000) as u32,
            });
        }
        Ok(header)
    }

    pub(super) const fn encode(self) -> (u8, u16, u16) {
        let format = match self.codec {
            AudioCodec::Pcm16 => 1,
            AudioCodec::Pcmu => 2,
            AudioCodec::Pcma => 3,
            AudioCodec::Opus => 4,
        };
        (format, (self.sample_rate / RATE_UNIT) as u16, 1)
    }

    fn duration_us(self, payload: &[u8]) -> Result<u64, InvalidFrame> {
        let len = payload.len();
        if len == 0 || len > MAX_AUDIO_PAYLOAD {
            return Err(InvalidFrame::PayloadLimit { len });
        }
        let Some(bytes_per_sample) = self.format().bytes_per_sample() else {
            return opus_duration_us(payload).ok_or(InvalidFrame::Packet);
        };
        if !len.is_multiple_of(bytes_per_sample) {
            return Err(InvalidFrame::PayloadLimit { len });
        }
        Ok((len / bytes_per_sample) as u64 * 1_000_000 / u64::from(self.sample_rate))
    }
}

impl From<AudioFormat> for AudioHeader {
    fn from(format: AudioFormat) -> Self {
        let codec = match format {
            AudioFormat::Pcm { .. } => AudioCodec::Pcm16,
            AudioFormat::Pcmu => AudioCodec::Pcmu,
            AudioFormat::Pcma => AudioCodec::Pcma,
            AudioFormat::Opus => AudioCodec::Opus,
        };
        Self {
            codec,
            sample_rate: format.sample_rate(),
        }
    }
}

/// Duration of an Opus packet, from its table-of-contents byte (RFC 6716, section 3.1).
fn opus_duration_us(packet: &[u8]) -> Option<u64> {
    let toc = *packet.first()?;
    let config = toc >> 3;
    let frame_us = match config {
        0..12 => [10_000, 20_000, 40_000, 60_000][usize::from(config & 3)],
        12..16 => [10_000, 20_000][usize::from(config & 1)],
        _ => [2_500, 5_000, 10_000, 20_000][usize::from(config & 3)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(packet.get(1)? & 0x3f),
    };
    Some(frame_us * frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opus_durations_follow_the_table_of_contents() {
        assert_eq!(opus_duration_us(&[1 << 3]), Some(20_000), "SILK, one frame");
        assert_eq!(
            opus_duration_us(&[(3 << 3) | 1]),
            Some(120_000),
            "SILK, two frames of 60 ms"
        );
        assert_eq!(
            opus_duration_us(&[(13 << 3) | 2]),
            Some(40_000),
            "hybrid, two frames"
        );
        assert_eq!(
            opus_duration_us(&[(16 << 3) | 3, 4]),
            Some(10_000),
            "CELT, four frames of 2.5 ms"
        );
        assert_eq!(opus_duration_us(&[3]), None, "the count is missing");
    }
}
