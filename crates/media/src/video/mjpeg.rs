//! Motion JPEG without a container: pictures one after another.

use std::io::{self, BufRead};

use thiserror::Error;

use super::jpeg::{END_OF_IMAGE, START_OF_IMAGE, START_OF_SCAN};
use super::rate::FrameRate;

/// Largest picture, bytes: four times the largest one taken over a connection.
pub const MAX_PICTURE: usize = 8 * 1024 * 1024;

/// Why a stream of pictures ends before its end.
#[derive(Debug, Error)]
pub enum StreamError {
    /// The stream is not made of what it should be.
    #[error("the stream is not {0}")]
    Format(&'static str),
    /// A picture is larger than [`MAX_PICTURE`].
    #[error("a picture has more than {MAX_PICTURE} bytes")]
    TooLarge,
    /// The stream ends within a picture, or the medium failed.
    #[error("the stream cannot be read")]
    Read(#[from] io::Error),
}

/// A picture still encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture<'a> {
    /// A JPEG file.
    pub jpeg: &'a [u8],
    /// Microseconds after the first frame of the stream.
    pub captured_us: u64,
}

/// Splits a stream into pictures, in one buffer that is used again.
///
/// It walks over the segments of a picture instead of looking for its last bytes: a thumbnail within one has those too.
#[derive(Debug)]
pub struct MjpegReader<R> {
    source: R,
    rate: FrameRate,
    index: u64,
    picture: Vec<u8>,
}

impl<R: BufRead> MjpegReader<R> {
    /// Pictures from `source`, which does not say how often they were taken: at `rate`.
    pub fn new(source: R, rate: FrameRate) -> Self {
        Self {
            source,
            rate,
            index: 0,
            picture: Vec::new(),
        }
    }

    /// The next picture; `None` at the end. Bytes of 0 and 0xFF between pictures are padding.
    pub fn next_picture(&mut self) -> Result<Option<Picture<'_>>, StreamError> {
        self.picture.clear();
        match self.first_byte()? {
            None => return Ok(None),
            Some(START_OF_IMAGE) => self.picture.extend([0xFF, START_OF_IMAGE]),
            Some(_) => return Err(StreamError::Format("made of JPEG pictures")),
        }
        let mut marker = self.marker()?;
        while marker != END_OF_IMAGE {
            // Restart markers, and one that is reserved, have no length.
            if !matches!(marker, 0x01 | 0xD0..=0xD7) {
                self.segment()?;
            }
            marker = if marker == START_OF_SCAN {
                self.scan()?
            } else {
                self.marker()?
            };
        }
        let captured_us = self.rate.time_us(self.index);
        self.index += 1;
        Ok(Some(Picture {
            jpeg: &self.picture,
            captured_us,
        }))
    }

    /// The byte after the 0xFF that begins a picture.
    fn first_byte(&mut self) -> Result<Option<u8>, StreamError> {
        let mut marked = false;
        loop {
            match self.source.fill_buf()?.first().copied() {
                None => return Ok(None),
                Some(0xFF) => marked = true,
                Some(0) => marked = false,
                Some(byte) if marked => {
                    self.source.consume(1);
                    return Ok(Some(byte));
                }
                Some(_) => return Err(StreamError::Format("made of JPEG pictures")),
            }
            self.source.consume(1);
        }
    }

    fn marker(&mut self) -> Result<u8, StreamError> {
        if self.byte()? != 0xFF {
            return Err(StreamError::Format("made of JPEG pictures"));
        }
        loop {
            match self.byte()? {
                0xFF => {}
                0 => return Err(StreamError::Format("made of JPEG pictures")),
                marker => return Ok(marker),
            }
        }
    }

    /// Takes over a segment: two bytes of length, which count themselves, and the rest.
    fn segment(&mut self) -> Result<(), StreamError> {
        let length = u16::from_be_bytes([self.byte()?, self.byte()?]);
        let rest = length
            .checked_sub(2)
            .ok_or(StreamError::Format("made of JPEG pictures"))?;
        let start = self.picture.len();
        self.picture.resize(start + usize::from(rest), 0);
        self.source.read_exact(&mut self.picture[start..])?;
        self.within_limit()
    }

