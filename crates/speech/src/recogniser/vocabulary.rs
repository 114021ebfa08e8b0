//! Names of medicines, which a small model hears but cannot spell ("sir, true lane" for sertraline).
//!
//! A stretch of the text that the model was unsure of and that sounds like a medicine is a candidate. The network that
//! wrote the text then says how likely it finds the name in its place ([`super::correction`]), so that what was clearly
//! heard stands.

mod medicines;
mod pairs;
mod sounds;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use self::pairs::Pairs;
use self::sounds::{Sounded, distance, sounded};
use super::RecogniserError;
use super::tokenizer::{Token, Tokenizer};
use crate::text::phonemes::Phonemiser;

/// Most words a name is mistaken for.
const MOST_WORDS: usize = 5;
/// Further apart than this, two stretches do not sound alike.
const ALIKE: f32 = 0.28;
/// A name that is this much further than the nearest may still be the likelier one.
const RIVAL: f32 = 0.06;
/// Shorter names sound like too much.
const LEAST_SOUNDS: usize = 5;
/// The natural logarithm of a token's probability below which the model was unsure.
const UNSURE: f32 = -0.7;
/// Most stretches of one text that are looked into.
const MOST_CANDIDATES: usize = 3;

/// The names and how they sound.
#[derive(Debug)]
pub(super) struct Vocabulary {
    phonemiser: Arc<Phonemiser>,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    lowercase: String,
    sounds: Vec<char>,
    /// Its tokens within a sentence.
    within: Vec<Token>,
    /// Its tokens at the start of one.
    first: Vec<Token>,
}

/// A stretch of the text and the names that may have been said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// The tokens they would replace.
    pub(super) replaced: Range<usize>,
    pub(super) spellings: Vec<Spelling>,
}

/// A name in tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spelling {
    pub(super) tokens: Vec<Token>,
    /// How unlike the text it sounds.
    pub(super) distance: f32,
}

impl Vocabulary {
    /// Spells the names in a model's tokens.
    pub(super) fn load(
        tokenizer_file: &Path,
        tokenizer: &Tokenizer,
        phonemiser: Arc<Phonemiser>,
    ) -> Result<Self, RecogniserError> {
        let pairs = Pairs::load(tokenizer_file)?;
        let name = |written: &str| Name {
            sounds: joined(&sounded(&phonemiser, written)),
            within: pairs.spell(&format!(" {written}"), tokenizer),
            first: pairs.spell(&format!(" {}", capitalised(written)), tokenizer),
            lowercase: written.to_lowercase(),
        };
        let names = medicines::names().map(name);
        Ok(Self {
            names: names.filter(|name| name.sounds.len() >= LEAST_SOUNDS).collect(),
            phonemiser,
        })
    }

    /// Names that doubtful stretches of a text sound like, the last stretch last; none overlaps another.
    pub(super) fn candidates(
        &self,
        tokens: &[Token],
        log_probabilities: &[f32],
        tokenizer: &Tokenizer,
    ) -> Vec<Candidate> {
        let unsure = |range: &Range<usize>| {
            let judged = log_probabilities.get(range.clone()).unwrap_or_default();
            judged.iter().any(|judged| *judged < UNSURE)
        };
        if !unsure(&(0..tokens.len())) {
            return Vec::new();
        }
        let text = tokenizer.decode(tokens);
        let words = sounded(&self.phonemiser, &text);
        let right: Vec<bool> = words.iter().map(|word| self.is_name(word, &text)).collect();
        let mut found: Vec<(f32, Candidate)> = (0..words.len())
            .flat_map(|from| (from + 1..=words.len().min(from + MOST_WORDS)).map(move |to| from..to))
            .filter(|stretch| !right[stretch.clone()].contains(&true))
            .filter_map(|stretch| {
                let words = &words[stretch];
                let written = written(words, &text)?;
                let replaced = token_range(tokens, &written, tokenizer)?;
                let spellings = unsure(&replaced).then(|| self.spellings(words, &written, &text))?;
                Some((spellings.first()?.distance, Candidate { replaced, spellings }))
            })
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut apart: Vec<Candidate> = Vec::new();
        for (_, candidate) in found {
            let Range { start, end } = candidate.replaced;
            let overlaps = |other: &Candidate| start < other.replaced.end && other.replaced.start < end;
            if apart.len() < MOST_CANDIDATES && !apart.iter().any(overlaps) {
                apart.push(candidate);
            }
        }
        apart.sort_by_key(|candidate| candidate.replaced.start);
        apart
    }

