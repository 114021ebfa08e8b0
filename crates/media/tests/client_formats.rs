//! What a client hears and what the bus gets, for every format: durations, levels, borders between streams, faults.
#![allow(clippy::unwrap_used, reason = "a fault in a helper of a test fails the test")]

use std::f64::consts::TAU;
use std::time::Duration;

use bedside_media::audio::decoder::{DecodeError, Decoder};
use bedside_media::audio::encoder::{EncodeError, EncodedFrame, Encoder, FRAME};
use bedside_media::audio::format::{AudioFormat, SampleRate};
use bedside_media::audio::gain::Level;
use bedside_media::audio::opus::{OpusError, PACKET_SAMPLES, PacketEncoder};
use bedside_media::audio::pcm;
use bytes::Bytes;

fn formats() -> impl Iterator<Item = AudioFormat> {
    let linear = SampleRate::ALL.into_iter().map(AudioFormat::pcm16);
    linear.chain([AudioFormat::MU_LAW, AudioFormat::A_LAW, AudioFormat::OPUS])
}

fn tone(rate: SampleRate, samples: usize) -> Bytes {
    let step = TAU * 440.0 / f64::from(rate.hz());
    let samples: Vec<i16> = (0..samples)
        .map(|n| (8_000.0 * (step * n as f64).sin()) as i16)
        .collect();
    pcm::to_le(&samples)
}

fn encode(encoder: &mut Encoder, pcm: &Bytes, rate: SampleRate) -> Vec<EncodedFrame> {
    let mut frames = Vec::new();
    for start in (0..pcm.len()).step_by(1_000) {
        encoder
            .push(&pcm.slice(start..pcm.len().min(start + 1_000)), rate, &mut frames)
            .unwrap();
    }
    encoder.finish(&mut frames).unwrap();
    frames
}

fn decode(decoder: &mut Decoder, frames: &[EncodedFrame]) -> Vec<i16> {
    let mut samples = Vec::new();
    for frame in frames {
        pcm::extend_from_le(&mut samples, &decoder.push(&frame.data).unwrap()).unwrap();
    }
    pcm::extend_from_le(&mut samples, &decoder.finish().unwrap()).unwrap();
    samples
}

#[test]
fn every_frame_but_the_last_is_twenty_milliseconds_and_nothing_is_lost() {
    for rate in SampleRate::ALL {
        let spoken = rate.hz() as usize / 4 + rate.hz() as usize / 100;
        for format in formats() {
            let frames = encode(&mut Encoder::new(format).unwrap(), &tone(rate, spoken), rate);
            let (last, whole) = frames.split_last().unwrap();
            assert!(
                whole.iter().all(|frame| frame.duration == FRAME),
                "{rate} to {format:?}"
            );
            assert!(last.duration <= FRAME);
            let played: Duration = frames.iter().map(|frame| frame.duration).sum();
            let real = Duration::from_millis(260);
            let spare = if format == AudioFormat::OPUS {
                FRAME * 2
            } else {
                Duration::from_micros(30)
            };
            assert!(
                played + Duration::from_micros(70) >= real && played <= real + spare,
                "{rate} to {format:?}: {played:?}"
            );
            for frame in &frames {
                let told = format.duration_of(frame.data.len());
                assert!(told.is_none_or(|told| told == frame.duration));
            }
        }
    }
}

#[test]
fn a_tone_comes_back_at_its_level() {
    for format in formats() {
        let sent = tone(SampleRate::HZ_22050, 22_050);
        let frames = encode(&mut Encoder::new(format).unwrap(), &sent, SampleRate::HZ_22050);
        let heard = decode(&mut Decoder::new(format).unwrap(), &frames);
        let level = Level::of(&heard[1_600..14_400]).rms_dbfs;
        let expected = Level::of(&pcm::from_le(&sent).unwrap()).rms_dbfs;
        assert!(
            (level - expected).abs() < 0.5,
            "{format:?}: {level} instead of {expected} dBFS"
        );
    }
}

#[test]
fn the_last_opus_packet_carries_the_end_of_the_audio() {
    let spoken = SampleRate::HZ_48000.samples_in(FRAME * 5);
    let frames = encode(
        &mut Encoder::new(AudioFormat::OPUS).unwrap(),
        &tone(SampleRate::HZ_48000, spoken),
        SampleRate::HZ_48000,
    );
    let heard = decode(&mut Decoder::new(AudioFormat::OPUS).unwrap(), &frames);
    let codec_delay = PacketEncoder::new().unwrap().lookahead() / 3;
    let end = spoken / 3 + codec_delay;
    assert!(heard.len() >= end);
    assert!(Level::of(&heard[end - 48..end]).rms_dbfs > -22.0);
}

