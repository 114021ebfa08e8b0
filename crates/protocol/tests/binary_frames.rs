//! Binary frames: what is written reads back without a copy, and each rule of the header is kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests are tests too"
)]

use bedside_protocol::AudioFormat;
use bedside_protocol::binary::{
    AudioCodec, AudioHeader, FrameHeader, InvalidFrame, MAX_VIDEO_PAYLOAD, MediaFrame, MediaHeader,
    VideoFormat, VideoHeader,
};
use bytes::Bytes;
use proptest::prelude::*;

/// A message with the header's last two fields `first` and `second`, and `len` zero bytes.
fn message(kind: u8, format: u8, first: u16, second: u16, len: usize) -> Bytes {
    let mut bytes = vec![kind, format, 7, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    bytes.extend(first.to_le_bytes());
    bytes.extend(second.to_le_bytes());
    bytes.resize(16 + len, 0);
    bytes.into()
}

fn refused(kind: u8, format: u8, first: u16, second: u16, len: usize) -> InvalidFrame {
    MediaFrame::decode(&message(kind, format, first, second, len)).unwrap_err()
}

#[test]
fn the_layout_is_the_documented_one() {
    let mut bytes = vec![1, 1, 0x34, 0x12, 8, 7, 6, 5, 4, 3, 2, 1, 160, 0, 1, 0];
    bytes.extend([9; 320]);
    let message = Bytes::from(bytes);
    let frame = MediaFrame::decode(&message).unwrap();
    assert_eq!(frame.header.sequence, 0x1234);
    assert_eq!(frame.header.time_us, 0x0102_0304_0506_0708);
    let audio = AudioHeader {
        codec: AudioCodec::Pcm16,
        sample_rate: 16_000,
    };
    assert_eq!(frame.header.media, MediaHeader::Audio(audio));
    assert_eq!(audio.format(), AudioFormat::Pcm { rate: 16_000 });
    assert_eq!(
        frame.payload.as_ptr(),
        message[16..].as_ptr(),
        "a slice, not a copy"
    );
    assert_eq!(MediaFrame::encode(&frame.header, &frame.payload), message);
}

#[test]
fn what_is_no_frame_is_refused() {
    let short = |len| MediaFrame::decode(&Bytes::from(vec![1; len])).unwrap_err();
    assert_eq!(short(0), InvalidFrame::TooShort { len: 0 });
    assert_eq!(short(15), InvalidFrame::TooShort { len: 15 });
    assert_eq!(refused(3, 1, 160, 1, 320), InvalidFrame::UnknownKind(3));
    assert_eq!(refused(1, 5, 160, 1, 320), InvalidFrame::UnknownFormat(5));
    assert_eq!(refused(2, 0, 2, 2, 12), InvalidFrame::UnknownFormat(0));
}

#[test]
fn audio_rules() {
    assert_eq!(refused(1, 1, 160, 2, 640), InvalidFrame::Channels(2));
    assert_eq!(
        refused(1, 1, 161, 1, 320),
        InvalidFrame::SampleRate { hz: 16_100 }
    );
    assert_eq!(
        refused(1, 2, 160, 1, 320),
        InvalidFrame::SampleRate { hz: 16_000 }
    );
    assert_eq!(refused(1, 1, 160, 1, 0), InvalidFrame::PayloadLimit { len: 0 });
    assert_eq!(
        refused(1, 1, 160, 1, 321),
        InvalidFrame::PayloadLimit { len: 321 }
    );
    assert_eq!(
        refused(1, 1, 160, 1, 70_000),
        InvalidFrame::PayloadLimit { len: 70_000 }
    );
    assert_eq!(refused(1, 1, 160, 1, 318), InvalidFrame::Duration { ms: 9 });
    assert_eq!(refused(1, 1, 160, 1, 3_842), InvalidFrame::Duration { ms: 120 });
    for (format, rate, len) in [
        (1, 160, 320),
        (1, 160, 3_840),
        (1, 480, 960),
        (2, 80, 80),
        (3, 80, 960),
    ] {
        assert!(
            MediaFrame::decode(&message(1, format, rate, 1, len)).is_ok(),
            "{format} {rate} {len}"
        );
    }
    // The first byte of the payload is zero: SILK, one frame of 10 ms.
    assert!(MediaFrame::decode(&message(1, 4, 480, 1, 40)).is_ok());
}

#[test]
fn video_rules() {
    assert_eq!(refused(2, 1, 0, 4, 0), InvalidFrame::Size { width: 0, height: 4 });
    assert_eq!(
        refused(2, 4, 1_921, 4, 9),
        InvalidFrame::Size {
            width: 1_921,
            height: 4
        }
    );
    assert_eq!(
        refused(2, 4, 4, 1_081, 9),
        InvalidFrame::Size {
            width: 4,
            height: 1_081
        }
    );
    assert_eq!(
        refused(2, 3, 5, 4, 30),
        InvalidFrame::Size { width: 5, height: 4 }
    );
    assert_eq!(
        refused(2, 1, 36, 36, 36 * 36),
        InvalidFrame::PayloadSize {
            expected: 3_888,
            got: 1_296
        }
    );
    assert_eq!(
        refused(2, 4, 4, 4, MAX_VIDEO_PAYLOAD + 1),
        InvalidFrame::PayloadLimit {
            len: MAX_VIDEO_PAYLOAD + 1
        }
    );
    for (format, len) in [(1, 3_888), (2, 5_184), (3, 1_944), (4, 11)] {
        assert!(
            MediaFrame::decode(&message(2, format, 36, 36, len)).is_ok(),
            "{format}"
        );
    }
}

fn audio() -> impl Strategy<Value = (AudioHeader, Vec<u8>)> {
    let formats = [
        AudioFormat::Pcm { rate: 22_050 },
        AudioFormat::Pcm { rate: 48_000 },
        AudioFormat::Pcma,
    ];
    (proptest::sample::select(formats.to_vec()), 11_u32..119).prop_flat_map(|(format, ms)| {
        let samples = (format.sample_rate() * ms / 1_000) as usize;
        let len = samples * format.bytes_per_sample().unwrap_or(1);
        (
            Just(AudioHeader::from(format)),
            proptest::collection::vec(any::<u8>(), len),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn audio_reads_back((audio, payload) in audio(), sequence: u16, time_us: u64) {
        let header = FrameHeader { sequence, time_us, media: MediaHeader::Audio(audio) };
        let frame = MediaFrame::decode(&MediaFrame::encode(&header, &payload)).unwrap();
        prop_assert_eq!(frame, MediaFrame { header, payload: payload.into() });
    }

    #[test]
    fn video_reads_back(width in 1_u16..=64, height in 1_u16..=64, sequence: u16, time_us: u64) {
        let video = VideoHeader { format: VideoFormat::Rgba32, width, height };
        let header = FrameHeader { sequence, time_us, media: MediaHeader::Video(video) };
        let payload = vec![3; video.payload_bytes().unwrap()];
        let frame = MediaFrame::decode(&MediaFrame::encode(&header, &payload)).unwrap();
        prop_assert_eq!(frame, MediaFrame { header, payload: payload.into() });
    }

    #[test]
    fn any_bytes_are_judged_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = MediaFrame::decode(&Bytes::from(bytes.clone())) {
            prop_assert_eq!(MediaFrame::encode(&frame.header, &frame.payload), bytes);
        }
    }
}
