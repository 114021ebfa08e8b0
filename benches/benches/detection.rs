//! Speech detection: what a window costs alone and together with those of other sessions.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

use bedside_inference::store::{ModelStore, Source};
use bedside_speech::detection::{SpeechModel, Stream, WINDOW};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn windows(criterion: &mut Criterion) {
    let root = std::env::var("BEDSIDE_MODELS").expect("BEDSIDE_MODELS names a folder of prepared models");
    let path = ModelStore::new(root, Source::Pip)
        .speech_detection()
        .expect("the model is prepared");
    let model = SpeechModel::load(&path).expect("the model loads");
    let sound: [i16; WINDOW] = std::array::from_fn(|n| ((n * 7919) % 2001) as i16 - 1000);
    let mut group = criterion.benchmark_group("speech detection");
    for (name, window) in [("sound", sound), ("digital silence", [0; WINDOW])] {
        for sessions in [1, 4, 16, 64] {
            group.throughput(Throughput::Elements(sessions));
            group.bench_function(format!("{name}, {sessions} sessions"), |bencher| {
                let mut stream = Stream::new();
                stream.bring(&[window]);
                bencher.iter_batched(
                    || (0..sessions).map(|_| stream.clone()).collect::<Vec<_>>(),
                    |mut streams| {
                        model.judge(&mut streams).expect("judged");
                        streams
                    },
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, windows);
criterion_main!(benches);
