//! One step of a session, and what it is made of, on 20 ms of audio.

#![allow(
    clippy::expect_used,
    reason = "a benchmark without its subject has nothing to measure"
)]

mod support;

use std::hint::black_box;
use std::time::Duration;

use bedside_conversation::Conversation;
use bedside_conversation::io::Input;
use bedside_conversation::time::{AudioPos, Time};
use bedside_protocol::binary::MediaFrame;
use bedside_protocol::{encode_audio_delta, parse_client_event};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use support::{Echoing, FRAME_BYTES, address, append, frame, header, start};

fn session(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let _entered = runtime.enter();
    for media in ["binary", "binary_in"] {
        let mut client = Echoing::start(media);
        let mut sequence = 0_u16;
        criterion.bench_function(&format!("session/echo_{media}"), |bencher| {
            bencher.iter_batched(
                || {
                    // An echo is given back no faster than it plays.
                    runtime.block_on(tokio::time::advance(Duration::from_millis(20)));
                    sequence = sequence.wrapping_add(1);
                    frame(sequence)
                },
                |frame| black_box(client.step(frame)),
                BatchSize::PerIteration,
            );
        });
    }
}

fn frames(criterion: &mut Criterion) {
    let message = frame(7);
    criterion.bench_function("frame/decode", |bencher| {
        bencher.iter(|| MediaFrame::decode(black_box(&message)));
    });
    let payload = [1; FRAME_BYTES];
    criterion.bench_function("frame/encode", |bencher| {
        bencher.iter(|| MediaFrame::encode(black_box(&header(7)), black_box(&payload)));
    });
}

fn events(criterion: &mut Criterion) {
    let append = append();
    criterion.bench_function("event/read_append", |bencher| {
        bencher.iter(|| {
            let append = bedside_protocol::Append::parse(black_box(&append)).expect("an append");
            append.decode().expect("base64")
        });
    });
    let commit = r#"{"type":"input_audio_buffer.commit","event_id":"event_1"}"#;
    criterion.bench_function("event/read_commit", |bencher| {
        bencher.iter(|| parse_client_event(black_box(commit)));
    });
    let at = address();
    let (payload, mut text) = ([1; FRAME_BYTES], String::new());
    criterion.bench_function("event/write_audio", |bencher| {
        bencher.iter(|| encode_audio_delta(&mut text, "event_1", black_box(&at), black_box(&payload)));
    });
}

fn core(criterion: &mut Criterion) {
    let mut conversation = Conversation::new(start());
    while conversation.poll_output().is_some() {}
    let mut frames = 0;
    criterion.bench_function("core/audio_received", |bencher| {
        bencher.iter(|| {
            frames += 1;
            let to = AudioPos::from_millis(frames * 20);
            conversation.handle(Time::from_millis(frames * 20), Input::AudioReceived { to });
            black_box(conversation.poll_output().is_none())
        });
    });
}

criterion_group!(benches, session, frames, events, core);
criterion_main!(benches);
