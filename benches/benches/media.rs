//! The kernels of the media floor, each on 20 ms of audio.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use std::hint::black_box;
use std::num::NonZeroUsize;

use bedside_media::audio::format::SampleRate;
use bedside_media::audio::framer::Framer;
use bedside_media::audio::g711;
use bedside_media::audio::opus::{PACKET_SAMPLES, PacketDecoder, PacketEncoder};
use bedside_media::audio::resample::Resampler;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};

/// A tone with something of everything in it, 20 ms.
fn sound(rate: SampleRate) -> Vec<i16> {
    let samples = rate.hz() as usize / 50;
    (0..samples)
        .map(|n| (9_000.0 * (n as f32 * 0.09).sin() + 900.0 * (n as f32 * 0.7).sin()) as i16)
        .collect()
}

fn resample(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("resample");
    let pairs = [
        (48_000, 16_000),
        (24_000, 16_000),
        (44_100, 16_000),
        (8_000, 16_000),
        (22_050, 24_000),
        (22_050, 48_000),
    ];
    let rate = |hz| {
        SampleRate::ALL
            .into_iter()
            .find(|rate| rate.hz() == hz)
            .expect("a known rate")
    };
    for (from, to) in pairs {
        let mut resampler = Resampler::new(rate(from), rate(to)).expect("rates of the table");
        let (input, mut output) = (sound(rate(from)), Vec::<i16>::with_capacity(2_000));
        group.bench_function(format!("{from}_to_{to}"), |bencher| {
            bencher.iter(|| {
                output.clear();
                resampler
                    .process(black_box(&input), &mut output)
                    .expect("a healthy resampler");
                black_box(output.len())
            });
        });
    }
    for (from, to) in [(24_000, 16_000), (22_050, 48_000)] {
        group.bench_function(format!("new_{from}_to_{to}"), |bencher| {
            bencher.iter(|| Resampler::new(rate(from), rate(to)));
        });
    }
}

fn companding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("g711");
    let samples = sound(SampleRate::HZ_8000);
    let codes: Vec<u8> = samples.iter().map(|sample| g711::encode_mu(*sample)).collect();
    let (mut encoded, mut decoded) = (vec![0_u8; samples.len()], vec![0_i16; samples.len()]);
    for (name, encode) in [
        ("encode_mu", g711::encode_mu as fn(i16) -> u8),
        ("encode_a", g711::encode_a),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for (slot, sample) in encoded.iter_mut().zip(black_box(&samples)) {
                    *slot = encode(*sample);
                }
                black_box(encoded[0])
            });
        });
    }
    group.bench_function("decode_mu", |bencher| {
        bencher.iter(|| {
            for (slot, code) in decoded.iter_mut().zip(black_box(&codes)) {
                *slot = g711::decode_mu(*code);
            }
            black_box(decoded[0])
        });
    });
}

fn framing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("framing");
    for (name, chunk_bytes) in [("aligned", 640), ("straddling", 500)] {
        let chunk = Bytes::from(vec![1_u8; chunk_bytes]);
        let mut framer = Framer::new(NonZeroUsize::new(640).expect("not zero"));
        let mut out = Vec::with_capacity(4);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                framer.push(black_box(chunk.clone()), &mut out);
                out.len()
            });
        });
    }
}

fn opus(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("opus");
    let mut samples = [0; PACKET_SAMPLES];
    samples.copy_from_slice(&sound(SampleRate::HZ_48000));
    let mut encoder = PacketEncoder::new().expect("an encoder");
    let packet = encoder.encode(&samples).expect("a packet");
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encoder.encode(black_box(&samples)).map(|packet| packet.len()));
    });
    let mut decoder = PacketDecoder::new().expect("a decoder");
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decoder.decode(black_box(&packet)).map(<[i16]>::len));
    });
}

criterion_group!(kernels, resample, companding, framing, opus);
criterion_main!(kernels);
