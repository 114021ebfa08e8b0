//! YUV4MPEG2, the plain video that every converter writes: a line of text, then frames of planar YCbCr.
//!
//! The format is described in `yuv4mpeg(5)` of mjpegtools; the colour range is ffmpeg's extension `XCOLORRANGE`.

use std::io::{self, BufRead, Read};

use thiserror::Error;

use super::colour::Range;
use super::frame::{FrameError, FrameView};
use super::geometry::{InvalidSize, Size};
use super::rate::FrameRate;

/// Longest line of text, bytes; real ones have about 80.
const MAX_LINE: u64 = 1_024;
const SIGNATURE: &str = "YUV4MPEG2";
const FRAME: &str = "FRAME";

/// Why a stream is not video that is taken here.
#[derive(Debug, Error)]
pub enum Y4mError {
    /// It does not begin as the format does, or a frame does not.
    #[error("the stream is not YUV4MPEG2")]
    NotY4m,
    /// A parameter is missing or is no number.
    #[error("the stream's parameter {0} is missing or wrong")]
    Parameter(char),
    /// Colour is not stored as 8 bits at half the resolution.
    #[error("only 4:2:0 of 8 bits is supported, the stream is C{0}")]
    Colour(String),
    /// A side is zero or absurd.
    #[error(transparent)]
    Size(#[from] InvalidSize),
    /// A side is odd.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The stream ends within a frame, or the medium failed.
    #[error("the stream cannot be read")]
    Read(#[from] io::Error),
}

/// Reads a stream frame by frame, into one buffer that is used again.
#[derive(Debug)]
pub struct Y4mReader<R> {
    source: R,
    size: Size,
    rate: FrameRate,
    range: Range,
    index: u64,
    line: Vec<u8>,
    frame: Vec<u8>,
}

impl<R: BufRead> Y4mReader<R> {
    /// Reads the stream's header.
    pub fn new(mut source: R) -> Result<Self, Y4mError> {
        let mut line = Vec::new();
        let header = read_line(&mut source, &mut line)?.ok_or(Y4mError::NotY4m)?;
        let header = Header::parse(header)?;
        // Checks the sides before there is a frame.
        let frame = vec![0; header.size.pixels() * 3 / 2];
        FrameView::i420(&frame, header.size, header.range, 0)?;
        Ok(Self {
            source,
            size: header.size,
            rate: header.rate,
            range: header.range,
            index: 0,
            line,
            frame,
        })
    }

    /// The size of every frame.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The stream's frame rate.
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// The next frame, captured so many microseconds after the first one as the frame rate says; `None` at the end.
    pub fn next_frame(&mut self) -> Result<Option<FrameView<'_>>, Y4mError> {
        match read_line(&mut self.source, &mut self.line)? {
            None => return Ok(None),
            Some(line) if line.split(' ').next() == Some(FRAME) => {}
            Some(_) => return Err(Y4mError::NotY4m),
        }
        self.source.read_exact(&mut self.frame)?;
        let captured_us = self.rate.time_us(self.index);
        self.index += 1;
        let frame = FrameView::i420(&self.frame, self.size, self.range, captured_us)?;
        Ok(Some(frame))
    }
}

/// A line without its end; `None` at the end of the stream.
fn read_line<'a>(source: &mut impl BufRead, line: &'a mut Vec<u8>) -> Result<Option<&'a str>, Y4mError> {
    line.clear();
    if source.take(MAX_LINE).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let text = line.strip_suffix(b"\n").ok_or(Y4mError::NotY4m)?;
    str::from_utf8(text).map(Some).map_err(|_| Y4mError::NotY4m)
}

struct Header {
    size: Size,
    rate: FrameRate,
    range: Range,
}

