//! A piece of audio and the moment it was captured.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::format::AudioFormat;

/// Audio as it lies in the buffer it was received in, with its capture time.
///
/// Cloning and slicing share the buffer. A frame therefore pins the whole buffer it points into: what is kept for
/// longer than about a second belongs in a buffer of its own ([`AudioFrame::detached`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFrame {
    data: Bytes,
    captured_us: u64,
    format: AudioFormat,
}

impl AudioFrame {
    /// `data` in `format`, its first sample captured at `captured_us`, in microseconds of the sender's clock.
    pub fn new(data: Bytes, captured_us: u64, format: AudioFormat) -> Self {
        Self {
            data,
            captured_us,
            format,
        }
    }

    /// The encoded bytes.
    pub fn data(&self) -> &Bytes {
        &self.data
    }

    /// When the first sample was captured, in microseconds of the sender's clock.
    pub fn captured_us(&self) -> u64 {
        self.captured_us
    }

    /// The format of the bytes.
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// How long the frame lasts; `None` for Opus.
    pub fn duration(&self) -> Option<Duration> {
        self.format.duration_of(self.data.len())
    }

    /// The part holding `samples`, without a copy and with its own capture time; `None` if it reaches beyond the
    /// frame or if the format cannot be cut (Opus).
    pub fn slice(&self, samples: Range<usize>) -> Option<Self> {
        let width = self.format.sample_bytes()?;
        let (start, end) = (samples.start.checked_mul(width)?, samples.end.checked_mul(width)?);
        if start > end || end > self.data.len() {
            return None;
        }
        let offset = self.format.rate().duration_of(samples.start);
        Some(Self {
            data: self.data.slice(start..end),
            captured_us: self.captured_us + offset.as_micros() as u64,
            format: self.format,
        })
    }

    /// The same frame in a buffer of its own, so that keeping it keeps nothing else.
    #[must_use]
    pub fn detached(&self) -> Self {
        Self {
            data: Bytes::copy_from_slice(&self.data),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: usize) -> AudioFrame {
        AudioFrame::new(Bytes::from(vec![7; bytes]), 1_000_000, AudioFormat::BUS)
    }

    #[test]
    fn a_slice_points_into_the_frame_and_is_later_by_what_it_skips() {
        let frame = frame(640);
        let part = frame.slice(160..320).unwrap();
        assert_eq!(part.data().as_ptr(), frame.data()[320..].as_ptr());
        assert_eq!(part.captured_us(), 1_010_000);
        assert_eq!(part.duration(), Some(Duration::from_millis(10)));
    }

    #[test]
    fn a_slice_beyond_the_frame_does_not_exist() {
        assert_eq!(frame(640).slice(300..321), None);
        assert_eq!(frame(640).slice(usize::MAX - 1..usize::MAX), None);
    }

    #[test]
    fn a_detached_frame_shares_nothing() {
        let frame = frame(640);
        let own = frame.detached();
        assert_eq!(own, frame);
        assert_ne!(own.data().as_ptr(), frame.data().as_ptr());
    }
}
