//! Speech detection on real weights.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::sync::LazyLock;

use bedside_speech::detection::{SpeechModel, Stream, WINDOW};

static MODEL: LazyLock<SpeechModel> = LazyLock::new(|| {
    let path = support::store()
        .speech_detection()
        .expect("the model is prepared");
    SpeechModel::load(&path).expect("the model loads")
});

fn judge(windows: &[[i16; WINDOW]]) -> Vec<f32> {
    let mut stream = Stream::new();
    stream.bring(windows);
    MODEL.judge(&mut [&mut stream]).expect("judged");
    stream.judged().to_vec()
}

fn mean_probability(audio: &[i16]) -> f32 {
    let probabilities = judge(audio.as_chunks().0);
    probabilities.iter().sum::<f32>() / probabilities.len() as f32
}

#[test]
fn speech_is_likely_speech() {
    let speech = support::say("The pain started two days ago and it is getting worse.");
    let mean = mean_probability(&speech);
    assert!(mean > 0.7, "{mean}");
}

#[test]
fn silence_and_noise_are_not() {
    for peak in [0.0, 0.001, 0.05] {
        let mean = mean_probability(&support::noise(32_000, peak));
        assert!(mean < 0.1, "noise of {peak}: {mean}");
    }
}

#[test]
fn windows_are_judged_as_by_the_published_graph() {
    let mut audio = vec![0; 10_000];
    audio.extend(support::noise(20_000, 0.01));
    audio.extend(support::say("It hurts when I breathe."));
    audio.extend(vec![0; 10_000]);
    audio.extend(support::noise(20_000, 0.001));
    let windows = audio.as_chunks().0;
    let mut silero = support::silero::Silero::open();
    let ours = judge(windows);
    for (index, (window, ours)) in windows.iter().zip(ours).enumerate() {
        let theirs = silero.judge(window);
        assert!(
            (ours - theirs).abs() < 1e-4,
            "window {index}: {ours} and {theirs}"
        );
    }
}

#[test]
fn streams_judged_together_are_judged_as_each_alone() {
    let speech = support::say("It hurts when I breathe, and when I lie on my left side.");
    let windows = speech.as_chunks::<WINDOW>().0;
    // Streams begin at different windows, and bring one to three at a time.
    let mut streams = vec![Stream::new(); 37];
    let mut together = vec![Vec::new(); streams.len()];
    let mut taken: Vec<usize> = (0..streams.len()).collect();
    for turn in 0..15 {
        for (index, (stream, taken)) in streams.iter_mut().zip(&mut taken).enumerate() {
            let brought = 1 + (index + turn) % 3;
            stream.bring(&windows[*taken..][..brought]);
            *taken += brought;
        }
        MODEL.judge(&mut streams).expect("judged");
        for (all, stream) in together.iter_mut().zip(&streams) {
            all.extend_from_slice(stream.judged());
        }
    }
    for (index, together) in together.iter().enumerate() {
        let alone = judge(&windows[index..][..together.len()]);
        for (a, b) in together.iter().zip(alone) {
            assert!((a - b).abs() < 1e-4, "stream {index}: {a} and {b}");
        }
    }
}
