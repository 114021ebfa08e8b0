//! What a stream of mono audio is made of: its encoding and its sample rate.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// A sample rate that Bedside carries, in hertz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleRate(u32);

impl SampleRate {
    /// Narrowband telephony.
    pub const HZ_8000: Self = Self(8_000);
    /// Wideband speech: the rate of the bus inside a session.
    pub const HZ_16000: Self = Self(16_000);
    /// Half the rate of a compact disc.
    pub const HZ_22050: Self = Self(22_050);
    /// The standard rate of realtime clients.
    pub const HZ_24000: Self = Self(24_000);
    /// The rate of a compact disc.
    pub const HZ_44100: Self = Self(44_100);
    /// The rate of sound cards and of Opus.
    pub const HZ_48000: Self = Self(48_000);

    /// Every rate there is, ascending.
    pub const ALL: [Self; 6] = [
        Self::HZ_8000,
        Self::HZ_16000,
        Self::HZ_22050,
        Self::HZ_24000,
        Self::HZ_44100,
        Self::HZ_48000,
    ];

    /// Samples per second.
    pub const fn hz(self) -> u32 {
        self.0
    }

    /// Samples in `duration`, rounded down.
    pub const fn samples_in(self, duration: Duration) -> usize {
        (duration.as_nanos() * self.0 as u128 / 1_000_000_000) as usize
    }

    /// How long `samples` last, rounded down to the nanosecond.
    pub const fn duration_of(self, samples: usize) -> Duration {
        Duration::from_nanos((samples as u128 * 1_000_000_000 / self.0 as u128) as u64)
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = FormatError;

    fn try_from(hz: u32) -> Result<Self, FormatError> {
        let known = Self::ALL.into_iter().find(|rate| rate.hz() == hz);
        known.ok_or(FormatError::UnsupportedRate { hz })
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

/// How samples are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Signed 16-bit linear, little-endian.
    Pcm16,
    /// G.711 µ-law, one byte per sample.
    MuLaw,
    /// G.711 A-law, one byte per sample.
    ALaw,
    /// Opus packets (RFC 6716), one per message, without a container.
    Opus,
}

/// The format of a mono stream: an [`Encoding`] at a [`SampleRate`] it exists at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    encoding: Encoding,
    rate: SampleRate,
}

impl AudioFormat {
    /// What flows on the bus inside a session: PCM16 at 16 kHz.
    pub const BUS: Self = Self::pcm16(SampleRate::HZ_16000);
    /// µ-law as telephony has it, at 8 kHz.
    pub const MU_LAW: Self = Self {
        encoding: Encoding::MuLaw,
        rate: SampleRate::HZ_8000,
    };
    /// A-law as telephony has it, at 8 kHz.
    pub const A_LAW: Self = Self {
        encoding: Encoding::ALaw,
        rate: SampleRate::HZ_8000,
    };
    /// Opus on its 48 kHz clock.
    pub const OPUS: Self = Self {
        encoding: Encoding::Opus,
        rate: SampleRate::HZ_48000,
    };

    /// PCM16 at `rate`.
    pub const fn pcm16(rate: SampleRate) -> Self {
        Self {
            encoding: Encoding::Pcm16,
            rate,
        }
    }

    /// `encoding` at `rate`: PCM16 at any rate, G.711 at 8 kHz, Opus at 48 kHz; all else is
    /// [`FormatError::RateOfEncoding`].
    pub fn new(encoding: Encoding, rate: SampleRate) -> Result<Self, FormatError> {
        let only = match encoding {
            Encoding::Pcm16 => rate,
            Encoding::MuLaw | Encoding::ALaw => SampleRate::HZ_8000,
            Encoding::Opus => SampleRate::HZ_48000,
        };
        if rate == only {
            Ok(Self { encoding, rate })
        } else {
            Err(FormatError::RateOfEncoding { only })
        }
    }

    /// How samples are written.
    pub const fn encoding(self) -> Encoding {
        self.encoding
    }

    /// Samples per second.
    pub const fn rate(self) -> SampleRate {
        self.rate
    }

    /// Bytes per sample; `None` for Opus, whose packets tell only the decoder how long they last.
    pub const fn sample_bytes(self) -> Option<usize> {
        match self.encoding {
            Encoding::Pcm16 => Some(2),
            Encoding::MuLaw | Encoding::ALaw => Some(1),
            Encoding::Opus => None,
        }
    }

    /// How long `bytes` of this format last, a split sample not counted; `None` for Opus.
    pub fn duration_of(self, bytes: usize) -> Option<Duration> {
        Some(self.rate.duration_of(bytes / self.sample_bytes()?))
    }

    /// Bytes that `duration` takes, rounded down to whole samples; `None` for Opus.
    pub fn bytes_in(self, duration: Duration) -> Option<usize> {
        Some(self.rate.samples_in(duration) * self.sample_bytes()?)
    }
}

/// Why a format does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormatError {
    /// The rate is none of [`SampleRate::ALL`].
    #[error("sample rate {hz} Hz is not supported")]
    UnsupportedRate {
        /// The rate asked for.
        hz: u32,
    },
    /// The encoding does not exist at the rate asked for.
    #[error("this encoding exists only at {only}")]
    RateOfEncoding {
        /// The rate it exists at.
        only: SampleRate,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_milliseconds_are_whole_samples_at_every_rate() {
        for rate in SampleRate::ALL {
            let frame = Duration::from_millis(20);
            let samples = rate.samples_in(frame);
            assert_eq!(samples as u32 * 50, rate.hz());
            assert_eq!(rate.duration_of(samples), frame);
        }
    }

    #[test]
    fn durations_and_bytes_agree() {
        assert_eq!(AudioFormat::BUS.duration_of(640), Some(Duration::from_millis(20)));
        assert_eq!(AudioFormat::BUS.duration_of(641), Some(Duration::from_millis(20)));
        assert_eq!(AudioFormat::MU_LAW.bytes_in(Duration::from_millis(20)), Some(160));
        assert_eq!(AudioFormat::OPUS.bytes_in(Duration::from_millis(20)), None);
    }

    #[test]
    fn only_known_rates_and_pairs_exist() {
        assert_eq!(
            SampleRate::try_from(11_025),
            Err(FormatError::UnsupportedRate { hz: 11_025 })
        );
        assert_eq!(SampleRate::try_from(22_050), Ok(SampleRate::HZ_22050));
        assert!(AudioFormat::new(Encoding::Pcm16, SampleRate::HZ_44100).is_ok());
        assert_eq!(
            AudioFormat::new(Encoding::Opus, SampleRate::HZ_16000),
            Err(FormatError::RateOfEncoding {
                only: SampleRate::HZ_48000
            })
        );
        assert!(AudioFormat::new(Encoding::ALaw, SampleRate::HZ_16000).is_err());
    }
}
