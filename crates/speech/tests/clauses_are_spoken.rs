//! The synthesiser on a real voice.
#![allow(clippy::expect_used, reason = "a failed expectation fails the test")]

mod support;

use std::ops::Range;
use std::sync::OnceLock;
use std::time::Duration;

use bedside_speech::synthesis::{Speech, Synthesiser, Voice};

fn synthesiser() -> &'static Synthesiser {
    static SYNTHESISER: OnceLock<Synthesiser> = OnceLock::new();
    SYNTHESISER.get_or_init(|| {
        let files = support::store().voice().expect("the voice is prepared");
        Synthesiser::new(Voice::load(&files.model, &files.config).expect("the voice loads"))
    })
}

fn speak(clause: &str, speed: f32) -> Speech {
    synthesiser().synthesise(clause, speed).expect("spoken")
}

/// Root mean square of a stretch, in steps of PCM16.
fn loudness(speech: &Speech, time: Range<Duration>) -> f64 {
    let at = |time: Duration| (time.as_secs_f64() * f64::from(speech.rate)) as usize;
    let samples = &speech.pcm[at(time.start)..at(time.end)];
    let power: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (power / samples.len() as f64).sqrt()
}

#[test]
fn the_same_clause_sounds_the_same() {
    let clause = "Take 500 mg of metformin twice daily.";
    assert_eq!(speak(clause, 1.0), speak(clause, 1.0));
}

#[test]
fn pieces_make_up_the_clause_as_announced() {
    let clause = "Please tell me when the pain started, and how bad it is now.";
    let mut utterance = synthesiser().begin(clause, 1.0).expect("begun");
    let announced = utterance.samples();
    let mut pieces = Vec::new();
    while let Some(piece) = utterance.next_piece().expect("spoken") {
        pieces.push(piece);
    }
    assert!(pieces.len() > 2, "{} pieces", pieces.len());
    assert!(
        pieces[0].len() < 8_000,
        "the first piece is short: {}",
        pieces[0].len()
    );
    let joined: Vec<i16> = pieces.concat();
    assert_eq!(joined.len(), announced);
    assert_eq!(joined, speak(clause, 1.0).pcm);
}

#[test]
fn written_words_have_their_times() {
    let clause = "Your BP is 120/80, Mr. Jones.";
    let speech = speak(clause, 1.0);
    let texts: Vec<&str> = speech
        .words
        .iter()
        .map(|word| &clause[word.text.clone()])
        .collect();
    assert_eq!(texts, ["Your", "BP", "is", "120", "/", "80,", "Mr.", "Jones."]);
    assert!(
        speech
            .words
            .windows(2)
            .all(|pair| pair[0].start < pair[0].end && pair[0].end <= pair[1].start)
    );
    let length = Duration::from_secs_f64(speech.pcm.len() as f64 / f64::from(speech.rate));
    assert!(speech.words.last().is_some_and(|word| word.end < length));
}

#[test]
fn the_voice_is_silent_between_the_words_it_separates() {
    let speech = speak("First take one tablet. Then call your doctor.", 1.0);
    let (tablet, then) = (&speech.words[3], &speech.words[4]);
    let pause = then.start.saturating_sub(tablet.end);
    assert!(pause > Duration::from_millis(80), "{tablet:?} {then:?}");
    let margin = pause / 3;
    let gap = loudness(&speech, tablet.end + margin..tablet.end + 2 * margin);
    for word in &speech.words {
        let within = loudness(&speech, word.start..word.end);
        assert!(within > 10.0 * gap.max(1.0), "{word:?}: {within} against {gap}");
    }
}

#[test]
fn speed_changes_the_length() {
    let clause = "How are you feeling today?";
    let [slow, normal, fast] = [0.5, 1.0, 1.5].map(|speed| speak(clause, speed).pcm.len() as f64);
    assert!((1.7..2.3).contains(&(slow / normal)), "{}", slow / normal);
    assert!((0.55..0.8).contains(&(fast / normal)), "{}", fast / normal);
    assert_eq!(speak(clause, 99.0).pcm, speak(clause, 1.5).pcm);
}

#[test]
fn speech_is_level_and_ends_in_its_pause() {
    for (clause, pause_ms) in [("If you have chest pain, call 911 now!", 320), ("well,", 140)] {
        let speech = speak(clause, 1.0);
        let spoken = loudness(
            &speech,
            speech.words[0].start..speech.words[speech.words.len() - 1].end,
        );
        assert!((1_000.0..6_000.0).contains(&spoken), "{clause}: {spoken}");
        assert!(speech.pcm.iter().all(|&sample| sample.abs() < i16::MAX));
        let silent = speech.pcm.iter().rev().take_while(|&&sample| sample == 0).count();
        let expected = pause_ms * speech.rate as usize / 1_000;
        assert!(
            (expected..expected + 3_000).contains(&silent),
            "{clause}: {silent} against {expected}"
        );
    }
}

#[test]
fn nothing_to_say_is_no_sound() {
    for clause in ["", "  ", "…", "-"] {
        let speech = speak(clause, 1.0);
        assert!(speech.pcm.is_empty() && speech.words.is_empty(), "{clause:?}");
    }
}
