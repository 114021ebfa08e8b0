//! JPEG pictures.

mod structure;

use thiserror::Error;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use self::structure::Structure;
use super::frame::{FrameView, Layout};
use super::geometry::{InvalidSize, Size};

/// Codes of the markers around a picture and before its coded data (ITU-T T.81, table B.1).
pub(super) const START_OF_IMAGE: u8 = 0xD8;
pub(super) const END_OF_IMAGE: u8 = 0xD9;
pub(super) const START_OF_SCAN: u8 = 0xDA;

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
    /// Progressive, lossless, arithmetic, or one colour after another: not what cameras write.
    #[error("only baseline JPEGs of a single scan are supported")]
    Coding,
    /// Its segments are not those of a JPEG, or there is something in or behind the picture.
    #[error("the bytes are not those of one JPEG picture")]
    Malformed,
    /// Damaged.
    #[error("the JPEG cannot be decoded")]
    Damaged(#[source] DecodeErrors),
}

/// The size of a picture, from its headers alone: some hundred bytes.
pub fn size(jpeg: &[u8]) -> Result<Size, JpegError> {
    Ok(Structure::of(jpeg)?.size)
}

fn options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(true)
        // The limit is checked before.
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(1)
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
    /// A picture that ends early is an error, not a picture with a grey rest: grey would be measured as skin. Only where
    /// coded data are missing before a proper end, the decoder makes up the rest.
    pub fn decode(&mut self, jpeg: &[u8], captured_us: u64) -> Result<FrameView<'_>, JpegError> {
        // Some cameras fill up their blocks with zeros.
        let padding = jpeg.iter().rev().take_while(|byte| **byte == 0).count();
        let jpeg = &jpeg[..jpeg.len() - padding];
        let structure = Structure::of(jpeg)?;
        let size = structure.size;
        if !size.fits_in(self.limit) {
            return Err(JpegError::TooLarge {
                got: size,
                limit: self.limit,
            });
        }
        structure.check_scan(jpeg)?;
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options());
        decoder.decode_headers().map_err(JpegError::Damaged)?;
        let (layout, colour) = match decoder.input_colorspace() {
            Some(ColorSpace::YCbCr) => (Layout::YCbCr8, ColorSpace::YCbCr),
            Some(ColorSpace::RGB) => (Layout::Rgb8, ColorSpace::RGB),
            Some(ColorSpace::Luma) => (Layout::Grey8, ColorSpace::Luma),
            _ => return Err(JpegError::Colour),
        };
        decoder.set_options(options().jpeg_set_out_colorspace(colour));
        // Should the decoder leave pixels out, none of the picture before may show.
        self.pixels.clear();
        self.pixels.resize(size.pixels() * layout.channels(), 0);
        decoder
            .decode_into(&mut self.pixels)
            .map_err(JpegError::Damaged)?;
        FrameView::packed(layout, &self.pixels, size, captured_us).map_err(|_| JpegError::Truncated)
    }
}
