//! Video frames, as far as their headers go.

use super::frame::InvalidFrame;

/// Largest video payload, bytes.
pub const MAX_VIDEO_PAYLOAD: usize = 2 * 1024 * 1024;

/// Widest picture, px.
pub const MAX_VIDEO_WIDTH: u16 = 1_920;

/// Highest picture, px.
pub const MAX_VIDEO_HEIGHT: u16 = 1_080;

/// How a picture is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoFormat {
    /// Three bytes a pixel.
    Rgb24,
    /// Four bytes a pixel.
    Rgba32,
    /// Planar, colour at half the resolution; even sides.
    I420,
    /// A JPEG file.
    Jpeg,
}

/// What is needed to read a video payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoHeader {
    /// How it is encoded.
    pub format: VideoFormat,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
}

impl VideoHeader {
    pub(super) fn decode(format: u8, width: u16, height: u16, len: usize) -> Result<Self, InvalidFrame> {
        let format = match format {
            1 => VideoFormat::Rgb24,
            2 => VideoFormat::Rgba32,
            3 => VideoFormat::I420,
            4 => VideoFormat::Jpeg,
            other => return Err(InvalidFrame::UnknownFormat(other)),
        };
        let odd = !width.is_multiple_of(2) || !height.is_multiple_of(2);
        let fits = (1..=MAX_VIDEO_WIDTH).contains(&width) && (1..=MAX_VIDEO_HEIGHT).contains(&height);
        if !fits || (format == VideoFormat::I420 && odd) {
            return Err(InvalidFrame::Size { width, height });
        }
        if len == 0 || len > MAX_VIDEO_PAYLOAD {
            return Err(InvalidFrame::PayloadLimit { len });
        }
        let header = Self {
            format,
            width,
            height,
        };
        match header.payload_bytes() {
            Some(expected) if expected != len => Err(InvalidFrame::PayloadSize { expected, got: len }),
            _ => Ok(header),
        }
    }

    pub(super) const fn encode(self) -> (u8, u16, u16) {
        let format = match self.format {
            VideoFormat::Rgb24 => 1,
            VideoFormat::Rgba32 => 2,
            VideoFormat::I420 => 3,
            VideoFormat::Jpeg => 4,
        };
        (format, self.width, self.height)
    }

    /// Size of the payload, or `None` where it varies.
    pub const fn payload_bytes(self) -> Option<usize> {
        let pixels = self.width as usize * self.height as usize;
        match self.format {
            VideoFormat::Rgb24 => Some(pixels * 3),
            VideoFormat::Rgba32 => Some(pixels * 4),
            VideoFormat::I420 => Some(pixels * 3 / 2),
            VideoFormat::Jpeg => None,
        }
    }
}
