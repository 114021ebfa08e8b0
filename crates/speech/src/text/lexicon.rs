//! Our own pronunciations, and the letters' names.

/// Pronunciations of drug and health words, in the general lexicon's notation.
const SUPPLEMENT: &str = include_str!("supplement.tsv");

/// The entries of the supplement: word and pronunciation.
pub(super) fn supplement() -> impl Iterator<Item = (&'static str, &'static str)> {
    SUPPLEMENT
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

/// The name of a letter, in the general lexicon's notation.
pub(super) fn letter_name(letter: char) -> Option<&'static str> {
    Some(match letter.to_ascii_uppercase() {
        'A' => "ˈA",
        'B' => "bˈi",
        'C' => "sˈi",
        'D' => "dˈi",
        'E' => "ˈi",
        'F' => "ˈɛf",
        'G' => "ʤˈi",
        'H' => "ˈAʧ",
        'I' => "ˈI",
        'J' => "ʤˈA",
        'K' => "kˈA",
        'L' => "ˈɛl",
        'M' => "ˈɛm",
        'N' => "ˈɛn",
        'O' => "ˈO",
        'P' => "pˈi",
        'Q' => "kjˈu",
        'R' => "ˈɑɹ",
        'S' => "ˈɛs",
        'T' => "tˈi",
        'U' => "jˈu",
        'V' => "vˈi",
        'W' => "dˈʌbəlju",
        'X' => "ˈɛks",
        'Y' => "wˈI",
        'Z' => "zˈi",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::text::ipa::{VOICE, to_voice};

    #[test]
    fn the_supplement_is_well_formed() {
        let mut seen = HashSet::new();
        for (word, pronunciation) in supplement() {
            assert!(seen.insert(word.to_lowercase()), "{word} stands twice");
            assert!(
                word.chars().all(|c| c.is_ascii_alphabetic() || c == '\''),
                "{word}"
            );
            assert_eq!(
                pronunciation.matches('ˈ').count(),
                1,
                "{word} needs one primary stress"
            );
            let vowel = |c: char| "AIOWYiuæɑəɛɪʊʌɔɜ".contains(c);
            for (at, mark) in pronunciation.match_indices(['ˈ', 'ˌ']) {
                let next = pronunciation[at + mark.len()..].chars().next();
                assert!(
                    next.is_some_and(vowel),
                    "{word}: a stress mark stands before its vowel"
                );
            }
        }
        assert!(seen.len() >= 300, "{} entries", seen.len());
    }

    #[test]
    fn every_symbol_is_one_the_voice_knows() {
        let letters = ('A'..='Z').filter_map(letter_name);
        for pronunciation in supplement()
            .map(|(_, pronunciation)| pronunciation)
            .chain(letters)
        {
            for symbol in to_voice(pronunciation).chars() {
                assert!(VOICE.contains(symbol), "{symbol:?} of {pronunciation}");
            }
        }
    }
}
