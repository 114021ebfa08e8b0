//! The patient's pictures as JPEG files, for vendors that take nothing else.

use bedside_media::video::colour::{Range, Rgb};
use bytes::Bytes;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::traits::{PictureFormat, VideoFrame};

/// A picture whose bytes are not what its frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the picture does not have the size and format it is said to have")]
pub struct Unreadable;

/// The frame as a JPEG file of `quality` 1 to 100. One that is JPEG already is passed on as it is. Others take some
/// milliseconds of work for 640×480 pixels: not for a thread that serves sessions.
pub fn to_jpeg(frame: &VideoFrame, quality: u8) -> Result<Bytes, Unreadable> {
    let pixels = usize::from(frame.width) * usize::from(frame.height);
    let rgb = match frame.format {
        PictureFormat::Jpeg => {
            let begins = frame.data.starts_with(&[0xff, 0xd8]);
            return begins.then(|| frame.data.clone()).ok_or(Unreadable);
        }
        PictureFormat::Rgb24 => None,
        PictureFormat::Rgba32 => Some(without_opacity(&frame.data)),
        PictureFormat::I420 => Some(from_i420(frame, pixels)?),
    };
    let rgb = rgb.as_deref().unwrap_or(&frame.data);
    if pixels == 0 || rgb.len() != pixels * 3 {
        return Err(Unreadable);
    }
    let mut jpeg = Vec::with_capacity(pixels / 4);
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(
            rgb,
            frame.width.into(),
            frame.height.into(),
            ExtendedColorType::Rgb8,
        )
        .map_err(|_| Unreadable)?;
    Ok(jpeg.into())
}

fn without_opacity(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks::<4>();
    pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect()
}

fn from_i420(frame: &VideoFrame, pixels: usize) -> Result<Vec<u8>, Unreadable> {
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    if width % 2 == 1 || height % 2 == 1 || frame.data.len() != pixels * 3 / 2 {
        return Err(Unreadable);
    }
    let (luma, chroma) = frame.data.split_at(pixels);
    let (blue, red) = chroma.split_at(pixels / 4);
    let mut rgb = Vec::with_capacity(pixels * 3);
    for (row, line) in luma.chunks_exact(width.max(1)).enumerate() {
        let first = row / 2 * (width / 2);
        for (column, &y) in line.iter().enumerate() {
            let at = first + column / 2;
            let Rgb { r, g, b } = Range::Limited.to_rgb(y.into(), blue[at].into(), red[at].into());
            // A float becomes the nearest value that a byte can hold.
            rgb.extend([r.round() as u8, g.round() as u8, b.round() as u8]);
        }
    }
    Ok(rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(format: PictureFormat, data: Vec<u8>) -> VideoFrame {
        VideoFrame {
            captured_us: 0,
            format,
            width: 16,
            height: 8,
            data: data.into(),
        }
    }

    /// The mean colour of the picture in a JPEG file, as another decoder reads it.
    fn mean(jpeg: &[u8]) -> [i32; 3] {
        let picture = image::load_from_memory(jpeg).expect("a picture").to_rgb8();
        assert_eq!(picture.dimensions(), (16, 8));
        let mut sum = [0; 3];
        for pixel in picture.pixels() {
            for (sum, value) in sum.iter_mut().zip(pixel.0) {
                *sum += i32::from(value);
            }
        }
        sum.map(|sum| sum / (16 * 8))
    }

    #[test]
    fn every_format_becomes_the_same_picture() {
        let skin = [200, 140, 110];
        let rgb: Vec<u8> = skin.into_iter().cycle().take(16 * 8 * 3).collect();
        let rgba: Vec<u8> = [200, 140, 110, 7].into_iter().cycle().take(16 * 8 * 4).collect();
        // Limited range: 16 + 219 (0.299 r + 0.587 g + 0.114 b) / 255, and chroma about 128.
        let i420 = [vec![149; 16 * 8], vec![106; 8 * 4], vec![157; 8 * 4]].concat();
        for (format, data) in [
            (PictureFormat::Rgb24, rgb),
            (PictureFormat::Rgba32, rgba),
            (PictureFormat::I420, i420),
        ] {
            let jpeg = to_jpeg(&frame(format, data), 75).expect("a file");
            let mean = mean(&jpeg);
            assert!(
                mean.iter()
                    .zip(skin)
                    .all(|(mean, skin)| (mean - i32::from(skin)).abs() <= 4),
                "{format:?} {mean:?}"
            );
        }
    }

    #[test]
    fn a_file_is_passed_on_and_a_damaged_picture_is_not() {
        let file = frame(PictureFormat::Jpeg, vec![0xff, 0xd8, 1, 2, 3]);
        assert_eq!(to_jpeg(&file, 75), Ok(file.data.clone()));
        for format in [
            PictureFormat::Rgb24,
            PictureFormat::Rgba32,
            PictureFormat::I420,
            PictureFormat::Jpeg,
        ] {
            assert_eq!(
                to_jpeg(&frame(format, vec![9; 100]), 75),
                Err(Unreadable),
                "{format:?}"
            );
        }
    }
}
