//! Audio as a client sends it, and how fast it is worked off.

use std::time::Duration;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::g711;
use bedside_media::audio::resample::Resampler;
use tokio::time::Instant;

/// Audio is worked off at most this much faster than it is spoken.
const SPEED: f64 = 1.25;

/// Audio that was spoken before it came: no client sends larger pieces in real time.
const CREDIT: Duration = Duration::from_millis(250);

/// How raw audio is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Linear16,
    Linear32,
    MuLaw,
    ALaw,
    /// One that the vendor knows and the emulator does not.
    Unsupported,
}

/// How raw audio is written, and how fast it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) encoding: Encoding,
    /// Samples per second.
    pub(super) rate: u32,
}

/// The audio cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable;

/// Turns frames into samples at 16 kHz.
pub(super) struct Decoder {
    encoding: Encoding,
    resampler: Option<Resampler>,
    /// Bytes of a sample whose rest has not come.
    carry: Vec<u8>,
}

impl Decoder {
    /// A decoder, if the coding is one the emulator understands.
    pub(super) fn new(coding: Option<Coding>) -> Result<Self, Undecodable> {
        let Coding { encoding, rate } = coding.ok_or(Undecodable)?;
        if encoding == Encoding::Unsupported {
            return Err(Undecodable);
        }
        let rate = SampleRate::try_from(rate).map_err(|_| Undecodable)?;
        let resampler = (rate != SampleRate::HZ_16000)
            .then(|| Resampler::new(rate, SampleRate::HZ_16000))
            .transpose()
            .map_err(|_| Undecodable)?;
        Ok(Self {
            encoding,
            resampler,
            carry: Vec::new(),
        })
    }

    /// Decodes a frame.
    pub(super) fn decode(&mut self, frame: &[u8]) -> Result<Vec<i16>, Undecodable> {
        self.carry.extend_from_slice(frame);
        let mut bytes = std::mem::take(&mut self.carry);
        let width = match self.encoding {
            Encoding::Linear16 => 2,
            Encoding::Linear32 => 4,
            Encoding::MuLaw | Encoding::ALaw | Encoding::Unsupported => 1,
        };
        self.carry = bytes.split_off(bytes.len() - bytes.len() % width);
        let samples = bytes
            .chunks_exact(width)
            .map(|sample| match (self.encoding, sample) {
                (Encoding::MuLaw, &[code]) => g711::decode_mu(code),
                (Encoding::ALaw, &[code]) => g711::decode_a(code),
                (_, &[low, high] | &[_, _, low, high]) => i16::from_le_bytes([low, high]),
                _ => 0,
            });
        let samples: Vec<i16> = samples.collect();
        let Some(resampler) = &mut self.resampler else {
            return Ok(samples);
        };
        let mut output = Vec::new();
        resampler
            .process(&samples, &mut output)
            .map_err(|_| Undecodable)?;
        Ok(output)
    }
}

/// When audio that came too fast is worked off.
#[derive(Debug, Default)]
pub(super) struct Pace {
    free: Option<Instant>,
}

impl Pace {
    /// `length` of audio came at `now`; when it is done with.
    pub(super) fn take(&mut self, now: Instant, length: Duration) -> Instant {
        let spoken = now.checked_sub(length.min(CREDIT)).unwrap_or(now);
        let start = self.free.map_or(spoken, |free| free.max(spoken));
        let free = start + length.div_f64(SPEED);
        self.free = Some(free);
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_may_be_torn_between_frames() {
        let coding = Coding {
            encoding: Encoding::Linear16,
            rate: 16_000,
        };
        let mut decoder = Decoder::new(Some(coding)).expect("known");
        assert_eq!(decoder.decode(&[1, 0, 2]), Ok(vec![1]));
        assert_eq!(decoder.decode(&[0, 3, 0]), Ok(vec![2, 3]));
    }

    #[test]
    fn containers_and_compressed_audio_are_not_understood() {
        assert!(Decoder::new(None).is_err());
        let coding = Coding {
            encoding: Encoding::Unsupported,
            rate: 16_000,
        };
        assert!(Decoder::new(Some(coding)).is_err());
    }

    #[tokio::test]
    async fn real_time_waits_for_nothing_and_a_backlog_is_worked_off_a_quarter_faster() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let frame = Duration::from_millis(100);
        for index in 0..50 {
            let now = start + frame * index;
            assert!(pace.take(now, frame) <= now);
        }
        let (mut pace, mut done) = (Pace::default(), start);
        for _ in 0..100 {
            done = pace.take(start, frame);
        }
        let late = (done - start).as_millis();
        assert!((7_800..=8_000).contains(&late), "ten seconds took {late} ms");
    }
}
