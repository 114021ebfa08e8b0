//! The recogniser on real weights.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::sync::{Arc, OnceLock};

use bedside_inference::model::LoadOptions;
use bedside_inference::store::Size;
use bedside_speech::recogniser::{Progress, Recogniser, Transcript, TranscriptionOptions};
use bedside_speech::text::phonemes::Phonemiser;

fn recogniser() -> &'static Recogniser {
    static RECOGNISER: OnceLock<Recogniser> = OnceLock::new();
    RECOGNISER.get_or_init(|| {
        let files = support::store()
            .recogniser(Size::TinyEn)
            .expect("the recogniser is prepared");
        Recogniser::load(&files, LoadOptions::default()).expect("the recogniser loads")
    })
}

fn transcribe(audio: &[i16]) -> Transcript {
    recogniser()
        .transcribe(audio, TranscriptionOptions::default())
        .expect("transcribed")
}

/// Lower-case words without punctuation.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split_whitespace()
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect())
        .collect()
}

#[test]
fn a_sentence_comes_back() {
    let said = "I have had a headache since yesterday evening.";
    let heard = transcribe(&support::say(said));
    assert_eq!(words(&heard.text), words(said));
    assert!(
        heard.no_speech < 0.5 && heard.average_log_probability > -0.6,
        "{heard:?}"
    );
}

#[test]
fn nothing_said_is_nothing_written() {
    for seconds in [0, 1, 2, 5, 12] {
        for peak in [0.0, 0.001, 0.01, 0.1] {
            let heard = transcribe(&support::noise(seconds * 16_000, peak));
            assert_eq!(heard.text, "", "{seconds} s of noise of {peak}");
        }
    }
}

#[test]
fn more_than_the_model_can_hear_is_written_whole() {
    let sentences = [
        "The pain began on Monday morning.",
        "It was worse after breakfast.",
        "By the evening I could not sleep.",
        "My wife gave me some water.",
        "On Tuesday I went to work.",
    ];
    let spoken = sentences.map(|sentence| (sentence, support::say(sentence)));
    let mut audio = Vec::new();
    let mut said = Vec::new();
    // Never twice in the same order: that would look like a repetition.
    for stride in [1, 2, 3, 4] {
        for i in 0..sentences.len() {
            let (sentence, speech) = &spoken[i * stride % sentences.len()];
            audio.extend(speech);
            said.extend(words(sentence));
        }
    }
    assert!(audio.len() > 35 * 16_000, "{} samples", audio.len());
    let heard = words(&transcribe(&audio).text);
    let missing = said.len().abs_diff(heard.len());
    assert!(missing <= 3, "{} words said, {} written", said.len(), heard.len());
    for day in ["monday", "tuesday"] {
        assert_eq!(heard.iter().filter(|word| *word == day).count(), 4, "{day}");
    }
}

#[test]
fn what_follows_a_repetition_is_kept() {
    let said = "I cannot breathe. I cannot breathe. Please call my daughter.";
    let heard = words(&transcribe(&support::say(said)).text);
    assert!(
        heard.ends_with(&["call", "my", "daughter"].map(str::to_owned)),
        "{heard:?}"
    );
}

#[test]
fn drafts_save_steps_and_keep_the_words() {
    let (mut plain_steps, mut drafted_steps) = (0, 0);
    for sentence in [
        "I have had a headache since yesterday evening.",
        "Please tell me when the pain started and how bad it is.",
        "Does anyone in your family have diabetes, asthma, or high blood pressure?",
    ] {
        let speech = support::say(sentence);
        let draft = transcribe(&speech[..speech.len() * 9 / 10]).tokens;
        let (plain, steps) = count_steps(&speech, TranscriptionOptions::default());
        plain_steps += steps;
        let options = TranscriptionOptions {
            draft,
            ..TranscriptionOptions::default()
        };
        let (drafted, steps) = count_steps(&speech, options);
        drafted_steps += steps;
        assert_eq!(words(&drafted.text), words(&plain.text));
    }
    assert!(
        drafted_steps < plain_steps,
        "{drafted_steps} of {plain_steps} steps"
    );
}

#[test]
fn a_wrong_draft_does_no_harm() {
    let speech = support::say("I have had a headache since yesterday evening.");
    let options = TranscriptionOptions {
        draft: transcribe(&support::say("My wife gave me some water.")).tokens,
        ..TranscriptionOptions::default()
    };
    let (heard, _) = count_steps(&speech, options);
    assert_eq!(words(&heard.text), words(&transcribe(&speech).text));
}

#[test]
fn medicines_are_spelt_right_and_nothing_else_changes() {
    let files = support::store()
        .recogniser(Size::TinyEn)
        .expect("the recogniser is prepared");
    let medical = Recogniser::load_for_medicine(&files, LoadOptions::default(), Arc::new(Phonemiser::new()))
        .expect("the recogniser loads");
    let heard = |text: &str| {
        let speech = support::say(text);
        let options = TranscriptionOptions::default();
        let corrected = medical.transcribe(&speech, options).expect("transcribed").text;
        (transcribe(&speech).text, corrected)
    };
    let mut right = 0;
    for (text, name) in [
        ("Are you still taking lisinopril once a day?", "lisinopril"),
        ("How long have you been on sertraline?", "sertraline"),
        ("Gabapentin can make you feel dizzy or sleepy.", "gabapentin"),
        ("Have you missed any doses of Eliquis this week?", "eliquis"),
    ] {
        right += usize::from(words(&heard(text).1).iter().any(|word| word == name));
    }
    assert!(right >= 3, "{right} of 4 names");
    let (plain, corrected) = heard("Please tell me when the pain started and how bad it is.");
    assert_eq!(corrected, plain);
}

#[test]
fn a_partial_transcript_is_no_longer_than_allowed() {
    let options = TranscriptionOptions {
        max_tokens: 4,
        ..TranscriptionOptions::default()
    };
    let (heard, _) = count_steps(
        &support::say("I have had a headache since yesterday evening."),
        options,
    );
    assert_eq!(heard.tokens.len(), 4);
}

fn count_steps(audio: &[i16], options: TranscriptionOptions) -> (Transcript, usize) {
    let mut transcription = recogniser().begin(audio.to_vec(), options);
    let mut steps = 0;
    loop {
        steps += 1;
        if let Progress::Done(transcript) = transcription.step().expect("a step") {
            return (transcript, steps);
        }
    }
}
