//! What a scan costs: a frame that only adds to the trace, a heart rate from 10 s, and all figures from a minute.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use std::hint::black_box;
use std::time::Duration;

use bedside_vitals::filter::Band;
use bedside_vitals::heart_rate;
use bedside_vitals::spectrum::Analyzer;
use bedside_vitals::trace::Trace;
use bedside_vitals::{CaptureTime, Face, FrameSample, Scan, ScanSettings};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

/// A frame of a face with a pulse, 30 a second.
fn frame(index: u64) -> FrameSample {
    let blood = (index as f32 / 30.0 * std::f32::consts::TAU * 1.2).sin();
    let unrest = (index.wrapping_mul(2_654_435_761) % 1_000) as f32 / 10_000.0;
    let colours = [[180.0 - 0.2 * blood, 120.0 - 0.6 * blood, 95.0 + unrest]; 3];
    FrameSample {
        captured: CaptureTime::from_micros(index * 33_333),
        sides: [72, 72],
        face: Some(Face {
            colours,
            held: None,
            detected: None,
        }),
    }
}

fn scan(interval: Duration, frames: u64) -> Scan {
    let mut scan = Scan::new(ScanSettings { interval });
    for index in 0..frames {
        scan.push(frame(index));
    }
    while scan.poll_event().is_some() {}
    scan
}

fn frames(criterion: &mut Criterion) {
    let never = Duration::from_secs(1_000_000);
    criterion.bench_function("vitals: a frame", |bencher| {
        let (mut scan, mut index) = (scan(never, 1_800), 1_800);
        bencher.iter(|| {
            scan.push(black_box(frame(index)));
            index += 1;
        });
    });
}

fn figures(criterion: &mut Criterion) {
    let mut trace = Trace::default();
    for sample in (0..400).map(frame) {
        trace.push(sample.captured, &sample.face.expect("a face"));
    }
    let mut analyzer = Analyzer::new();
    criterion.bench_function("vitals: heart rate from 10 s", |bencher| {
        bencher
            .iter(|| heart_rate::find(black_box(&trace), 300, Band::HEART, &mut analyzer).expect("a pulse"));
    });
    criterion.bench_function(
        "vitals: a second of a scan, all figures from a minute",
        |bencher| {
            bencher.iter_batched_ref(
                || scan(Duration::from_secs(1), 1_860),
                |scan| {
                    for index in 1_860..1_890 {
                        scan.push(frame(index));
                    }
                    while let Some(event) = scan.poll_event() {
                        black_box(event);
                    }
                },
                BatchSize::LargeInput,
            );
        },
    );
}

criterion_group!(benches, frames, figures);
criterion_main!(benches);
