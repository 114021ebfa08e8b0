//! What the voice reads: symbol numbers, and which word each belongs to.

use std::collections::HashMap;

use super::SynthesisError;
use crate::text::normalise::{Break, SpokenWord};
use crate::text::phonemes::Pronunciation;

/// The numbers of the voice's symbols.
#[derive(Debug, Clone)]
pub(super) struct Alphabet {
    symbols: HashMap<char, i32>,
    start: i32,
    blank: i32,
    end: i32,
}

/// A clause as the voice reads it: `^ _ p _ p _ … $`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sequence {
    pub(super) ids: Vec<i32>,
    /// The word each symbol sounds in; none for the frame, the spaces and the punctuation.
    pub(super) words: Vec<Option<usize>>,
}

impl Alphabet {
    pub(super) fn new(symbols: HashMap<char, i32>) -> Result<Self, SynthesisError> {
        let required = |symbol: char| {
            symbols
                .get(&symbol)
                .copied()
                .ok_or(SynthesisError::MissingSymbol(symbol))
        };
        Ok(Self {
            start: required('^')?,
            blank: required('_')?,
            end: required('$')?,
            symbols,
        })
    }

    /// Lays out a clause. Symbols the voice does not know are passed over.
    pub(super) fn sequence(&self, spoken: &[SpokenWord], pronunciation: &Pronunciation) -> Sequence {
        let mut sequence = Sequence::default();
        sequence.push(self.start, None);
        sequence.push(self.blank, None);
        let mut add = |symbol: char, word: Option<usize>| {
            if let Some(&id) = self.symbols.get(&symbol) {
                sequence.push(id, word);
                sequence.push(self.blank, word);
            }
        };
        for (index, (word, phonemes)) in spoken.iter().zip(&pronunciation.words).enumerate() {
            if index > 0 {
                add(' ', None);
            }
            for symbol in phonemes.chars() {
                add(symbol, Some(index));
            }
            if let Some(mark) = mark(word.after) {
                add(mark, None);
            }
        }
        sequence.push(self.end, None);
        sequence
    }
}

impl Sequence {
    fn push(&mut self, id: i32, word: Option<usize>) {
        self.ids.push(id);
        self.words.push(word);
    }
}

fn mark(after: Break) -> Option<char> {
    match after {
        Break::None => None,
        Break::Comma => Some(','),
        Break::Colon => Some(';'),
        Break::Stop => Some('.'),
        Break::Exclamation => Some('!'),
        Break::Question => Some('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_framed_and_know_their_word() {
        let symbols = ['_', '^', '$', ' ', '.', 'a', 'b'].into_iter().zip(0..).collect();
        let alphabet = Alphabet::new(symbols).unwrap();
        let word = |after| SpokenWord {
            text: "x".into(),
            source: 0..1,
            after,
        };
        let pronunciation = Pronunciation {
            words: vec!["ab".into(), "b?".into()],
        };
        let sequence = alphabet.sequence(&[word(Break::None), word(Break::Stop)], &pronunciation);
        assert_eq!(sequence.ids, [1, 0, 5, 0, 6, 0, 3, 0, 6, 0, 4, 0, 2]);
        let of_word = |index| sequence.words.iter().filter(|word| **word == Some(index)).count();
        assert_eq!((of_word(0), of_word(1)), (4, 2));
    }

    #[test]
    fn a_voice_without_its_frame_is_refused() {
        let lacking = HashMap::from([('^', 1), ('$', 2)]);
        assert!(matches!(
            Alphabet::new(lacking),
            Err(SynthesisError::MissingSymbol('_'))
        ));
    }
}
