//! Speech detection on real weights.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use bedside_speech::detection::{SpeechModel, WINDOW};

fn mean_probability(audio: &[i16]) -> f32 {
    let path = support::store()
        .speech_detection()
        .expect("the model is prepared");
    let mut detector = SpeechModel::load(&path).expect("the model loads").open();
    let windows = audio.as_chunks::<WINDOW>().0;
    let sum: f32 = windows
        .iter()
        .map(|window| detector.judge(window).expect("judged"))
        .sum();
    sum / windows.len() as f32
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
fn a_detector_that_forgets_judges_as_a_new_one() {
    let path = support::store()
        .speech_detection()
        .expect("the model is prepared");
    let model = SpeechModel::load(&path).expect("the model loads");
    let speech = support::say("It hurts when I breathe.");
    let window = speech.as_chunks::<WINDOW>().0.get(20).expect("long enough");
    let (mut used, mut fresh) = (model.open(), model.open());
    for window in speech.as_chunks::<WINDOW>().0 {
        used.judge(window).expect("judged");
    }
    used.reset();
    let (used, fresh) = (
        used.judge(window).expect("judged"),
        fresh.judge(window).expect("judged"),
    );
    assert!((used - fresh).abs() < 1e-6, "{used} and {fresh}");
}
