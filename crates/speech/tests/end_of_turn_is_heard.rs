//! The end-of-turn model on real weights.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use bedside_inference::model::LoadOptions;
use bedside_speech::turn::EndOfTurn;

#[test]
fn a_whole_sentence_ends_a_turn_and_half_of_it_does_not() {
    let path = support::store().end_of_turn().expect("the model is prepared");
    let model = EndOfTurn::load(&path, LoadOptions::default()).expect("the model loads");
    let speech = support::say("I have had a headache since yesterday evening.");
    let whole = model.judge(&speech).expect("judged");
    let half = model.judge(&speech[..speech.len() / 2]).expect("judged");
    assert!(whole > 0.5, "whole: {whole}");
    assert!(half < 0.5, "half: {half}");
}
