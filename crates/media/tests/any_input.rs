//! Properties that hold for whatever arrives.

use std::num::NonZeroUsize;

use bedside_media::audio::decoder::Decoder;
use bedside_media::audio::encoder::{Encoder, FRAME};
use bedside_media::audio::format::{AudioFormat, SampleRate};
use bedside_media::audio::framer::Framer;
use bedside_media::audio::wav::Wav;
use bedside_media::audio::{g711, pcm};
use bytes::Bytes;
use proptest::prelude::*;

fn any_rate() -> impl Strategy<Value = SampleRate> {
    prop::sample::select(SampleRate::ALL.to_vec())
}

fn any_format() -> impl Strategy<Value = AudioFormat> {
    let linear = SampleRate::ALL.into_iter().map(AudioFormat::pcm16);
    let all: Vec<_> = linear
        .chain([AudioFormat::MU_LAW, AudioFormat::A_LAW, AudioFormat::OPUS])
        .collect();
    prop::sample::select(all)
}

fn any_chunks(longest: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..longest), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn framing_keeps_every_byte_in_order(chunks in any_chunks(700), size in 1_usize..400) {
        let mut framer = Framer::new(NonZeroUsize::new(size).unwrap());
        let mut frames = Vec::new();
        for chunk in &chunks {
            framer.push(Bytes::from(chunk.clone()), &mut frames);
            prop_assert!(framer.pending() < size);
        }
        prop_assert!(frames.iter().all(|frame| frame.len() == size));
        frames.extend(framer.finish());
        prop_assert_eq!(frames.concat(), chunks.concat());
    }

    #[test]
    fn samples_survive_bytes(samples in prop::collection::vec(any::<i16>(), 0..500)) {
        prop_assert_eq!(pcm::from_le(&pcm::to_le(&samples)).unwrap(), samples);
    }

    #[test]
    fn companding_twice_is_companding_once(sample in any::<i16>()) {
        let mu = g711::decode_mu(g711::encode_mu(sample));
        prop_assert_eq!(g711::decode_mu(g711::encode_mu(mu)), mu);
        let a = g711::decode_a(g711::encode_a(sample));
        prop_assert_eq!(g711::decode_a(g711::encode_a(a)), a);
    }

    #[test]
    fn a_decoder_takes_anything_and_gives_whole_samples(format in any_format(), chunks in any_chunks(400)) {
        let mut decoder = Decoder::new(format).unwrap();
        for chunk in chunks {
            if let Ok(bus) = decoder.push(&Bytes::from(chunk)) {
                prop_assert_eq!(bus.len() % 2, 0);
            }
        }
        prop_assert_eq!(decoder.finish().unwrap().len() % 2, 0);
    }

    #[test]
    fn decoded_audio_lasts_as_long_as_what_came(rate in any_rate(), chunks in any_chunks(900)) {
        let format = AudioFormat::pcm16(rate);
        let mut decoder = Decoder::new(format).unwrap();
        let (mut taken, mut given) = (0, 0);
        for mut chunk in chunks {
            chunk.truncate(chunk.len() & !1);
            taken += chunk.len() / 2;
            given += decoder.push(&Bytes::from(chunk)).unwrap().len() / 2;
        }
        given += decoder.finish().unwrap().len() / 2;
        let exact = taken as f64 * 16_000.0 / f64::from(rate.hz());
        prop_assert!((given as f64 - exact).abs() <= 0.5 + 1e-9);
    }

    #[test]
    fn encoded_frames_are_whole_but_the_last(format in any_format(), rate in any_rate(), chunks in any_chunks(3_000)) {
        let mut encoder = Encoder::new(format).unwrap();
        let mut frames = Vec::new();
        for mut chunk in chunks {
            chunk.truncate(chunk.len() & !1);
            encoder.push(&Bytes::from(chunk), rate, &mut frames).unwrap();
        }
        prop_assert!(frames.iter().all(|frame| frame.duration == FRAME));
        let whole = frames.len();
        encoder.finish(&mut frames).unwrap();
        for frame in &frames[whole.min(frames.len().saturating_sub(1))..] {
            prop_assert!(frame.duration <= FRAME && !frame.data.is_empty());
        }
    }

    #[test]
    fn no_file_makes_the_wav_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Wav::read(&bytes[..]);
        let _ = Wav::read(&[b"RIFF\xFF\0\0\0WAVEfmt \x10\0\0\0", &bytes[..]].concat()[..]);
    }
}
