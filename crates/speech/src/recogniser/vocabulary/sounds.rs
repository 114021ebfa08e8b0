//! How well what was heard fits how a name sounds.

use crate::text::normalise::{SpokenWord, normalise};
use crate::text::phonemes::Phonemiser;

const VOWELS: &str = "aeiouæɐɑɔəɚɛɜɪʊʌᵻ";
/// Consonants that are easily heard for one another.
const ALIKE: [&str; 8] = ["pb", "tdɾθð", "kɡ", "fvθ", "szʃʒ", "mnŋ", "lɹw", "hj"];

/// One sound of a word, without stress and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sound {
    symbol: char,
    vowel: bool,
    /// A bit for each group of [`ALIKE`] it is in.
    groups: u8,
}

impl Sound {
    fn new(symbol: char) -> Self {
        let bit = |(place, group): (usize, &&str)| u8::from(group.contains(symbol)) << place;
        Self {
            symbol,
            vowel: VOWELS.contains(symbol),
            groups: ALIKE.iter().enumerate().map(bit).sum(),
        }
    }
}

/// A word, where it is written, and its sounds.
#[derive(Debug)]
pub(super) struct Sounded {
    pub(super) source: std::ops::Range<usize>,
    pub(super) sounds: Vec<Sound>,
}

pub(super) fn sounded(phonemiser: &Phonemiser, written: &str) -> Vec<Sounded> {
    let words: Vec<SpokenWord> = normalise(written);
    let pronounced = phonemiser.pronounce(&words).words;
    words
        .into_iter()
        .zip(pronounced)
        .map(|(word, sounds)| Sounded {
            source: word.source,
            sounds: sounds
                .chars()
                .filter(|c| !"ˈˌː".contains(*c))
                .map(Sound::new)
                .collect(),
        })
        .collect()
}

/// How much the sounds of a text speak for a name having been said: the natural logarithm of how much likelier they are
/// then than by chance, along the best way to line the two up.
///
/// Unlike a distance it grows with what agrees, so that long names may differ in more places and short ones in hardly
/// any. `row` is room to work in.
pub(super) fn evidence(heard: &[Sound], name: &[Sound], row: &mut Vec<f32>) -> f32 {
    row.clear();
    row.push(0.0);
    row.extend(name.iter().scan(0.0, |sum, sound| {
        *sum += alone(*sound);
        Some(*sum)
    }));
    for x in heard {
        let mut diagonal = row[0];
        row[0] += alone(*x);
        for (j, y) in name.iter().enumerate() {
            let best = (diagonal + together(*x, *y))
                .max(row[j] + alone(*y))
                .max(row[j + 1] + alone(*x));
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    row[name.len()] * TRUST
}

/// More than [`evidence`] can be where so many sounds have a counterpart.
pub(super) fn at_most(sounds: usize) -> f32 {
    SAME_CONSONANT * TRUST * sounds as f32
}

/// Neighbouring sounds are not independent, but the network has also heard what is lined up here; this weighs the sounds
/// against its judgement, at which misheard names and ordinary speech lie furthest apart.
const TRUST: f32 = 2.0;

const SAME_CONSONANT: f32 = 2.0;

/// Of a sound that has no counterpart.
fn alone(sound: Sound) -> f32 {
    if sound.vowel { -0.8 } else { -1.8 }
}

/// Of two sounds in the same place. Vowels say little: an unstressed one is spelt in any way, and read as it is spelt.
fn together(a: Sound, b: Sound) -> f32 {
    match (a.vowel, b.vowel) {
        (true, true) if a == b => 0.5,
        (true, true) => -0.4,
        (false, false) if a == b => SAME_CONSONANT,
        (false, false) if a.groups & b.groups != 0 => 0.3,
        (false, false) => -2.2,
        _ => -3.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(a: &str, b: &str) -> f32 {
        let phonemiser = Phonemiser::new();
        let sounds = |text: &str| -> Vec<Sound> {
            let words = sounded(&phonemiser, text);
            words.into_iter().flat_map(|word| word.sounds).collect()
        };
        evidence(&sounds(a), &sounds(b), &mut Vec::new())
    }

    #[test]
    fn what_is_misheard_fits_and_what_is_not_does_not() {
        for (heard, name) in [
            ("sir, true lane", "sertraline"),
            ("a tour of a steady", "atorvastatin"),
            ("Doxus Ikeling", "doxycycline"),
        ] {
            assert!(fit(heard, name) > 10.0, "{heard}: {}", fit(heard, name));
        }
        assert!(fit("chest pain", "testosterone") < 5.0);
        assert!(fit("before breakfast", "furosemide") < -5.0);
    }

    #[test]
    fn a_vowel_matters_less_than_a_consonant() {
        assert!(fit("bat", "bit") > fit("bat", "back"));
        assert!(fit("bat", "bad") > fit("bat", "bash"));
    }

    #[test]
    fn the_longer_what_agrees_the_more_it_says() {
        assert!(fit("simvastatin", "simvastatin") > fit("statin", "statin"));
    }
}