    fn is_name(&self, word: &Sounded, text: &str) -> bool {
        let letters = written(std::slice::from_ref(word), text).map(|range| text[range].to_lowercase());
        letters.is_some_and(|letters| self.names.iter().any(|name| name.lowercase == letters))
    }

    /// The nearest name, and the next if it is a rival.
    fn spellings(&self, words: &[Sounded], written: &Range<usize>, text: &str) -> Vec<Spelling> {
        let sounds = joined(words);
        let comparable = |name: &&Name| name.sounds.len().abs_diff(sounds.len()) * 3 <= name.sounds.len();
        let mut near: Vec<(f32, &Name)> = self
            .names
            .iter()
            .filter(comparable)
            .map(|name| (distance(&sounds, &name.sounds), name))
            .filter(|(distance, _)| *distance <= ALIKE)
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let Some(&(nearest, _)) = near.first() else {
            return Vec::new();
        };
        let starts = starts_sentence(&text[..written.start]);
        near.into_iter()
            .take(2)
            .filter(|(distance, _)| *distance <= nearest + RIVAL)
            .map(|(distance, name)| Spelling {
                tokens: if starts { &name.first } else { &name.within }.clone(),
                distance,
            })
            .collect()
    }
}

fn joined(words: &[Sounded]) -> Vec<char> {
    words
        .iter()
        .flat_map(|word| word.sounds.iter().copied())
        .collect()
}

/// Where a stretch of words is written, punctuation after it left out; none if it has digits in it.
fn written(words: &[Sounded], text: &str) -> Option<Range<usize>> {
    let (from, to) = (words.first()?.source.start, words.last()?.source.end);
    let letters = text.get(from..to)?.trim_start();
    let from = to - letters.len();
    let letters = letters.trim_end_matches(|c: char| !c.is_alphanumeric());
    let plain = !letters.is_empty() && !letters.contains(|c: char| c.is_ascii_digit());
    plain.then_some(from..from + letters.len())
}

/// The tokens that write exactly a stretch of the text (with the space before it).
fn token_range(tokens: &[Token], written: &Range<usize>, tokenizer: &Tokenizer) -> Option<Range<usize>> {
    let ends: Vec<usize> = std::iter::once(0)
        .chain(tokens.iter().scan(0, |end, token| {
            *end += tokenizer.bytes_of(*token).len();
            Some(*end)
        }))
        .collect();
    let at = |byte: usize| ends.iter().position(|end| *end == byte);
    let start = written
        .start
        .checked_sub(1)
        .and_then(at)
        .or_else(|| at(written.start))?;
    Some(start..at(written.end)?)
}

fn starts_sentence(before: &str) -> bool {
    before.trim_end().is_empty() || before.trim_end().ends_with(['.', '!', '?'])
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Sounded> {
        sounded(&Phonemiser::new(), text)
    }

    #[test]
    fn what_is_misheard_sounds_alike_and_what_is_not_does_not() {
        let far = |a: &str, b: &str| distance(&joined(&words(a)), &joined(&words(b)));
        assert!(far("sir, true lane", "sertraline") < ALIKE);
        assert!(far("a tour of a steady", "atorvastatin") < ALIKE);
        assert!(far("chest pain", "testosterone") > ALIKE);
    }

    #[test]
    fn a_stretch_is_written_without_what_follows_it() {
        let text = " on, sir, true lane?";
        let all = words(text);
        assert_eq!(
            written(&all[1..], text).map(|range| &text[range]),
            Some("sir, true lane")
        );
        let text = "take 10 now";
        assert_eq!(written(&words(text), text), None);
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(capitalised("eliquis"), "Eliquis");
        assert!(starts_sentence(" ") && starts_sentence("I see. ") && !starts_sentence("take "));
    }
}
