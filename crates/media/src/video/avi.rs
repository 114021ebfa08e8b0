//! Motion JPEG in AVI, as cameras and capture cards write it.
//!
//! Read from front to back without the index: a list of headers, then the list `movi` of chunks, and further `RIFF` parts
//! beyond the first gigabyte (`OpenDML`). The layout is Microsoft's "AVI RIFF File Reference".

use std::io::{self, BufRead, Read};

use super::mjpeg::{MAX_PICTURE, Picture, StreamError};
use super::rate::FrameRate;

const NOT_AVI: StreamError = StreamError::Format("AVI with motion JPEG");
/// Longest stream header kept, bytes: the fields read here end at 28.
const HEADER: usize = 64;
/// Streams of a file that are looked at; their chunks carry two digits.
const MAX_STREAMS: u32 = 100;

/// Reads the pictures of an AVI file's first motion JPEG stream, in one buffer that is used again.
#[derive(Debug)]
pub struct AviReader<R> {
    source: R,
    stream: u32,
    rate: FrameRate,
    index: u64,
    picture: Vec<u8>,
}

/// The head of a chunk: four letters and how many bytes follow.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    name: [u8; 4],
    len: u32,
}

impl<R: BufRead> AviReader<R> {
    /// Reads the headers up to the first picture.
    pub fn new(mut source: R) -> Result<Self, StreamError> {
        let riff = next_chunk(&mut source)?.ok_or(NOT_AVI)?;
        if riff.name != *b"RIFF" || array::<4>(&mut source)? != *b"AVI " {
            return Err(NOT_AVI);
        }
        let (mut streams, mut found) = (0, None);
        loop {
            let chunk = next_chunk(&mut source)?.ok_or(NOT_AVI)?;
            match &chunk.name {
                b"LIST" => {
                    // Lists are entered: what they hold is told by its own name.
                    if array::<4>(&mut source)? == *b"movi" {
                        break;
                    }
                }
                b"strh" => {
                    if streams == MAX_STREAMS {
                        return Err(NOT_AVI);
                    }
                    let mut header = [0; HEADER];
                    let kept = HEADER.min(chunk.len as usize);
                    source.read_exact(&mut header[..kept])?;
                    skip(&mut source, padded(chunk.len) - kept as u64)?;
                    if found.is_none() {
                        found = motion_jpeg(&header)?.map(|rate| (streams, rate));
                    }
                    streams += 1;
                }
                _ => skip(&mut source, padded(chunk.len))?,
            }
        }
        let (stream, rate) = found.ok_or(NOT_AVI)?;
        Ok(Self {
            source,
            stream,
            rate,
            index: 0,
            picture: Vec::new(),
        })
    }

    /// The frame rate of the stream.
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// The next picture; `None` at the end. A frame that was dropped when recording takes up its time and is left out.
    pub fn next_picture(&mut self) -> Result<Option<Picture<'_>>, StreamError> {
        while let Some(chunk) = next_chunk(&mut self.source)? {
            match &chunk.name {
                b"LIST" | b"RIFF" => {
                    array::<4>(&mut self.source)?;
                }
                [tens, ones, b'd', b'b' | b'c'] if self.is_ours(*tens, *ones) => {
                    let captured_us = self.rate.time_us(self.index);
                    self.index += 1;
                    if chunk.len > 0 {
                        self.read_picture(chunk.len)?;
                        return Ok(Some(Picture {
                            jpeg: &self.picture,
                            captured_us,
                        }));
                    }
                }
                _ => skip(&mut self.source, padded(chunk.len))?,
            }
        }
        Ok(None)
    }

    fn is_ours(&self, tens: u8, ones: u8) -> bool {
        let digit = |letter: u8| char::from(letter).to_digit(10);
        digit(tens).zip(digit(ones)).map(|(tens, ones)| tens * 10 + ones) == Some(self.stream)
    }

    fn read_picture(&mut self, len: u32) -> Result<(), StreamError> {
        if len as usize > MAX_PICTURE {
            return Err(StreamError::TooLarge);
        }
        self.picture.resize(len as usize, 0);
        self.source.read_exact(&mut self.picture)?;
        skip(&mut self.source, padded(len) - u64::from(len))
    }
}

/// The rate of a stream, if it is motion JPEG: its type and codec, and frames as `rate / scale`.
fn motion_jpeg(header: &[u8; HEADER]) -> Result<Option<FrameRate>, StreamError> {
    let number = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if header[..4] != *b"vids" || !header[4..8].eq_ignore_ascii_case(b"MJPG") {
        return Ok(None);
    }
    let (scale, rate) = (number(20), number(24));
    FrameRate::new(rate, scale).map(Some).ok_or(NOT_AVI)
}

