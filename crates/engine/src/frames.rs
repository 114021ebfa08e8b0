//! Binary audio frames: sequence numbers in, gaps concealed or marked.

use std::time::Duration;

use bedside_media::audio::decoder::{DecodeError, Decoder};
use bedside_protocol::binary::AudioHeader;
use bedside_protocol::{AudioFormat, ErrorCode, ErrorDetail, ErrorType};
use bytes::{Bytes, BytesMut};

use crate::format::media_format;

/// The longest loss that is filled in; a longer one cannot be made up and is marked by silence.
const CONCEALED: Duration = Duration::from_millis(60);

/// The most silence that stands for a loss: enough to tell words apart, and what a false number can cost.
const MARKED: Duration = Duration::from_secs(2);

/// Sequence numbers further apart than this are not a loss but a sender that started over.
const FURTHEST: u16 = u16::MAX / 2;

/// The client's binary audio, frame by frame.
#[derive(Default)]
pub(crate) struct Frames {
    stream: Option<Stream>,
}

struct Stream {
    format: AudioFormat,
    decoder: Decoder,
    /// The number of the frame to come.
    next: u16,
    /// How long the last frame was.
    last: Duration,
}

/// What a frame brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameAudio {
    /// PCM16 at 16 kHz, what stands for lost frames included.
    pub(crate) pcm: Bytes,
    /// Lost audio that was made up.
    pub(crate) concealed: Duration,
    /// Lost audio too long to make up.
    pub(crate) lost: Duration,
}

impl Frames {
    /// Decodes a frame.
    pub(crate) fn push(
        &mut self,
        sequence: u16,
        audio: AudioHeader,
        payload: &Bytes,
    ) -> Result<FrameAudio, ErrorDetail> {
        let format = audio.format();
        let failed = |_: DecodeError| invalid("the audio cannot be decoded");
        if self.stream.as_ref().is_none_or(|stream| stream.format != format) {
            let decoder = media_format(format)
                .ok()
                .and_then(|format| Decoder::new(format).ok());
            let decoder = decoder.ok_or_else(|| invalid("the audio cannot be decoded"))?;
            self.stream = Some(Stream {
                format,
                decoder,
                next: sequence,
                last: Duration::ZERO,
            });
        }
        let Some(stream) = &mut self.stream else {
            return Ok(FrameAudio::default());
        };
        stream.push(sequence, payload).map_err(failed)
    }

    /// Brings out what the decoder holds back: an utterance ends here.
    pub(crate) fn finish(&mut self) -> Bytes {
        self.stream
            .as_mut()
            .and_then(|stream| stream.decoder.finish().ok())
            .unwrap_or_default()
    }

    /// Forgets the stream's past.
    pub(crate) fn reset(&mut self) {
        if let Some(stream) = &mut self.stream {
            // A decoder that cannot be reset is replaced by the next frame.
            if stream.decoder.reset().is_err() {
                self.stream = None;
            }
        }
    }
}

impl Stream {
    fn push(&mut self, sequence: u16, payload: &Bytes) -> Result<FrameAudio, DecodeError> {
        let missing = sequence.wrapping_sub(self.next);
        let gap = if missing > FURTHEST {
            Duration::ZERO
        } else {
            self.last * u32::from(missing)
        };
        self.next = sequence.wrapping_add(1);
        let conceal = !gap.is_zero() && gap <= CONCEALED;
        let stand_in = if conceal {
            self.decoder.conceal(gap)?
        } else if gap.is_zero() {
            Bytes::new()
        } else {
            self.decoder.reset()?;
            silence(gap.min(MARKED))
        };
        let pcm = self.decoder.push(payload)?;
        self.last = duration_of(payload, &pcm, self.format);
        let pcm = if stand_in.is_empty() {
            pcm
        } else {
            let mut joined = BytesMut::from(stand_in);
            joined.extend_from_slice(&pcm);
            joined.freeze()
        };
        let (concealed, lost) = if conceal {
            (gap, Duration::ZERO)
        } else {
            (Duration::ZERO, gap)
        };
        Ok(FrameAudio { pcm, concealed, lost })
    }
}

/// How long a frame lasts: by its size, or for packets by what they decoded to.
fn duration_of(payload: &Bytes, pcm: &Bytes, format: AudioFormat) -> Duration {
    let (samples, rate) = match format.bytes_per_sample() {
        Some(width) => (payload.len() / width, format.sample_rate()),
        None => (pcm.len() / 2, 16_000),
    };
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(rate))
}

/// PCM16 at 16 kHz.
fn silence(duration: Duration) -> Bytes {
    Bytes::from(vec![0; duration.as_millis() as usize * 32])
}

/// A frame that is well formed but not for this session.
pub(crate) fn invalid(message: &str) -> ErrorDetail {
    ErrorDetail {
        kind: ErrorType::InvalidRequestError,
        code: Some(ErrorCode::InvalidMediaFrame),
        message: format!("Invalid media frame: {message}."),
        param: None,
        event_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: AudioFormat = AudioFormat::Pcm { rate: 16_000 };
    const MS_20: Duration = Duration::from_millis(20);

    fn push(frames: &mut Frames, sequence: u16, payload: &Bytes) -> FrameAudio {
        let audio = frames.push(sequence, AudioHeader::from(BUS), payload);
        audio.expect("a frame")
    }

    fn frame(marker: u8) -> Bytes {
        Bytes::from(vec![marker; 640])
    }

    fn heard(frames: &mut Frames, sequence: u16) -> (usize, Duration, Duration) {
        let audio = push(frames, sequence, &frame(7));
        (audio.pcm.len(), audio.concealed, audio.lost)
    }

    #[test]
    fn a_frame_that_needs_no_conversion_is_its_payload() {
        let payload = frame(7);
        let audio = push(&mut Frames::default(), 0, &payload);
        assert_eq!(audio.pcm.as_ptr(), payload.as_ptr());
    }

    #[test]
    fn up_to_60_ms_are_made_up_and_more_is_marked() {
        let mut frames = Frames::default();
        assert_eq!(heard(&mut frames, 65_534), (640, Duration::ZERO, Duration::ZERO));
        assert_eq!(heard(&mut frames, 65_535), (640, Duration::ZERO, Duration::ZERO));
        assert_eq!(heard(&mut frames, 3), (4 * 640, 3 * MS_20, Duration::ZERO));
        assert_eq!(heard(&mut frames, 8), (5 * 640, Duration::ZERO, 4 * MS_20));
    }

    #[test]
    fn silence_keeps_words_on_both_sides_of_a_loss_apart_and_has_an_end() {
        let mut frames = Frames::default();
        heard(&mut frames, 0);
        let audio = push(&mut frames, 6, &frame(9));
        let (before, after) = audio.pcm.split_at(5 * 640);
        assert!(before.iter().all(|byte| *byte == 0) && after == [9; 640]);
        let (bytes, _, lost) = heard(&mut frames, 30_000);
        assert_eq!((bytes, lost), (2 * 32_000 + 640, 29_993 * MS_20));
    }

    #[test]
    fn a_sender_that_starts_over_has_lost_nothing() {
        let mut frames = Frames::default();
        heard(&mut frames, 500);
        assert_eq!(heard(&mut frames, 0), (640, Duration::ZERO, Duration::ZERO));
        assert_eq!(heard(&mut frames, 1), (640, Duration::ZERO, Duration::ZERO));
    }
}
