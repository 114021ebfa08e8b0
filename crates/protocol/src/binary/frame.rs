//! The header common to both kinds of media, and the frame it heads.

use bytes::{BufMut, Bytes, BytesMut};

use super::audio::AudioHeader;
use super::video::VideoHeader;
use crate::error::{ErrorCode, ErrorDetail, ErrorType};

/// Size of the header.
pub const HEADER_BYTES: usize = 16;

const KIND_AUDIO: u8 = 1;
const KIND_VIDEO: u8 = 2;

/// One media frame. Its payload is a slice of the message it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFrame {
    /// What it is.
    pub header: FrameHeader,
    /// The media.
    pub payload: Bytes,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Rises by one from frame to frame of a kind, and wraps; a gap is a loss.
    pub sequence: u16,
    /// Capture time (from a client) or presentation time (from the server), microseconds of the sender's monotonic
    /// clock.
    pub time_us: u64,
    /// The kind, and what it needs to be read.
    pub media: MediaHeader,
}

/// What is needed to read the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaHeader {
    /// Sound.
    Audio(AudioHeader),
    /// A picture.
    Video(VideoHeader),
}

/// Why a binary message is not a media frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFrame {
    /// The message is shorter than a header.
    #[error("a media frame begins with a header of {HEADER_BYTES} bytes, got {len}")]
    TooShort {
        /// Bytes of the message.
        len: usize,
    },
    /// No such kind of media.
    #[error("unknown kind of media {0}")]
    UnknownKind(u8),
    /// No such format of this kind.
    #[error("unknown format {0} of this kind of media")]
    UnknownFormat(u8),
    /// No such sample rate in this format.
    #[error("{hz} Hz is no sample rate of this format")]
    SampleRate {
        /// As the header said.
        hz: u32,
    },
    /// More or fewer than one channel.
    #[error("audio has one channel, got {0}")]
    Channels(u16),
    /// Audio shorter than 10 or longer than 120 ms.
    #[error("an audio frame holds 10 to 120 ms, got {ms} ms")]
    Duration {
        /// As the payload's size or the packet's first bytes say, rounded down.
        ms: u32,
    },
    /// The payload is no packet of its format.
    #[error("not an Opus packet")]
    Packet,
    /// A side of a picture is zero, odd where it must be even, or too long.
    #[error("{width}x{height} is not a size of this format")]
    Size {
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
    },
    /// The payload's size does not match the header.
    #[error("the header asks for {expected} bytes, got {got}")]
    PayloadSize {
        /// As the header says.
        expected: usize,
        /// Bytes of the payload.
        got: usize,
    },
    /// The payload is empty, half a sample, or larger than its kind allows.
    #[error("a payload of {len} bytes is not allowed")]
    PayloadLimit {
        /// Bytes of the payload.
        len: usize,
    },
}

impl From<InvalidFrame> for ErrorDetail {
    fn from(invalid: InvalidFrame) -> Self {
        Self {
            kind: ErrorType::InvalidRequestError,
            code: Some(ErrorCode::InvalidMediaFrame),
            message: format!("Invalid media frame: {invalid}."),
            param: None,
            event_id: None,
        }
    }
}

impl MediaFrame {
    /// Reads and checks a binary message. The payload is a slice of `message`: nothing is copied, and keeping it
    /// keeps the whole message.
    pub fn decode(message: &Bytes) -> Result<Self, InvalidFrame> {
        let Some((header, payload)) = message.split_first_chunk::<HEADER_BYTES>() else {
            return Err(InvalidFrame::TooShort { len: message.len() });
        };
        let [
            kind,
            format,
            s0,
            s1,
            t0,
            t1,
            t2,
            t3,
            t4,
            t5,
            t6,
            t7,
            a0,
            a1,
            b0,
            b1,
        ] = *header;
        let (first, second) = (u16::from_le_bytes([a0, a1]), u16::from_le_bytes([b0, b1]));
        let media = match kind {
            KIND_AUDIO => MediaHeader::Audio(AudioHeader::decode(format, first, second, payload)?),
            KIND_VIDEO => MediaHeader::Video(VideoHeader::decode(format, first, second, payload.len())?),
            other => return Err(InvalidFrame::UnknownKind(other)),
        };
        let header = FrameHeader {
            sequence: u16::from_le_bytes([s0, s1]),
            time_us: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]),
            media,
        };
        Ok(Self {
            header,
            payload: message.slice(HEADER_BYTES..),
        })
    }

    /// The message of a frame; the payload is copied once, behind the header.
    pub fn encode(header: &FrameHeader, payload: &[u8]) -> Bytes {
        let (kind, (format, first, second)) = match header.media {
            MediaHeader::Audio(audio) => (KIND_AUDIO, audio.encode()),
            MediaHeader::Video(video) => (KIND_VIDEO, video.encode()),
        };
        let mut message = BytesMut::with_capacity(HEADER_BYTES + payload.len());
        message.put_u8(kind);
        message.put_u8(format);
        message.put_u16_le(header.sequence);
        message.put_u64_le(header.time_us);
        message.put_u16_le(first);
        message.put_u16_le(second);
        message.put_slice(payload);
        message.freeze()
    }
}