/// The head of the next chunk; `None` at the end. A file that was cut short within one ends there as well.
fn next_chunk(source: &mut impl BufRead) -> Result<Option<Chunk>, StreamError> {
    if source.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let name = array(source)?;
    let len = u32::from_le_bytes(array(source)?);
    Ok(Some(Chunk { name, len }))
}

fn array<const N: usize>(source: &mut impl Read) -> Result<[u8; N], StreamError> {
    let mut bytes = [0; N];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Chunks begin at even places.
fn padded(len: u32) -> u64 {
    u64::from(len) + u64::from(len % 2)
}

/// Passes over bytes. A missing last byte of padding is no fault.
fn skip(source: &mut impl Read, len: u64) -> Result<(), StreamError> {
    io::copy(&mut source.take(len), &mut io::sink())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = name.as_bytes().to_vec();
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(content);
        bytes.extend(vec![0; content.len() % 2]);
        bytes
    }

    fn list(name: &str, kind: &str, content: &[Vec<u8>]) -> Vec<u8> {
        chunk(name, &[kind.as_bytes(), &content.concat()].concat())
    }

    fn stream_header(kind: &str, scale: u32, rate: u32) -> Vec<u8> {
        let mut header = kind.as_bytes().to_vec();
        header.extend([0; 12]);
        header.extend(scale.to_le_bytes());
        header.extend(rate.to_le_bytes());
        header.extend([0; 28]);
        list("LIST", "strl", &[chunk("strh", &header), chunk("strf", &[0; 40])])
    }

    /// A sound and a picture stream; the second picture was dropped, the last is in a second part.
    fn file() -> Vec<u8> {
        let headers = [
            chunk("avih", &[0; 56]),
            stream_header("auds\0\0\0\0", 1, 8_000),
            stream_header("vidsmjpg", 1_001, 30_000),
        ];
        let clusters = [list(
            "LIST",
            "rec ",
            &[chunk("00wb", b"sound"), chunk("01dc", b"one")],
        )];
        let movie = [clusters.concat(), chunk("01dc", b""), chunk("01dc", b"three")];
        let first = [
            list("LIST", "hdrl", &headers),
            chunk("JUNK", &[9; 77]),
            list("LIST", "movi", &movie),
            chunk("idx1", &[0; 16]),
        ];
        let second = [list("LIST", "movi", &[chunk("01db", b"four")])];
        [list("RIFF", "AVI ", &first), list("RIFF", "AVIX", &second)].concat()
    }

    #[test]
    fn pictures_come_in_order_and_dropped_ones_take_their_time() {
        let file = file();
        let mut reader = AviReader::new(&file[..]).unwrap();
        for (jpeg, captured_us) in [(&b"one"[..], 0), (b"three", 66_733), (b"four", 100_100)] {
            assert_eq!(
                reader.next_picture().unwrap(),
                Some(Picture { jpeg, captured_us })
            );
        }
        assert_eq!(reader.next_picture().unwrap(), None);
    }

    #[test]
    fn a_file_cut_anywhere_ends_or_is_an_error() {
        let file = file();
        for len in 0..file.len() {
            let Ok(mut reader) = AviReader::new(&file[..len]) else {
                continue;
            };
            let mut pictures = 0;
            while let Ok(Some(_)) = reader.next_picture() {
                pictures += 1;
            }
            assert!(pictures <= 3, "{len}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        let wave = list("RIFF", "WAVE", &[]);
        let sound = list(
            "RIFF",
            "AVI ",
            &[
                list("LIST", "hdrl", &[stream_header("auds\0\0\0\0", 1, 8_000)]),
                list("LIST", "movi", &[]),
            ],
        );
        let still = list(
            "RIFF",
            "AVI ",
            &[
                list("LIST", "hdrl", &[stream_header("vidsMJPG", 0, 30)]),
                list("LIST", "movi", &[]),
            ],
        );
        for file in [wave, sound, still, Vec::new()] {
            assert!(matches!(AviReader::new(&file[..]), Err(StreamError::Format(_))));
        }
    }

    #[test]
    fn a_huge_picture_takes_no_memory() {
        let mut file = file();
        let at = file.windows(4).position(|name| name == b"01dc").unwrap() + 4;
        file[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        let mut reader = AviReader::new(&file[..]).unwrap();
        assert!(matches!(reader.next_picture(), Err(StreamError::TooLarge)));
    }
}
