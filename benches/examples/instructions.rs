//! How many instructions the hot path takes, for `benches/instructions.py`, which runs this under callgrind.
//!
//! Without an argument it names its subjects; with the name of one it does that one, first to warm up, then counted,
//! and says how often it was counted. An example because `cargo test` builds those: nothing is compiled for it alone.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark without its subject has nothing to measure, and it answers a script"
)]

#[path = "../benches/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use bedside_conversation::Conversation;
use bedside_conversation::io::Input;
use bedside_conversation::time::{AudioPos, Time};
use bedside_media::audio::format::SampleRate;
use bedside_media::audio::framer::Framer;
use bedside_media::audio::resample::Resampler;
use bedside_media::video::frame::{FrameView, Layout};
use bedside_media::video::geometry::{Rect, Size};
use bedside_protocol::binary::MediaFrame;
use bedside_protocol::{Append, encode_audio_delta};
use bytes::Bytes;
use support::{Echoing, FRAME_BYTES, address, append, frame, header, start};

/// How often a subject is done before it is counted, so that buffers have grown and an echo is under way.
const WARM_UP: u16 = 100;

/// How often it is done counted: some frames are more work than others.
const COUNTED: u16 = 10;

const SUBJECTS: [(&str, fn()); 13] = [
    ("session_echo_binary", || session("binary")),
    ("session_echo_json_out", || session("binary_in")),
    ("core_audio_received", || {
        core(|end| Input::AudioReceived { to: end });
    }),
    ("core_speech_judged", || {
        core(|end| Input::Speech {
            end,
            probability: 0.01,
        });
    }),
    ("frame_decode", frame_decode),
    ("frame_encode", frame_encode),
    ("event_read_append", event_read_append),
    ("event_write_audio_delta", event_write_audio_delta),
    ("resample_48_to_16_khz", || resample(SampleRate::HZ_48000)),
    ("resample_24_to_16_khz", || resample(SampleRate::HZ_24000)),
    ("framing_aligned", || framing(FRAME_BYTES)),
    ("framing_straddling", || framing(500)),
    ("mean_rgb_72x72", mean_rgb),
];

fn main() {
    let name = std::env::args().nth(1);
    for (subject, run) in SUBJECTS {
        match &name {
            None => println!("{subject}"),
            Some(name) if name == subject => {
                run();
                println!("{COUNTED}");
            }
            Some(_) => {}
        }
    }
}

/// Callgrind counts what happens in here, and knows it by this name.
#[inline(never)]
fn counted_instructions(work: &mut dyn FnMut()) {
    work();
}

/// Does `work` with what `prepare` makes of 1, 2, 3 and so on; the former alone is counted.
fn repeat<T>(mut prepare: impl FnMut(u16) -> T, mut work: impl FnMut(T)) {
    for n in 1..=WARM_UP {
        work(prepare(n));
    }
    for n in WARM_UP + 1..=WARM_UP + COUNTED {
        let mut input = Some(prepare(n));
        counted_instructions(&mut || input.take().into_iter().for_each(&mut work));
    }
}

fn session(media: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let _entered = runtime.enter();
    let mut client = Echoing::start(media);
    let prepare = |sequence| {
        // An echo is given back no faster than it plays.
        runtime.block_on(tokio::time::advance(Duration::from_millis(20)));
        frame(sequence)
    };
    repeat(prepare, |frame| {
        black_box(client.step(black_box(frame)));
    });
}

fn core(input: fn(end: AudioPos) -> Input) {
    let mut conversation = Conversation::new(start());
    while conversation.poll_output().is_some() {}
    let prepare = |frame| {
        let end = u64::from(frame) * 20;
        (Time::from_millis(end), input(AudioPos::from_millis(end)))
    };
    repeat(prepare, |(now, input)| {
        conversation.handle(now, black_box(input));
        while black_box(conversation.poll_output()).is_some() {}
    });
}

fn frame_decode() {
    repeat(frame, |message| {
        black_box(MediaFrame::decode(black_box(&message))).expect("a frame");
    });
}

fn frame_encode() {
    repeat(header, |header| {
        black_box(MediaFrame::encode(
            black_box(&header),
            black_box(&[1; FRAME_BYTES]),
        ));
    });
}

fn event_read_append() {
    let text = append();
    repeat(
        |_| (),
        |()| {
            let append = Append::parse(black_box(&text)).expect("an append");
            black_box(append.decode().expect("base64"));
        },
    );
}

fn event_write_audio_delta() {
    let at = address();
    let (payload, mut text) = ([1; FRAME_BYTES], String::new());
    repeat(
        |_| (),
        |()| {
            encode_audio_delta(
                black_box(&mut text),
                "event_1",
                black_box(&at),
                black_box(&payload),
            )
            .expect("text");
        },
    );
}

fn resample(from: SampleRate) {
    let mut resampler = Resampler::new(from, SampleRate::HZ_16000).expect("rates of the table");
    let samples = from.hz() as i32 / 50;
    let input: Vec<i16> = (0..samples).map(|n| (n * 7_919 % 2_001 - 1_000) as i16).collect();
    let mut output = Vec::<i16>::with_capacity(2_000);
    repeat(
        |_| (),
        |()| {
            output.clear();
            resampler
                .process(black_box(&input), black_box(&mut output))
                .expect("a healthy resampler");
        },
    );
}

fn framing(chunk_bytes: usize) {
    let chunk = Bytes::from(vec![1_u8; chunk_bytes]);
    let mut framer = Framer::new(NonZeroUsize::new(FRAME_BYTES).expect("not zero"));
    let mut out = Vec::with_capacity(4);
    repeat(
        |_| chunk.clone(),
        |chunk| {
            out.clear();
            framer.push(black_box(chunk), black_box(&mut out));
        },
    );
}

fn mean_rgb() {
    let face = Size::new(72, 72).expect("a size");
    let pixels: Vec<u8> = (0..face.pixels() * 3).map(|n| (n * 31 % 251) as u8).collect();
    let frame = FrameView::packed(Layout::Rgb8, &pixels, face, 0).expect("a frame");
    repeat(
        |_| (),
        |()| {
            black_box(black_box(&frame).mean_rgb(Rect::whole(face))).expect("a colour");
        },
    );
}
