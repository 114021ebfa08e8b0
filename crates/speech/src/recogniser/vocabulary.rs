//! Names of medicines, which a small model hears but cannot spell ("sir, true lane" for sertraline).
//!
//! A stretch of the text that the model was unsure of and that sounds like a medicine is a candidate. The network that
//! wrote the text then says how likely it finds the name in its place ([`super::correction`]), so that what was clearly
//! heard stands. Sounds, network and context are weighed as natural logarithms of likelihoods, which add up.

mod context;
mod medicines;
mod pairs;
mod sounds;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use self::context::{begins_with_digit, cue};
use self::pairs::Pairs;
use self::sounds::{Sound, Sounded, at_most, evidence, sounded};
use super::RecogniserError;
use super::choice::Choice;
use super::tokenizer::{Token, Tokenizer};
use crate::text::phonemes::Phonemiser;

/// Most words a name is mistaken for.
const MOST_WORDS: usize = 5;
/// Shorter names sound like too much.
const LEAST_SOUNDS: usize = 5;
/// The natural logarithm of a token's probability below which the model was unsure. Of 36 misheard names each has such a
/// token, at −0.74 or below.
const UNSURE: f32 = -0.7;
/// Candidates less promising than this (see [`Found`]) are not worth the network's time: they would have to make what
/// follows them likelier.
const LEAST_PROMISE: f32 = 0.0;
/// How much less promising than the best of a place another candidate may be and still be looked into.
const RIVAL: f32 = 8.0;
/// Most candidates of one place. Each costs a run of the decoder over the rest of the text.
const MOST_RIVALS: usize = 3;
/// Most places of one text that are looked into.
const MOST_PLACES: usize = 3;

/// The names and how they sound.
#[derive(Debug)]
pub(super) struct Vocabulary {
    phonemiser: Arc<Phonemiser>,
    names: Vec<Name>,
    /// Every token that a spelling begins with, in order.
    openings: Vec<Token>,
}

#[derive(Debug)]
struct Name {
    lowercase: String,
    sounds: Vec<Sound>,
    within: Spelling,
    /// At the start of a sentence.
    first: Spelling,
}

#[derive(Debug)]
struct Spelling {
    tokens: Vec<Token>,
    /// Which of the openings it has.
    opening: usize,
}

/// Natural logarithms of the probabilities with which each of the vocabulary's openings could have been written at one
/// place of a text.
pub(super) type Openings = Box<[f32]>;

/// A text as the network wrote it, and per token how likely it was and what else might have begun there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) tokens: &'a [Token],
    /// Natural logarithms; may go on with that of the text's end.
    pub(super) log_probabilities: &'a [f32],
    pub(super) openings: &'a [Openings],
}

/// A candidate and how promising it is: the likelihood it would have, as against what is written and as a natural
/// logarithm, if the network were certain of all its tokens but the first and of what follows.
type Found = (f32, Candidate);

/// A name that may have been said instead of a stretch of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Which name it is.
    pub(super) name: usize,
    /// Its tokens.
    pub(super) tokens: Vec<Token>,
    /// The tokens they would replace.
    pub(super) replaced: Range<usize>,
    /// What the sounds and the words around say for it: a natural logarithm of likelihoods.
    pub(super) evidence: f32,
}

/// Candidates for about the same words, those that begin later first. At most one is right.
pub(super) type Place = Vec<Candidate>;

/// A stretch of words as the names are compared with it.
struct Stretch {
    sounds: Vec<Sound>,
    /// What the words around it say for a medicine.
    cue: f32,
    starts_sentence: bool,
    /// Its tokens.
    replaced: Range<usize>,
}

impl Written<'_> {
    fn sureness(&self, range: &Range<usize>) -> &[f32] {
        self.log_probabilities.get(range.clone()).unwrap_or_default()
    }
}

impl Vocabulary {
    /// Spells the names in a model's tokens.
    pub(super) fn load(
        tokenizer_file: &Path,
        tokenizer: &Tokenizer,
        phonemiser: Arc<Phonemiser>,
    ) -> Result<Self, RecogniserError> {
        let pairs = Pairs::load(tokenizer_file)?;
        let spell = |written: &str| pairs.spell(&format!(" {written}"), tokenizer);
        let written_out: Vec<_> = medicines::names()
            .map(|written| (written, spell(written), spell(&capitalised(written))))
            .collect();
        let mut openings: Vec<Token> = written_out
            .iter()
            .flat_map(|(_, within, first)| within.first().into_iter().chain(first.first()))
            .copied()
            .collect();
        openings.sort_unstable();
        openings.dedup();
        let spelling = |tokens: Vec<Token>| Spelling {
            opening: openings.partition_point(|opening| Some(opening) < tokens.first()),
            tokens,
        };
        let name = |(written, within, first): (&str, Vec<Token>, Vec<Token>)| Name {
            lowercase: written.to_lowercase(),
            sounds: joined(&sounded(&phonemiser, written)),
            within: spelling(within),
            first: spelling(first),
        };
        Ok(Self {
            names: written_out.into_iter().map(name).collect(),
            openings,
            phonemiser,
        })
    }

