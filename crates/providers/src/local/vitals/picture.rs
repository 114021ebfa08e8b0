//! From frames as they travel to pictures that can be measured.

use std::sync::{Mutex, PoisonError};

use bedside_media::video::colour::Range;
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::Size;
use bedside_media::video::jpeg::PictureDecoder;

use crate::traits::{PictureFormat, VideoFrame};

/// Sides of the largest picture taken, px.
const LARGEST: (u32, u32) = (1_920, 1_080);

/// A picture is damaged or not what its frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// JPEG decoders shared by all scans: as many as were ever at work at once, which is one a thread. A scan that kept its
/// own would hold a whole decoded picture between frames.
#[derive(Debug, Default)]
pub(super) struct Decoders {
    idle: Mutex<Vec<PictureDecoder>>,
}

impl Decoders {
    /// What `measure` makes of the frame's picture.
    pub(super) fn with_view<T>(
        &self,
        frame: &VideoFrame,
        measure: impl FnOnce(&FrameView<'_>) -> T,
    ) -> Result<T, Unreadable> {
        let size = Size::new(frame.width.into(), frame.height.into()).map_err(|_| Unreadable)?;
        let (data, at) = (&frame.data[..], frame.captured_us);
        let view = match frame.format {
            PictureFormat::Rgb24 => FrameView::packed(Layout::Rgb8, data, size, at),
            PictureFormat::Rgba32 => FrameView::packed(Layout::Rgba8, data, size, at),
            PictureFormat::I420 => FrameView::i420(data, size, Range::Limited, at),
            PictureFormat::Jpeg => return self.with_jpeg(data, size, at, measure),
        };
        view.map(|view| measure(&view)).map_err(|_| Unreadable)
    }

    fn with_jpeg<T>(
        &self,
        jpeg: &[u8],
        size: Size,
        at: u64,
        measure: impl FnOnce(&FrameView<'_>) -> T,
    ) -> Result<T, Unreadable> {
        let mut decoder = self.take();
        let measured = match decoder.decode(jpeg, at) {
            Ok(view) if view.size() == size => Ok(measure(&view)),
            _ => Err(Unreadable),
        };
        self.put_back(decoder);
        measured
    }

    fn take(&self) -> PictureDecoder {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| PictureDecoder::new(Size::new(LARGEST.0, LARGEST.1).unwrap_or(Size::MAX)))
    }

    fn put_back(&self, decoder: PictureDecoder) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(decoder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(format: PictureFormat, bytes: usize) -> VideoFrame {
        VideoFrame {
            captured_us: 7,
            format,
            width: 4,
            height: 2,
            data: vec![100; bytes].into(),
        }
    }

    #[test]
    fn every_format_becomes_a_picture_of_its_size() {
        let decoders = Decoders::default();
        for (format, bytes) in [
            (PictureFormat::Rgb24, 24),
            (PictureFormat::Rgba32, 32),
            (PictureFormat::I420, 12),
        ] {
            let seen = decoders.with_view(&frame(format, bytes), |view| {
                (view.captured_us(), view.size().width(), view.size().height())
            });
            assert_eq!(seen, Ok((7, 4, 2)), "{format:?}");
            let wrong = decoders.with_view(&frame(format, bytes + 1), |_| ());
            assert_eq!(wrong, Err(Unreadable), "{format:?}");
        }
    }

    #[test]
    fn a_decoder_is_used_again_after_a_damaged_picture() {
        let decoders = Decoders::default();
        for _ in 0..3 {
            let seen = decoders.with_view(&frame(PictureFormat::Jpeg, 100), |_| ());
            assert_eq!(seen, Err(Unreadable));
        }
        assert_eq!(decoders.idle.lock().map(|idle| idle.len()).ok(), Some(1));
    }
}
