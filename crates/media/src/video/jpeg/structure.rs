//! The segments of a JPEG file (ITU-T T.81, annex B), walked over without decoding anything.
//!
//! A decoder is made to show as much of a picture as it can, and to take every file there is. Here a picture of a
//! stranger is measured, thirty times a second: what is not whole must not pass for skin, and no picture may cost more
//! than its pixels. So only what cameras write is let through to the decoder: one scan of all components, sequential,
//! and nothing behind it.

use super::{END_OF_IMAGE, JpegError, START_OF_IMAGE, START_OF_SCAN};
use crate::video::geometry::Size;

/// More segments before the picture than any camera writes. Decoders compare some kinds of them with each other.
const MAX_SEGMENTS: usize = 64;

/// Baseline and extended sequential frames, coded by Huffman.
const SEQUENTIAL: [u8; 2] = [0xC0, 0xC1];

/// What the segments before the picture say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Structure {
    pub(super) size: Size,
    /// Where the coded picture begins, in bytes.
    scan: usize,
}

impl Structure {
    /// Walks over the segments up to the coded picture.
    pub(super) fn of(jpeg: &[u8]) -> Result<Self, JpegError> {
        let mut rest = jpeg
            .strip_prefix(&[0xFF, START_OF_IMAGE])
            .ok_or(JpegError::Malformed)?;
        let mut frame = None;
        for _ in 0..MAX_SEGMENTS {
            let (marker, segment, behind) = split_segment(rest)?;
            rest = behind;
            match marker {
                // A table of codes, extensions and arithmetic coding have numbers among those of frames.
                0xC4 => {}
                0xC0..=0xCF if frame.is_some() => return Err(JpegError::Malformed),
                0xC0..=0xCF if SEQUENTIAL.contains(&marker) => frame = Some(read_frame(segment)?),
                0xC0..=0xCF => return Err(JpegError::Coding),
                START_OF_SCAN => {
                    let (size, components) = frame.ok_or(JpegError::Malformed)?;
                    return match segment.first() {
                        Some(count) if *count == components => Ok(Self {
                            size,
                            scan: jpeg.len() - rest.len(),
                        }),
                        Some(_) => Err(JpegError::Coding),
                        None => Err(JpegError::Malformed),
                    };
                }
                _ => {}
            }
        }
        Err(JpegError::Malformed)
    }

    /// Whether the coded picture of `jpeg`, whose structure this is, goes on to the end of the file, uninterrupted.
    pub(super) fn check_scan(&self, jpeg: &[u8]) -> Result<(), JpegError> {
        let mut coded = jpeg.get(self.scan..).unwrap_or_default();
        while let Some(at) = coded.iter().position(|byte| *byte == 0xFF) {
            match &coded[at + 1..] {
                [END_OF_IMAGE] => return Ok(()),
                // A byte of the picture, a restart, or fill before a marker.
                [0x00 | 0xD0..=0xD7, ..] => coded = &coded[at + 2..],
                [0xFF, ..] => coded = &coded[at + 1..],
                [] => break,
                _ => return Err(JpegError::Malformed),
            }
        }
        Err(JpegError::Truncated)
    }
}

/// The next marker that has a segment, its segment without the length, and what is behind it.
fn split_segment(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), JpegError> {
    let fill = bytes.iter().take_while(|byte| **byte == 0xFF).count();
    let (marker, bytes) = match bytes.get(fill..) {
        Some([marker, bytes @ ..]) if fill > 0 => (*marker, bytes),
        Some([]) | None => return Err(JpegError::Truncated),
        Some(_) => return Err(JpegError::Malformed),
    };
    // Those have no segment, and no place before a picture.
    if matches!(marker, 0x00..=0x01 | 0xD0..=END_OF_IMAGE) {
        return Err(JpegError::Malformed);
    }
    let [high, low, ..] = bytes else {
        return Err(JpegError::Truncated);
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let segment = bytes.get(2..length).ok_or(if length < 2 {
        JpegError::Malformed
    } else {
        JpegError::Truncated
    })?;
    Ok((marker, segment, &bytes[length..]))
}

/// Size and number of components of a frame.
fn read_frame(segment: &[u8]) -> Result<(Size, u8), JpegError> {
    let [_precision, h1, h0, w1, w0, components, ..] = *segment else {
        return Err(JpegError::Malformed);
    };
    let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
    Ok((Size::new(side(w1, w0), side(h1, h0))?, components))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 16×8 with the `segments` between its frame and its scan, and `coded` as the scan.
    fn file(segments: &[u8], coded: &[u8]) -> Vec<u8> {
        let frame = [
            0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 16, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        ];
        let scan = [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0];
        [&[0xFF, 0xD8][..], &frame, segments, &scan, coded].concat()
    }

    fn checked(file: &[u8]) -> Result<Size, JpegError> {
        let structure = Structure::of(file)?;
        structure.check_scan(file)?;
        Ok(structure.size)
    }

    #[test]
    fn what_cameras_write_is_let_through() {
        let comment = [0xFF, 0xFF, 0xFE, 0, 4, 0xFF, 0xD9];
        for coded in [
            &[1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF, 0xD9][..],
            &[0xFF, 0xFF, 0xD9],
        ] {
            let size = checked(&file(&comment, coded)).expect("it is whole");
            assert_eq!((size.width(), size.height()), (16, 8));
        }
    }

    #[test]
    fn nothing_may_stand_in_or_behind_the_picture() {
        for coded in [
            &[1, 0xFF, 0xFE, 0, 2, 0xFF, 0xD9][..],
            &[1, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9],
            &[1, 0xFF, 0xC4, 0, 2, 0xFF, 0xD9],
            &[1, 0xFF, 0xD9, 0],
        ] {
            assert!(matches!(checked(&file(&[], coded)), Err(JpegError::Malformed)));
        }
        for coded in [&[][..], &[1, 2], &[0xFF], &[0xFF, 0]] {
            assert!(matches!(checked(&file(&[], coded)), Err(JpegError::Truncated)));
        }
    }

    #[test]
    fn what_takes_several_passes_is_refused() {
        let mut progressive = file(&[], &[0xFF, 0xD9]);
        progressive[3] = 0xC2;
        assert!(matches!(checked(&progressive), Err(JpegError::Coding)));
        let mut apart = file(&[], &[0xFF, 0xD9]);
        apart[25] = 1;
        assert!(matches!(checked(&apart), Err(JpegError::Coding)));
    }

    #[test]
    fn segments_without_end_are_refused_at_once() {
        let comments = [0xFF, 0xFE, 0, 2].repeat(500_000);
        assert!(matches!(
            checked(&file(&comments, &[0xFF, 0xD9])),
            Err(JpegError::Malformed)
        ));
    }

    #[test]
    fn broken_segments_are_refused() {
        for bytes in [
            &b""[..],
            b"\xFF\xD8",
            b"\xFF\xD8\xFF\xFE",
            b"\xFF\xD8\xFF\xFE\x00\x09abc",
        ] {
            assert!(checked(bytes).is_err(), "{bytes:?}");
        }
        for segments in [&[0xFF, 0xFE, 0, 1][..], &[0xFF, 0xD9], &[0xFF, 0xD0], &[0xAA]] {
            assert!(checked(&file(segments, &[0xFF, 0xD9])).is_err(), "{segments:?}");
        }
    }
}