#[test]
fn after_finish_and_after_reset_a_stream_is_as_new() {
    let pcm = tone(SampleRate::HZ_22050, 5_000);
    for format in formats() {
        let mut encoder = Encoder::new(format).unwrap();
        let first = encode(&mut encoder, &pcm, SampleRate::HZ_22050);
        assert_eq!(
            encode(&mut encoder, &pcm, SampleRate::HZ_22050),
            first,
            "{format:?} after finish"
        );
        encoder
            .push(&pcm.slice(..1_234), SampleRate::HZ_22050, &mut Vec::new())
            .unwrap();
        encoder.reset().unwrap();
        assert_eq!(
            encode(&mut encoder, &pcm, SampleRate::HZ_22050),
            first,
            "{format:?} after reset"
        );

        let mut decoder = Decoder::new(format).unwrap();
        let heard = decode(&mut decoder, &first);
        assert_eq!(decode(&mut decoder, &first), heard, "{format:?} after finish");
        decoder.push(&first[0].data).unwrap();
        decoder.reset().unwrap();
        assert_eq!(decode(&mut decoder, &first), heard, "{format:?} after reset");
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    for format in formats() {
        let mut encoder = Encoder::new(format).unwrap();
        assert_eq!(
            encode(&mut encoder, &Bytes::new(), SampleRate::HZ_24000),
            [],
            "{format:?}"
        );
        assert!(Decoder::new(format).unwrap().finish().unwrap().is_empty());
    }
}

#[test]
fn a_change_of_rate_within_a_stream_loses_nothing() {
    let mut encoder = Encoder::new(AudioFormat::pcm16(SampleRate::HZ_24000)).unwrap();
    let mut frames = Vec::new();
    for rate in [
        SampleRate::HZ_22050,
        SampleRate::HZ_16000,
        SampleRate::HZ_24000,
        SampleRate::HZ_48000,
    ] {
        encoder
            .push(&tone(rate, rate.hz() as usize / 10), rate, &mut frames)
            .unwrap();
    }
    encoder.finish(&mut frames).unwrap();
    let played: Duration = frames.iter().map(|frame| frame.duration).sum();
    assert_eq!((played, frames.len()), (Duration::from_millis(400), 20));
}

#[test]
fn half_a_sample_is_refused_and_the_stream_goes_on() {
    for rate in [SampleRate::HZ_16000, SampleRate::HZ_24000] {
        let mut decoder = Decoder::new(AudioFormat::pcm16(rate)).unwrap();
        let refused = decoder.push(&Bytes::from_static(&[1, 2, 3])).unwrap_err();
        assert!(matches!(refused, DecodeError::OddLength(odd) if odd.bytes == 3));
        decoder.push(&tone(rate, 160)).unwrap();
    }
    let mut encoder = Encoder::new(AudioFormat::OPUS).unwrap();
    let refused = encoder.push(&Bytes::from_static(&[1]), SampleRate::HZ_16000, &mut Vec::new());
    assert!(matches!(refused, Err(EncodeError::OddLength(_))));
}

#[test]
fn a_corrupt_or_empty_packet_is_refused_and_the_stream_goes_on() {
    let frames = encode(
        &mut Encoder::new(AudioFormat::OPUS).unwrap(),
        &tone(SampleRate::HZ_16000, 3_200),
        SampleRate::HZ_16000,
    );
    let mut decoder = Decoder::new(AudioFormat::OPUS).unwrap();
    // A code-3 packet (several frames) that ends before its frame count.
    let corrupt = decoder.push(&Bytes::from_static(&[0xFF])).unwrap_err();
    assert!(
        matches!(corrupt, DecodeError::Opus(OpusError::CorruptPacket)),
        "{corrupt:?}"
    );
    let empty = decoder.push(&Bytes::new()).unwrap_err();
    assert!(matches!(empty, DecodeError::Opus(OpusError::EmptyPacket)));
    assert_eq!(decode(&mut decoder, &frames).len(), frames.len() * 320);
}

#[test]
fn a_lost_opus_packet_is_concealed_with_sound_and_other_formats_with_silence() {
    let mut opus = PacketEncoder::new().unwrap();
    let spoken = pcm::from_le(&tone(SampleRate::HZ_48000, 48_000)).unwrap();
    let mut decoder = Decoder::new(AudioFormat::OPUS).unwrap();
    for packet in spoken.as_chunks::<PACKET_SAMPLES>().0.iter().take(20) {
        decoder.push(&opus.encode(packet).unwrap()).unwrap();
    }
    let made_up = pcm::from_le(&decoder.conceal(FRAME).unwrap()).unwrap();
    assert_eq!(made_up.len(), 320);
    assert!(Level::of(&made_up).rms_dbfs > -30.0);
    assert_eq!(decoder.conceal(Duration::from_millis(11)).unwrap().len(), 400);

    for format in [
        AudioFormat::BUS,
        AudioFormat::MU_LAW,
        AudioFormat::pcm16(SampleRate::HZ_44100),
    ] {
        let mut decoder = Decoder::new(format).unwrap();
        let mut silence = decoder.conceal(Duration::from_millis(60)).unwrap().to_vec();
        silence.extend_from_slice(&decoder.finish().unwrap());
        assert_eq!(silence, vec![0; 1_920], "{format:?}");
    }
}
