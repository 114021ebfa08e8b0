//! Binary media messages: a 16-byte little-endian header and a payload, one frame a message.

mod audio;
mod frame;
mod video;

pub use audio::{AudioCodec, AudioHeader, MAX_AUDIO_PAYLOAD};
pub use frame::{FrameHeader, HEADER_BYTES, InvalidFrame, MediaFrame, MediaHeader};
pub use video::{MAX_VIDEO_HEIGHT, MAX_VIDEO_PAYLOAD, MAX_VIDEO_WIDTH, VideoFormat, VideoHeader};
