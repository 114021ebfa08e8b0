//! JPEG pictures.

use thiserror::Error;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::frame::{FrameView, Layout};
use super::geometry::{InvalidSize, Size};

/// More passes over a picture than any camera or encoder makes: each costs as much as a picture.
const MAX_SCANS: usize = 32;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];

/// Why bytes are not a picture that is taken here.
#[derive(Debug, Error)]
pub enum JpegError {
    /// The picture ends early.
    #[error("the JPEG ends early")]
    Truncated,
    /// The picture is larger than allowed.
    #[error("the JPEG is {}x{}, and {}x{} at most is allowed", .got.width(), .got.height(), .limit.width(), .limit.height())]
    TooLarge {
        /// Its size.
        got: Size,
        /// The limit.
        limit: Size,
    },
    /// A side is zero or absurd.
    #[error(transparent)]
    Size(#[from] InvalidSize),
    /// Neither YCbCr nor RGB nor grey: print formats.
    #[error("a JPEG of this colour space is not supported")]
    Colour,
    /// Damaged, or not a JPEG.
    #[error("the JPEG cannot be decoded")]
    Damaged(#[source] DecodeErrors),
}

/// The size of a picture, from its headers alone.
pub fn size(jpeg: &[u8]) -> Result<Size, JpegError> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options());
    headers(&mut decoder)
}

fn options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        // Limits are checked where the size can be told; headers cost no memory.
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(MAX_SCANS)
}

fn headers(decoder: &mut JpegDecoder<ZCursor<&[u8]>>) -> Result<Size, JpegError> {
    decoder.decode_headers().map_err(JpegError::Damaged)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    Ok(Size::new(width as u32, height as u32)?)
}

/// Decodes pictures, one after another, into a buffer of its own.
///
/// Colour is left as it is stored: luma and chroma, the chroma brought to the size of the luma.
#[derive(Debug)]
pub struct PictureDecoder {
    limit: Size,
    pixels: Vec<u8>,
}

impl PictureDecoder {
    /// A decoder that refuses pictures beyond `limit` before any memory is taken for them.
    pub fn new(limit: Size) -> Self {
        Self {
            limit,
            pixels: Vec::new(),
        }
    }

    /// Decodes `jpeg`, captured at `captured_us` in microseconds of the sender's clock.
    ///
    /// A picture that ends early is an error, not a picture with a grey rest: grey would be measured as skin.
    pub fn decode(&mut self, jpeg: &[u8], captured_us: u64) -> Result<FrameView<'_>, JpegError> {
        // Some cameras fill up their blocks with zeros.
        let padding = jpeg.iter().rev().take_while(|byte| **byte == 0).count();
        let jpeg = &jpeg[..jpeg.len() - padding];
        if !jpeg.ends_with(&END_OF_IMAGE) {
            return Err(JpegError::Truncated);
        }
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options());
        let size = headers(&mut decoder)?;
        if !size.fits_in(self.limit) {
            return Err(JpegError::TooLarge {
                got: size,
                limit: self.limit,
            });
        }
        let (layout, colour) = match decoder.input_colorspace() {
            Some(ColorSpace::YCbCr) => (Layout::YCbCr8, ColorSpace::YCbCr),
            Some(ColorSpace::RGB) => (Layout::Rgb8, ColorSpace::RGB),
            Some(ColorSpace::Luma) => (Layout::Grey8, ColorSpace::Luma),
            _ => return Err(JpegError::Colour),
        };
        decoder.set_options(options().jpeg_set_out_colorspace(colour));
        // No clearing: every pixel of a picture that decodes is written.
        self.pixels.resize(size.pixels() * layout.channels(), 0);
        decoder
            .decode_into(&mut self.pixels)
            .map_err(JpegError::Damaged)?;
        FrameView::packed(layout, &self.pixels, size, captured_us).map_err(|_| JpegError::Truncated)
    }
}
