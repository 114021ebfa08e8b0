//! Spoken words to phonemes.

use misaki_rs::fallback::FallbackError;
use misaki_rs::lexicon::PhonemeEntry;
use misaki_rs::{Fallback, G2P, Language, MToken};

use super::ipa::to_voice;
use super::letters;
use super::lexicon::{letter_name, supplement};
use super::normalise::{Break, SpokenWord};

/// The pronunciation of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pronunciation {
    /// The phonemes of each word, as the voice's symbols; never empty.
    pub words: Vec<String>,
}

/// Pronounces American English.
///
/// Words come from a general lexicon with the part of speech in view (`record`, `read`), from our supplement of drug and
/// health words, from either by plural, possessive, `-ed` and `-ing`, and, if all fail, from their letters.
pub struct Phonemiser {
    g2p: G2P,
}

impl std::fmt::Debug for Phonemiser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phonemiser").finish_non_exhaustive()
    }
}

impl Default for Phonemiser {
    fn default() -> Self {
        Self::new()
    }
}

struct Letters;

impl Fallback for Letters {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        Ok(letters::sounds(word))
    }
}

impl Phonemiser {
    /// Reads the lexicons that are part of the program; takes some tenths of a second.
    pub fn new() -> Self {
        let mut g2p = G2P::with_fallback(Language::EnglishUS, Some(Box::new(Letters)));
        for (word, pronunciation) in supplement() {
            let entry = || PhonemeEntry::Simple(pronunciation.to_owned());
            g2p.lexicon.golds.insert(word.to_owned(), entry());
            g2p.lexicon.golds.insert(word.to_lowercase(), entry());
        }
        Self { g2p }
    }

    /// Pronounces the words of a clause, each in the light of its neighbours.
    pub fn pronounce(&self, words: &[SpokenWord]) -> Pronunciation {
        let (text, starts) = joined(words);
        let mut sounds = vec![String::new(); words.len()];
        if let Ok((_, tokens)) = self.g2p.g2p(&text) {
            assign(&tokens, &starts, &mut sounds);
        }
        let words = words
            .iter()
            .zip(sounds)
            .map(|(word, sounds)| to_voice(&self.settle(&word.text, sounds)));
        Pronunciation {
            words: words.collect(),
        }
    }

    /// Letters have their names; a word nothing is known of is sounded out.
    fn settle(&self, word: &str, sounds: String) -> String {
        let mut letters = word.trim_end_matches("'s").chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && letter.is_ascii_uppercase()
            && word != "I"
        {
            let plural = if word.len() > 1 { "z" } else { "" };
            return format!("{}{plural}", letter_name(letter).unwrap_or_default());
        }
        let known = sounds.chars().any(char::is_alphabetic) && !sounds.contains(self.g2p.unk.as_str());
        let sounds = if known { sounds } else { letters::sounds(word) };
        sounds
            .chars()
            .filter(|sound| sound.is_alphabetic() || ['ˈ', 'ˌ'].contains(sound))
            .collect()
    }
}

/// The words as a sentence, and where each starts in it.
fn joined(words: &[SpokenWord]) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(words.len());
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        starts.push(text.len());
        text.push_str(&word.text);
        text.push_str(match word.after {
            Break::None => "",
            Break::Comma => ",",
            Break::Colon => ";",
            Break::Stop => ".",
            Break::Exclamation => "!",
            Break::Question => "?",
        });
    }
    (text, starts)
}

/// Gives each token's sounds to the word it lies in.
fn assign(tokens: &[MToken], starts: &[usize], sounds: &mut [String]) {
    let mut at = 0;
    for token in tokens {
        let word = starts.partition_point(|&start| start <= at).checked_sub(1);
        let spoken = token.text.chars().any(char::is_alphabetic);
        if let (Some(word), Some(phonemes), true) = (word, &token.phonemes, spoken) {
            sounds[word].extend(phonemes.chars().filter(|c| !c.is_whitespace()));
        }
        at += token.text.len() + token.whitespace.len();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::text::ipa::VOICE;
    use crate::text::normalise::normalise;

    static PHONEMISER: LazyLock<Phonemiser> = LazyLock::new(Phonemiser::new);

    fn said(written: &str) -> String {
        PHONEMISER.pronounce(&normalise(written)).words.join(" ")
    }

    #[test]
    fn words_sound_as_their_sentence_asks() {
        for (written, phonemes) in [
            ("Hello, doctor.", "həlˈoʊ dˈɑːktɚ"),
            ("the ibuprofen", "ði ˌaɪbjuːpɹˈoʊfən"),
            ("the metformin", "ðə mɛtfˈɔːɹmɪn"),
            ("I read it yesterday", "ˌaɪ ɹˈɛd ɪt jˈɛstɚdˌeɪ"),
            ("eighty", "ˈeɪɾi"),
            ("ECG", "ˈiː sˈiː dʒˈiː"),
            ("milligrams", "mˈɪləɡɹˌæmz"),
            ("Eliquis", "ˈɛləkwɪs"),
            ("lisinoprils", "laɪsˈɪnəpɹɪlz"),
        ] {
            assert_eq!(said(written), phonemes, "{written}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
        #[test]
        fn every_word_has_a_sound(written in "\\PC{0,40}|([a-zA-Z']{1,12}[ ,.?-]){0,8}") {
            let words = normalise(&written);
            let pronunciation = PHONEMISER.pronounce(&words);
            prop_assert_eq!(pronunciation.words.len(), words.len());
            for (word, phonemes) in words.iter().zip(&pronunciation.words) {
                prop_assert!(phonemes.chars().any(char::is_alphabetic), "{:?}", word.text);
                prop_assert!(phonemes.chars().all(|symbol| VOICE.contains(symbol)), "{:?}: {}", word.text, phonemes);
            }
        }
    }
}
