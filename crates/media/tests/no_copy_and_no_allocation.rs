//! Audio that needs no conversion is neither copied nor does it cost an allocation; conversion allocates its output.

use std::num::NonZeroUsize;

use allocation_counter::measure;
use bedside_media::audio::decoder::Decoder;
use bedside_media::audio::encoder::Encoder;
use bedside_media::audio::format::{AudioFormat, SampleRate};
use bedside_media::audio::framer::Framer;
use bedside_media::audio::resample::Resampler;
use bytes::Bytes;

const ROUNDS: u64 = 100;

/// A message as it arrives: a slice of a larger read buffer, already shared.
fn received() -> Bytes {
    Bytes::from(vec![3; 4_096]).slice(16..656)
}

#[test]
fn pcm_at_the_rate_of_the_bus_passes_as_the_same_bytes_without_allocation() {
    let mut decoder = Decoder::new(AudioFormat::BUS).unwrap();
    let message = received();
    let cost = measure(|| {
        for _ in 0..ROUNDS {
            let bus = decoder.push(&message).unwrap();
            assert_eq!((bus.as_ptr(), bus.len()), (message.as_ptr(), message.len()));
        }
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn framing_aligned_chunks_neither_copies_nor_allocates() {
    let mut framer = Framer::new(NonZeroUsize::new(320).unwrap());
    let (message, mut out) = (received(), Vec::with_capacity(2));
    let cost = measure(|| {
        for _ in 0..ROUNDS {
            framer.push(message.clone(), &mut out);
            assert_eq!(out[1].as_ptr(), message[320..].as_ptr());
            out.clear();
        }
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn a_straddling_frame_costs_one_block_of_its_own_size() {
    let mut framer = Framer::new(NonZeroUsize::new(640).unwrap());
    let (message, mut out) = (received().slice(..320), Vec::with_capacity(1));
    let cost = measure(|| {
        for _ in 0..ROUNDS {
            framer.push(message.clone(), &mut out);
            framer.push(message.clone(), &mut out);
            out.clear();
        }
    });
    // The block and the count of its owners.
    assert!(cost.count_total <= 2 * ROUNDS, "{cost:?}");
    assert!(cost.bytes_total <= ROUNDS * (640 + 64), "{cost:?}");
}

#[test]
fn encoding_pcm_at_the_rate_of_the_client_hands_out_slices() {
    let mut encoder = Encoder::new(AudioFormat::BUS).unwrap();
    let (message, mut out) = (received(), Vec::with_capacity(1));
    encoder.push(&message, SampleRate::HZ_16000, &mut out).unwrap();
    let cost = measure(|| {
        for _ in 0..ROUNDS {
            out.clear();
            encoder.push(&message, SampleRate::HZ_16000, &mut out).unwrap();
            assert_eq!(out[0].data.as_ptr(), message.as_ptr());
        }
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn resampling_into_a_buffer_with_room_does_not_allocate() {
    for (from, to) in [
        (SampleRate::HZ_48000, SampleRate::HZ_16000),
        (SampleRate::HZ_22050, SampleRate::HZ_24000),
    ] {
        let mut resampler = Resampler::new(from, to).unwrap();
        let (input, mut output) = (
            vec![5_i16; from.hz() as usize / 50],
            Vec::<i16>::with_capacity(1_000),
        );
        let cost = measure(|| {
            for _ in 0..ROUNDS {
                resampler.process(&input, &mut output).unwrap();
                output.clear();
            }
        });
        assert_eq!(cost.count_total, 0, "{from} to {to}");
    }
}

#[test]
fn a_converted_message_costs_its_output_and_the_count_of_its_owners() {
    for format in [AudioFormat::pcm16(SampleRate::HZ_24000), AudioFormat::MU_LAW] {
        let mut decoder = Decoder::new(format).unwrap();
        let message = received().slice(..160);
        decoder.push(&message).unwrap();
        let cost = measure(|| {
            for _ in 0..ROUNDS {
                decoder.push(&message).unwrap();
            }
        });
        assert!(cost.count_total <= 2 * ROUNDS, "{format:?}: {cost:?}");
    }
}
