//! How alike two stretches of speech sound.

use crate::text::normalise::{SpokenWord, normalise};
use crate::text::phonemes::Phonemiser;

const VOWELS: &str = "aeiouæɐɑɔəɚɛɜɪʊʌᵻ";
/// Consonants that are easily heard for one another.
const ALIKE: [&str; 8] = ["pb", "tdɾθð", "kɡ", "fvθ", "szʃʒ", "mnŋ", "lɹw", "hj"];

/// A word, where it is written, and its sounds without stress and length.
#[derive(Debug)]
pub(super) struct Sounded {
    pub(super) source: std::ops::Range<usize>,
    pub(super) sounds: Vec<char>,
}

pub(super) fn sounded(phonemiser: &Phonemiser, written: &str) -> Vec<Sounded> {
    let words: Vec<SpokenWord> = normalise(written);
    let pronounced = phonemiser.pronounce(&words).words;
    words
        .into_iter()
        .zip(pronounced)
        .map(|(word, sounds)| Sounded {
            source: word.source,
            sounds: sounds.chars().filter(|c| !"ˈˌː".contains(*c)).collect(),
        })
        .collect()
}

/// Distance of two stretches, 0 (the same) to about 1 (nothing in common): the cheapest way from one to the other,
/// sound by sound, over the number of sounds.
pub(super) fn distance(a: &[char], b: &[char]) -> f32 {
    let mut row: Vec<f32> = std::iter::once(0.0)
        .chain(b.iter().scan(0.0, |sum, sound| {
            *sum += cost_alone(*sound);
            Some(*sum)
        }))
        .collect();
    for x in a {
        let mut diagonal = row[0];
        row[0] += cost_alone(*x);
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + cost_instead(*x, *y))
                .min(row[j] + cost_alone(*y))
                .min(row[j + 1] + cost_alone(*x));
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    row[b.len()] / a.len().max(b.len()).max(1) as f32
}

fn cost_alone(sound: char) -> f32 {
    if is_vowel(sound) { 0.5 } else { 0.8 }
}

fn cost_instead(a: char, b: char) -> f32 {
    let alike = || ALIKE.iter().any(|group| group.contains(a) && group.contains(b));
    match (is_vowel(a), is_vowel(b)) {
        _ if a == b => 0.0,
        (true, true) => 0.3,
        (false, false) if alike() => 0.4,
        (false, false) => 0.9,
        _ => 1.0,
    }
}

fn is_vowel(sound: char) -> bool {
    VOWELS.contains(sound)
}
