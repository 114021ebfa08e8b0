//! JPEG pictures keep their colour, and what is no whole picture is refused before it costs memory.
#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use allocation_counter::measure;
use bedside_media::video::colour::Rgb;
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_media::video::jpeg::{JpegError, PictureDecoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Skin-like squares of 8 px, each of its own shade.
fn squares(width: u16, height: u16) -> Vec<u8> {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x / 8, y / 8)));
    pixels
        .flat_map(|(x, y)| {
            let shade = ((x * 7 + y * 3) % 40) as u8;
            [150 + shade, 110 + shade, 90 + shade / 2]
        })
        .collect()
}

fn encoded(sampling: SamplingFactor, change: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_sampling_factor(sampling);
    change(&mut encoder);
    encoder.encode(&squares(64, 48), 64, 48, ColorType::Rgb).unwrap();
    bytes
}

fn size() -> Size {
    Size::new(64, 48).unwrap()
}

fn differ_by(a: Rgb, b: Rgb) -> f32 {
    (a.r - b.r).abs().max((a.g - b.g).abs()).max((a.b - b.b).abs())
}

#[test]
fn the_colour_of_regions_survives_every_kind_of_picture() {
    let original = squares(64, 48);
    let original = FrameView::packed(Layout::Rgb8, &original, size(), 0).unwrap();
    let regions = [
        Rect::whole(size()),
        Rect {
            x: 8,
            y: 16,
            width: 24,
            height: 8,
        },
        Rect {
            x: 17,
            y: 3,
            width: 31,
            height: 40,
        },
    ];
    let mut decoder = PictureDecoder::new(size());
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_2_2,
    ] {
        let kinds = [
            encoded(sampling, |_| {}),
            encoded(sampling, |encoder| encoder.set_restart_interval(2)),
        ];
        for (kind, jpeg) in kinds.iter().enumerate() {
            let frame = decoder.decode(jpeg, 40_000).unwrap();
            assert_eq!((frame.size(), frame.captured_us()), (size(), 40_000));
            for region in regions {
                let (got, wanted) = (
                    frame.mean_rgb(region).unwrap(),
                    original.mean_rgb(region).unwrap(),
                );
                assert!(
                    differ_by(got, wanted) < 1.5,
                    "{sampling:?} {kind} {region:?}: {got:?}, {wanted:?}"
                );
            }
        }
    }
}

#[test]
fn grey_is_grey() {
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 95)
        .encode(&[77; 64], 8, 8, ColorType::Luma)
        .unwrap();
    let mut decoder = PictureDecoder::new(size());
    let frame = decoder.decode(&jpeg, 0).unwrap();
    let mean = frame.mean_rgb(Rect::whole(frame.size())).unwrap();
    assert!(
        differ_by(
            mean,
            Rgb {
                r: 77.0,
                g: 77.0,
                b: 77.0
            }
        ) < 1.0,
        "{mean:?}"
    );
}

#[test]
fn a_picture_that_ends_early_is_refused_wherever_it_ends() {
    let whole = encoded(SamplingFactor::F_2_2, |_| {});
    let mut decoder = PictureDecoder::new(size());
    for len in 0..whole.len() {
        assert!(decoder.decode(&whole[..len], 0).is_err(), "{len} bytes");
    }
    assert!(
        decoder.decode(&[&whole[..], &[0; 100]].concat(), 0).is_ok(),
        "padding is no fault"
    );
}

#[test]
fn a_picture_beyond_the_limit_is_refused_before_memory_is_taken() {
    let mut jpeg = encoded(SamplingFactor::F_2_2, |_| {});
    let mut decoder = PictureDecoder::new(Size::new(64, 40).unwrap());
    assert!(matches!(
        decoder.decode(&jpeg, 0),
        Err(JpegError::TooLarge { .. })
    ));

    let frame_header = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    for (sides, expected) in [([0x10, 0, 0x10, 0], "4096x4096"), ([0xFF; 4], "65535x65535")] {
        jpeg[frame_header + 5..frame_header + 9].copy_from_slice(&sides);
        let mut message = String::new();
        let cost = measure(|| message = decoder.decode(&jpeg, 0).unwrap_err().to_string());
        assert!(message.contains(expected), "{message}");
        assert!(cost.bytes_max < 256 * 1_024, "{cost:?}");
    }
}

#[test]
fn a_picture_with_something_else_in_it_is_refused_and_shows_nothing_of_the_one_before() {
    let whole = encoded(SamplingFactor::F_1_1, |encoder| encoder.set_restart_interval(8));
    let second_row = whole
        .windows(2)
        .position(|marker| marker == [0xFF, 0xD0])
        .unwrap();
    let mut decoder = PictureDecoder::new(size());
    for tail in [&b"\xFF\xFE\x00\x02\xFF\xD9"[..], b"\xFF\xDA\x00\x02\xFF\xD9"] {
        decoder.decode(&whole, 0).unwrap();
        let cut = [&whole[..second_row], tail].concat();
        assert!(
            matches!(decoder.decode(&cut, 0), Err(JpegError::Malformed)),
            "{tail:?}"
        );
    }
    let cut = [&whole[..second_row], b"\xFF\xD9"].concat();
    let mut alone = PictureDecoder::new(size());
    let whole_frame = Rect::whole(size());
    let wanted = alone
        .decode(&cut, 0)
        .ok()
        .and_then(|frame| frame.mean_rgb(whole_frame));
    decoder.decode(&whole, 0).unwrap();
    let got = decoder
        .decode(&cut, 0)
        .ok()
        .and_then(|frame| frame.mean_rgb(whole_frame));
    assert_eq!(got, wanted);
}

#[test]
fn a_picture_in_several_passes_is_refused() {
    let progressive = encoded(SamplingFactor::F_2_2, |encoder| encoder.set_progressive(true));
    assert!(matches!(
        PictureDecoder::new(size()).decode(&progressive, 0),
        Err(JpegError::Coding)
    ));
}

#[test]
fn prints_are_refused() {
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 95)
        .encode(&[9; 256], 8, 8, ColorType::Cmyk)
        .unwrap();
    assert!(matches!(
        PictureDecoder::new(size()).decode(&jpeg, 0),
        Err(JpegError::Colour)
    ));
}

#[test]
fn measuring_a_frame_costs_no_memory() {
    let pixels = squares(72, 72);
    let size = Size::new(72, 72).unwrap();
    let cost = measure(|| {
        let frame = FrameView::packed(Layout::Rgb8, &pixels, size, 0).unwrap();
        assert!(frame.mean_rgb(Rect::whole(size)).is_some());
        assert!(
            frame
                .mean_rgb(Rect {
                    x: 9,
                    y: 9,
                    width: 20,
                    height: 30
                })
                .is_some()
        );
    });
    assert_eq!(cost.count_total, 0);
}