    /// Takes over the entropy-coded bytes of a scan, and gives the marker that ends it. Within a scan 0xFF is followed by
    /// 0 or a restart marker (ITU-T T.81, section B.1.1.5).
    fn scan(&mut self) -> Result<u8, StreamError> {
        loop {
            let buffer = self.source.fill_buf()?;
            let Some(last) = buffer.len().checked_sub(1) else {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            };
            let marked = buffer.iter().position(|byte| *byte == 0xFF);
            let taken = marked.unwrap_or(last) + 1;
            self.picture.extend_from_slice(&buffer[..taken]);
            self.source.consume(taken);
            self.within_limit()?;
            if marked.is_none() {
                continue;
            }
            let mut byte = self.byte()?;
            while byte == 0xFF {
                byte = self.byte()?;
            }
            if !matches!(byte, 0 | 0xD0..=0xD7) {
                return Ok(byte);
            }
        }
    }

    fn byte(&mut self) -> Result<u8, StreamError> {
        let mut byte = [0];
        self.source.read_exact(&mut byte)?;
        self.picture.extend(byte);
        self.within_limit()?;
        Ok(byte[0])
    }

    fn within_limit(&self) -> Result<(), StreamError> {
        if self.picture.len() > MAX_PICTURE {
            return Err(StreamError::TooLarge);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture's outline: a segment with a thumbnail inside, a scan with stuffing and a restart, and `tag`.
    fn outline(tag: u8) -> Vec<u8> {
        let thumbnail = [0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9];
        let scan = [0xFF, 0xDA, 0, 3, 1, 7, 0xFF, 0, 0xFF, 0xD3, tag, 0xFF, 0xFF, 0xD9];
        [&[0xFF, 0xD8][..], &thumbnail, &scan].concat()
    }

    fn rate() -> FrameRate {
        FrameRate::new(30, 1).unwrap()
    }

    #[test]
    fn pictures_are_told_apart_whatever_is_in_them() {
        let stream = [outline(1), vec![0, 0, 0xFF], outline(2), outline(3), vec![0]].concat();
        // One byte at a time, so that every boundary falls on the end of a buffer.
        let mut reader = MjpegReader::new(io::BufReader::with_capacity(1, &stream[..]), rate());
        for (tag, time) in [(1, 0), (2, 33_333), (3, 66_666)] {
            let picture = reader.next_picture().unwrap().unwrap();
            assert_eq!((picture.jpeg, picture.captured_us), (&outline(tag)[..], time));
        }
        assert_eq!(reader.next_picture().unwrap(), None);
    }

    #[test]
    fn a_stream_that_stops_is_an_error_wherever_it_stops() {
        let whole = outline(1);
        for len in 2..whole.len() {
            let mut reader = MjpegReader::new(&whole[..len], rate());
            assert!(
                matches!(reader.next_picture(), Err(StreamError::Read(_))),
                "{len}"
            );
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for stream in [
            &b"GIF89a"[..],
            &[0xFF, 0xD9],
            &[0xFF, 0xD8, 3],
            &[0xFF, 0xD8, 0xFF, 0xE0, 0, 1],
        ] {
            let refused = MjpegReader::new(stream, rate()).next_picture().unwrap_err();
            assert!(matches!(refused, StreamError::Format(_)), "{stream:?}: {refused}");
        }
    }

    #[test]
    fn a_picture_without_end_is_given_up() {
        let start = &[0xFF, 0xD8, 0xFF, 0xDA, 0, 2][..];
        let endless = io::BufReader::new(io::Read::chain(start, io::repeat(7)));
        let refused = MjpegReader::new(endless, rate()).next_picture().unwrap_err();
        assert!(matches!(refused, StreamError::TooLarge), "{refused}");
    }
}
