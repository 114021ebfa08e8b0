//! A file, read in whichever way fits it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use bedside_media::video::avi::AviReader;
use bedside_media::video::frame::FrameView;
use bedside_media::video::geometry::Size;
use bedside_media::video::jpeg::PictureDecoder;
use bedside_media::video::mjpeg::{MjpegReader, Picture};
use bedside_media::video::rate::FrameRate;
use bedside_media::video::y4m::{Y4mError, Y4mReader};

use crate::error::FootageError;
use crate::ffmpeg::Ffmpeg;

/// A video file that is being read.
#[derive(Debug)]
pub struct Footage(Way);

#[derive(Debug)]
enum Way {
    Y4m(Y4mReader<BufReader<File>>),
    Avi(AviReader<BufReader<File>>, PictureDecoder),
    Pictures(MjpegReader<BufReader<File>>, PictureDecoder),
    Ffmpeg(Ffmpeg),
}

impl Footage {
    /// Opens a file by what its first bytes say it is. `rate` is used for bare motion JPEG alone, which needs it.
    pub fn open(path: &Path, rate: Option<FrameRate>) -> Result<Self, FootageError> {
        let mut file = File::open(path)?;
        let mut head = [0; 12];
        let length = fill(&mut file, &mut head)?;
        file.seek(SeekFrom::Start(0))?;
        let source = BufReader::new(file);
        let decoder = || PictureDecoder::new(Size::MAX);
        let way = match &head[..length] {
            [b'Y', b'U', b'V', b'4', b'M', ..] => match Y4mReader::new(source) {
                Ok(reader) => Way::Y4m(reader),
                Err(Y4mError::Colour(_) | Y4mError::Frame(_)) => Way::Ffmpeg(Ffmpeg::open(path)?),
                Err(error) => return Err(error.into()),
            },
            [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', b' '] => match AviReader::new(source) {
                Ok(reader) => Way::Avi(reader, decoder()),
                // Another codec than motion JPEG.
                Err(_) => Way::Ffmpeg(Ffmpeg::open(path)?),
            },
            [0xFF, 0xD8, 0xFF, ..] => {
                let rate = rate.ok_or(FootageError::NoRate)?;
                Way::Pictures(MjpegReader::new(source, rate), decoder())
            }
            _ => Way::Ffmpeg(Ffmpeg::open(path)?),
        };
        Ok(Self(way))
    }

    /// The next frame; `None` at the end. Its time is in microseconds after the first frame's.
    pub fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, FootageError> {
        match &mut self.0 {
            Way::Y4m(reader) => Ok(reader.next_frame()?),
            Way::Avi(reader, decoder) => decode(reader.next_picture()?, decoder),
            Way::Pictures(reader, decoder) => decode(reader.next_picture()?, decoder),
            Way::Ffmpeg(ffmpeg) => ffmpeg.next_frame(),
        }
    }
}

fn decode<'a>(
    picture: Option<Picture<'_>>,
    decoder: &'a mut PictureDecoder,
) -> Result<Option<FrameView<'a>>, FootageError> {
    let frame = picture.map(|picture| decoder.decode(picture.jpeg, picture.captured_us));
    Ok(frame.transpose()?)
}

/// Reads as many bytes as there are and fit.
fn fill(source: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match source.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}