    /// How likely names are to begin where a token was chosen by these scores.
    pub(super) fn openings(&self, scores: &[f32], choice: Choice) -> Openings {
        let score = |token: Token| scores.get(token as usize).copied();
        let sum = score(choice.token).unwrap_or_default() - choice.log_probability;
        let opening = |token: &Token| score(*token).unwrap_or(f32::NEG_INFINITY) - sum;
        self.openings.iter().map(opening).collect()
    }

    /// Places where doubtful stretches of a text sound like names, the last one last; no two overlap.
    pub(super) fn places(&self, written: &Written<'_>, tokenizer: &Tokenizer) -> Vec<Place> {
        let unsure = |range: &Range<usize>| written.sureness(range).iter().any(|sure| *sure < UNSURE);
        if !unsure(&(0..written.tokens.len())) {
            return Vec::new();
        }
        let text = tokenizer.decode(written.tokens);
        let words = sounded(&self.phonemiser, &text);
        let right: Vec<bool> = words.iter().map(|word| self.is_name(word, &text)).collect();
        let stretches = (0..words.len())
            .flat_map(|from| (from + 1..=words.len().min(from + MOST_WORDS)).map(move |to| from..to))
            .filter(|stretch| !right[stretch.clone()].contains(&true));
        let mut found = Vec::new();
        for stretch in stretches {
            let range = written_range(&words, &stretch, &text);
            let replaced = range
                .as_ref()
                .and_then(|range| token_range(written.tokens, range, tokenizer))
                .filter(unsure);
            if let (Some(range), Some(replaced)) = (range, replaced) {
                let (before, after) = (&text[..range.start], &text[range.end..]);
                let heard = Stretch {
                    sounds: joined(&words[stretch]),
                    cue: cue(before, after),
                    starts_sentence: starts_sentence(before),
                    replaced,
                };
                self.find(&heard, written, &mut found);
            }
        }
        places(found)
    }

    /// Adds the names that may have been said instead of a stretch.
    fn find(&self, heard: &Stretch, written: &Written<'_>, found: &mut Vec<Found>) {
        let as_written: f32 = written.sureness(&heard.replaced).iter().sum();
        let Some(openings) = written.openings.get(heard.replaced.start) else {
            return;
        };
        let length = heard.sounds.len();
        let comparable = |name: &Name| {
            let sounds = name.sounds.len();
            sounds >= LEAST_SOUNDS && sounds.abs_diff(length) * 2 <= sounds
        };
        let mut row = Vec::new();
        for (index, name) in self.names.iter().enumerate() {
            if !comparable(name) {
                continue;
            }
            let spelling = if heard.starts_sentence {
                &name.first
            } else {
                &name.within
            };
            let opening = openings
                .get(spelling.opening)
                .copied()
                .unwrap_or(f32::NEG_INFINITY);
            let others = heard.cue + opening - as_written;
            if at_most(length.min(name.sounds.len())) + others < LEAST_PROMISE {
                continue;
            }
            let evidence = evidence(&heard.sounds, &name.sounds, &mut row);
            if evidence + others >= LEAST_PROMISE {
                let candidate = Candidate {
                    name: index,
                    tokens: spelling.tokens.clone(),
                    replaced: heard.replaced.clone(),
                    evidence: evidence + heard.cue,
                };
                found.push((evidence + others, candidate));
            }
        }
    }

    fn is_name(&self, word: &Sounded, text: &str) -> bool {
        let letters = trimmed(&word.source, text).map(|range| text[range].to_lowercase());
        letters.is_some_and(|letters| self.names.iter().any(|name| name.lowercase == letters))
    }
}

