//! Frames encoded as JPEG and decoded again.

use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::PictureDecoder;
use bedside_media::video::shrink::Shrinker;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::subject::Fault;

/// For frames of one size.
pub(crate) struct Recoder {
    shrinker: Shrinker,
    decoder: PictureDecoder,
    jpeg: Vec<u8>,
}

impl Recoder {
    pub(crate) fn new(size: Size) -> Self {
        Self {
            shrinker: Shrinker::new(size),
            decoder: PictureDecoder::new(size),
            jpeg: Vec::new(),
        }
    }

    /// What is left of a frame at a `quality` from 1 to 100.
    pub(crate) fn recode(&mut self, frame: &FrameView<'_>, quality: u8) -> Result<FrameView<'_>, Fault> {
        let (width, height) = (frame.size().width() as u16, frame.size().height() as u16);
        // At the frame's own size this only makes it RGB.
        let rgb = self
            .shrinker
            .shrink(frame, Rect::whole(frame.size()))
            .unwrap_or_default();
        self.jpeg.clear();
        let mut encoder = Encoder::new(&mut self.jpeg, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.encode(rgb, width, height, ColorType::Rgb)?;
        Ok(self.decoder.decode(&self.jpeg, frame.captured_us())?)
    }
}
