//! Any bytes are judged without a panic; an accepted frame is written back to the same bytes.
#![no_main]

use bedside_protocol::binary::MediaFrame;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let message = Bytes::copy_from_slice(data);
    if let Ok(frame) = MediaFrame::decode(&message) {
        assert_eq!(MediaFrame::encode(&frame.header, &frame.payload), message);
    }
});