/// Sorts candidates into places.
fn places(mut found: Vec<Found>) -> Vec<Place> {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let overlap =
        |a: &Candidate, b: &Candidate| a.replaced.start < b.replaced.end && b.replaced.start < a.replaced.end;
    let mut places: Vec<(f32, Place)> = Vec::new();
    for (promise, candidate) in found {
        let meets = |place: &Place| place.iter().any(|other| overlap(other, &candidate));
        let touched: Vec<usize> = (0..places.len()).filter(|at| meets(&places[*at].1)).collect();
        match touched[..] {
            [] if places.len() < MOST_PLACES => places.push((promise, vec![candidate])),
            [at] => {
                let (best, place) = &mut places[at];
                let beside = place.len() < MOST_RIVALS && overlap(&place[0], &candidate);
                if beside && promise >= *best - RIVAL {
                    place.push(candidate);
                }
            }
            _ => {}
        }
    }
    let mut places: Vec<Place> = places.into_iter().map(|(_, place)| place).collect();
    for place in &mut places {
        place.sort_by_key(|candidate| std::cmp::Reverse(candidate.replaced.start));
    }
    places.sort_by_key(|place| place[0].replaced.start);
    places
}

fn joined(words: &[Sounded]) -> Vec<Sound> {
    words
        .iter()
        .flat_map(|word| word.sounds.iter().copied())
        .collect()
}

/// Where a stretch of words is written, punctuation after it left out.
///
/// A number is not part of it, for it may be the dose, unless the dose follows it ("lisar 10 50 milligrams": losartan).
fn written_range(words: &[Sounded], stretch: &Range<usize>, text: &str) -> Option<Range<usize>> {
    let (first, last) = (words.get(stretch.start)?, words.get(stretch.end.checked_sub(1)?)?);
    let range = trimmed(&(first.source.start..last.source.end), text)?;
    // Where several words are said for one that is written, they belong together.
    let torn = |inside: &Sounded, outside: Option<&Sounded>| {
        outside.is_some_and(|outside| outside.source == inside.source)
    };
    let before = stretch.start.checked_sub(1).and_then(|before| words.get(before));
    if torn(first, before) || torn(last, words.get(stretch.end)) {
        return None;
    }
    let has_digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let doubtful_number = begins_with_digit(&text[last.source.clone()])
        && begins_with_digit(&text[range.end..])
        && first.source != last.source
        && !has_digit(&text[range.start..last.source.start]);
    (doubtful_number || !has_digit(&text[range.clone()])).then_some(range)
}

/// A range of the text without the spaces before it and the punctuation after it.
fn trimmed(range: &Range<usize>, text: &str) -> Option<Range<usize>> {
    let letters = text.get(range.clone())?.trim_start();
    let from = range.end - letters.len();
    let letters = letters.trim_end_matches(|c: char| !c.is_alphanumeric());
    (!letters.is_empty()).then(|| from..from + letters.len())
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

    fn stretch(text: &str, from: usize, to: usize) -> Option<String> {
        let range = written_range(&words(text), &(from..to), text)?;
        Some(text[range].to_owned())
    }

    #[test]
    fn a_stretch_is_written_without_what_follows_it() {
        let text = " on, sir, true lane?";
        assert_eq!(stretch(text, 1, 4).as_deref(), Some("sir, true lane"));
    }

    #[test]
    fn a_dose_is_never_part_of_a_name() {
        assert_eq!(stretch("take lisar 10 milligrams", 1, 3), None);
        assert_eq!(stretch("take lisar 10", 1, 3), None);
        assert_eq!(stretch("take lisar 100 milligrams", 1, 3), None);
        assert_eq!(
            stretch("take lisar 10 50 milligrams", 1, 3).as_deref(),
            Some("lisar 10")
        );
        assert_eq!(stretch("take lisar 10 50 milligrams", 1, 4), None);
        assert_eq!(stretch("take 10 50 milligrams", 1, 2), None);
    }

    fn candidate(name: usize, replaced: Range<usize>) -> Candidate {
        Candidate {
            name,
            tokens: Vec::new(),
            replaced,
            evidence: 0.0,
        }
    }

    #[test]
    fn places_hold_rivals_and_do_not_overlap() {
        let found = vec![
            (20.0, candidate(1, 0..2)),
            (19.0, candidate(2, 1..3)),
            (18.0, candidate(3, 4..6)),
            // Reaches from one place into the other.
            (17.0, candidate(4, 1..5)),
            (16.0, candidate(5, 5..7)),
            // Not promising enough beside the first.
            (11.0, candidate(6, 0..2)),
        ];
        let names: Vec<Vec<usize>> = places(found)
            .iter()
            .map(|place| place.iter().map(|candidate| candidate.name).collect())
            .collect();
        assert_eq!(names, [[2, 1], [5, 3]]);
    }

    #[test]
    fn sentences_begin_with_a_capital() {
        assert_eq!(capitalised("eliquis"), "Eliquis");
        assert!(starts_sentence(" ") && starts_sentence("I see. ") && !starts_sentence("take "));
    }
}