impl Header {
    fn parse(line: &str) -> Result<Self, Y4mError> {
        let mut words = line.split(' ');
        if words.next() != Some(SIGNATURE) {
            return Err(Y4mError::NotY4m);
        }
        let (mut width, mut height, mut rate, mut range) = (None, None, None, Range::Limited);
        for word in words.filter(|word| !word.is_empty()) {
            let mut rest = word.chars();
            let tag = rest.next();
            let value = rest.as_str();
            match tag {
                Some('W') => width = value.parse().ok(),
                Some('H') => height = value.parse().ok(),
                Some('F') => {
                    rate = value.split_once(':').and_then(|(frames, seconds)| {
                        FrameRate::new(frames.parse().ok()?, seconds.parse().ok()?)
                    });
                }
                // The kinds of 4:2:0 differ in where chroma lies between pixels, which no mean can tell.
                Some('C') if !matches!(value, "420" | "420jpeg" | "420mpeg2" | "420paldv") => {
                    return Err(Y4mError::Colour(value.to_owned()));
                }
                _ if word == "XCOLORRANGE=FULL" => range = Range::Full,
                _ => {}
            }
        }
        let side = |value: Option<u32>, tag| value.ok_or(Y4mError::Parameter(tag));
        Ok(Self {
            size: Size::new(side(width, 'W')?, side(height, 'H')?)?,
            rate: rate.ok_or(Y4mError::Parameter('F'))?,
            range,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::colour::Rgb;
    use crate::video::geometry::Rect;

    const BLACK: &[u8] = &[16, 16, 16, 16, 128, 128];

    fn stream(header: &str, frames: &[&[u8]]) -> Vec<u8> {
        let mut bytes = format!("{header}\n").into_bytes();
        for frame in frames {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend_from_slice(frame);
        }
        bytes
    }

    #[test]
    fn frames_come_with_the_times_of_the_rate() {
        let bytes = stream(
            "YUV4MPEG2 W2 H2 F25:1 Ip A1:1 C420jpeg XYSCSS=420JPEG",
            &[BLACK; 3],
        );
        let mut reader = Y4mReader::new(&bytes[..]).unwrap();
        let mut times = Vec::new();
        while let Some(frame) = reader.next_frame().unwrap() {
            times.push(frame.captured_us());
            let black = frame.mean_rgb(Rect::whole(frame.size())).unwrap();
            assert_eq!(black, Rgb::default(), "limited range unless it says otherwise");
        }
        assert_eq!(times, [0, 40_000, 80_000]);
    }

    #[test]
    fn a_full_range_is_obeyed() {
        let bytes = stream("YUV4MPEG2 W2 H2 F25:1 XCOLORRANGE=FULL", &[BLACK]);
        let mut reader = Y4mReader::new(&bytes[..]).unwrap();
        let frame = reader.next_frame().unwrap().unwrap();
        assert!((frame.mean_rgb(Rect::whole(frame.size())).unwrap().g - 16.0).abs() < 1e-3);
    }

    #[test]
    fn headers_that_are_none_are_refused() {
        let refused = |header: &str| Y4mReader::new(stream(header, &[]).as_slice()).unwrap_err();
        assert!(matches!(refused("RIFF"), Y4mError::NotY4m));
        assert!(matches!(refused("YUV4MPEG2 W2 F1:1"), Y4mError::Parameter('H')));
        assert!(matches!(
            refused("YUV4MPEG2 W-2 H2 F1:1"),
            Y4mError::Parameter('W')
        ));
        assert!(matches!(
            refused("YUV4MPEG2 W2 H2 F1:0"),
            Y4mError::Parameter('F')
        ));
        assert!(matches!(refused("YUV4MPEG2 W2 H2 F1:1 C444"), Y4mError::Colour(kind) if kind == "444"));
        assert!(matches!(refused("YUV4MPEG2 W2 H99999 F1:1"), Y4mError::Size(_)));
        assert!(matches!(
            refused("YUV4MPEG2 W3 H2 F1:1"),
            Y4mError::Frame(FrameError::OddSide { .. })
        ));
        assert!(matches!(refused(&"Y".repeat(9_999)), Y4mError::NotY4m));
    }

    #[test]
    fn a_stream_cut_within_a_frame_is_an_error() {
        let bytes = stream("YUV4MPEG2 W2 H2 F25:1", &[&[0; 5]]);
        let mut reader = Y4mReader::new(&bytes[..]).unwrap();
        assert!(matches!(reader.next_frame(), Err(Y4mError::Read(_))));
        let bytes = stream("YUV4MPEG2 W2 H2 F25:1", &[&[0; 6], &[0; 7]]);
        let mut reader = Y4mReader::new(&bytes[..]).unwrap();
        assert!(reader.next_frame().is_ok() && reader.next_frame().is_ok());
        assert!(matches!(reader.next_frame(), Err(Y4mError::NotY4m)));
    }
}
