//! AWS event-stream frames, as `application/vnd.amazon.eventstream` carries them.
//!
//! `u32` total length, `u32` header length, CRC32 of those eight bytes, headers, payload, CRC32 of everything before;
//! big-endian. A header is its name with a `u8` length, a type byte, and for strings (type 7) a `u16` length and bytes.

use bytes::{BufMut, Bytes, BytesMut};

const STRING: u8 = 7;
/// Prelude with its checksum, and the message's checksum.
const OVERHEAD: usize = 16;

/// An event frame.
pub(crate) fn event(kind: &str, content_type: &str, payload: &[u8]) -> Bytes {
    frame(
        &[
            (":event-type", kind),
            (":content-type", content_type),
            (":message-type", "event"),
        ],
        payload,
    )
}

/// An exception frame, which ends a stream.
pub(crate) fn exception(kind: &str, payload: &[u8]) -> Bytes {
    let headers = [
        (":exception-type", kind),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(&headers, payload)
}

/// The frame with a wrong checksum at its end.
pub(crate) fn garbled(frame: &Bytes) -> Bytes {
    let mut bytes = BytesMut::from(&frame[..]);
    if let Some(last) = bytes.last_mut() {
        *last ^= 0x55;
    }
    bytes.freeze()
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let header_length: usize = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let total = OVERHEAD + header_length + payload.len();
    let mut frame = BytesMut::with_capacity(total);
    frame.put_u32(total as u32);
    frame.put_u32(header_length as u32);
    frame.put_u32(crc32fast::hash(&frame));
    for (name, value) in headers {
        frame.put_u8(name.len() as u8);
        frame.put_slice(name.as_bytes());
        frame.put_u8(STRING);
        frame.put_u16(value.len() as u16);
        frame.put_slice(value.as_bytes());
    }
    frame.put_slice(payload);
    frame.put_u32(crc32fast::hash(&frame));
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_laid_out_as_documented() {
        let frame = event(
            "contentBlockStop",
            "application/json",
            br#"{"contentBlockIndex":0}"#,
        );
        let word = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().unwrap());
        assert_eq!(word(0) as usize, frame.len());
        assert_eq!(word(8), crc32fast::hash(&frame[..8]));
        let headers = word(4) as usize;
        assert_eq!(&frame[12..12 + 12], b"\x0b:event-type");
        assert_eq!(&frame[24..24 + 3], &[7, 0, 16]);
        assert_eq!(
            &frame[12 + headers..frame.len() - 4],
            br#"{"contentBlockIndex":0}"#
        );
        assert_eq!(word(frame.len() - 4), crc32fast::hash(&frame[..frame.len() - 4]));
    }

    #[test]
    fn the_checksum_of_the_specification_holds() {
        // The empty message of the AWS event-stream test vectors.
        let empty = [
            0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff,
        ];
        assert_eq!(frame(&[], b"")[..], empty);
    }

    #[test]
    fn a_garbled_frame_differs_in_its_checksum_alone() {
        let whole = event("chunk", "application/json", b"{}");
        let broken = garbled(&whole);
        assert_eq!(broken[..whole.len() - 4], whole[..whole.len() - 4]);
        assert_ne!(broken, whole);
    }
}
