//! Recognising that the decoder has begun to repeat itself, which it does when it hears less than the 30 s it was
//! trained on.

use std::collections::HashMap;

use super::tokenizer::{Token, Tokenizer};

/// For each token, the first one that differs from it in case, space or kind of punctuation alone: a decoder that
/// starts over rarely does so to the letter.
#[derive(Debug)]
pub(super) struct Likeness(Vec<Token>);

impl Likeness {
    pub(super) fn new(tokenizer: &Tokenizer) -> Self {
        let mut first: HashMap<Vec<u8>, Token> = HashMap::new();
        let tokens = 0..tokenizer.end_of_text;
        let like = tokens.map(|token| {
            let bytes = tokenizer.bytes_of(token);
            let letters = bytes
                .iter()
                .filter(|b| !b.is_ascii_whitespace() && !b.is_ascii_punctuation());
            *first
                .entry(letters.map(u8::to_ascii_lowercase).collect())
                .or_insert(token)
        });
        Self(like.collect())
    }

    pub(super) fn of(&self, tokens: &[Token]) -> Vec<Token> {
        let like = |token: &Token| self.0.get(*token as usize).copied().unwrap_or(*token);
        tokens.iter().map(like).collect()
    }
}

/// How many tokens at the end only repeat what stands before them, with `patience` more copies than would do; zero
/// while nothing does.
///
/// Patients repeat themselves too ("no, no, no"), so the shorter the block the more copies it takes: five of one
/// token, four of two, three of three, two of four to forty.
pub(super) fn repeated_tail<T: PartialEq>(tokens: &[T], patience: usize) -> usize {
    const LONGEST: usize = 40;
    let copies = |block| patience + if block < 4 { 5 - block } else { 1 };
    (1..=LONGEST)
        .map(|block| (block, copies(block) * block))
        .filter(|(block, extra)| block + extra <= tokens.len())
        .find(|(block, extra)| {
            let tail = tokens.len() - extra;
            tokens[tail..] == tokens[tail - block..tokens.len() - block]
        })
        .map_or(0, |(block, _)| {
            // Found late, the copies begin before the tail: all but the first go, a broken one included.
            let pairs = tokens
                .iter()
                .rev()
                .zip(tokens[..tokens.len() - block].iter().rev());
            pairs.take_while(|(token, before)| token == before).count()
        })
}

#[cfg(test)]
mod tests {
    use super::super::tokenizer::tests::small;
    use super::*;

    #[test]
    fn case_space_and_punctuation_make_no_difference() {
        let tokenizer = small(&["Go", "Ġon", ".", "Ġgo", "Ġon,", "Ġ10"]);
        assert_eq!(
            Likeness::new(&tokenizer).of(&[0, 1, 2, 3, 4, 5]),
            [0, 1, 2, 0, 1, 5]
        );
    }

    fn check(text: &str, repeated: usize) {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(repeated_tail(&tokens, 0), repeated, "{text}");
    }

    #[test]
    fn ordinary_speech_is_left_alone() {
        check("", 0);
        check("no no no no", 0);
        check("it hurts it hurts it hurts", 0);
        check("I feel sick I feel sick", 0);
        check("a b c d e a b c d f", 0);
    }

    #[test]
    fn loops_are_found_at_every_length() {
        check("x no no no no no", 4);
        check("x it hurts it hurts it hurts it hurts", 6);
        check("I feel sick I feel sick I feel sick", 6);
        check("go forward ten meters go forward ten meters", 4);
        check("so a b c d e f a b c d e f", 6);
    }

    #[test]
    fn the_longest_block_is_forty() {
        let block: Vec<usize> = (0..40).collect();
        assert_eq!(repeated_tail(&[block.clone(), block].concat(), 0), 40);
        let block: Vec<usize> = (0..41).collect();
        assert_eq!(repeated_tail(&[block.clone(), block].concat(), 0), 0);
    }

    #[test]
    fn patience_asks_for_one_more_copy() {
        let twice = "I cannot breathe , I cannot breathe ,";
        let tokens: Vec<&str> = twice.split_whitespace().collect();
        assert_eq!(repeated_tail(&tokens, 0), 4);
        assert_eq!(repeated_tail(&tokens, 1), 0);
        let thrice = [&tokens[..], &tokens[..4]].concat();
        assert_eq!(repeated_tail(&thrice, 1), 8);
    }

    #[test]
    fn a_broken_copy_goes_with_the_whole_ones() {
        check("so a b c d e f a b c d e f a b c", 9);
    }
}
