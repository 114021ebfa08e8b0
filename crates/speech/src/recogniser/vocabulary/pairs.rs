//! Spelling text in tokens: byte-pair encoding.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::super::RecogniserError;
use super::super::tokenizer::{Token, Tokenizer};

/// Which two tokens join to which, and in which order of preference.
#[derive(Debug)]
pub(super) struct Pairs {
    joined: HashMap<(Token, Token), (usize, Token)>,
}

#[derive(Deserialize)]
struct File {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, Token>,
    merges: Vec<Merge>,
}

/// `"a b"` or `["a", "b"]`, by the version of the file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Line(String),
    Pair(String, String),
}

impl Pairs {
    /// Reads a `tokenizer.json`.
    pub(super) fn load(path: &Path) -> Result<Self, RecogniserError> {
        let read = || -> std::io::Result<File> { Ok(serde_json::from_slice(&std::fs::read(path)?)?) };
        let file = read().map_err(|source| RecogniserError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self::new(&file.model))
    }

    fn new(model: &Model) -> Self {
        let token = |text: &str| model.vocab.get(text).copied();
        let join = |(rank, merge): (usize, &Merge)| {
            let (left, right) = match merge {
                Merge::Line(line) => line.split_once(' ')?,
                Merge::Pair(left, right) => (left.as_str(), right.as_str()),
            };
            Some((
                (token(left)?, token(right)?),
                (rank, token(&format!("{left}{right}"))?),
            ))
        };
        Self {
            joined: model.merges.iter().enumerate().filter_map(join).collect(),
        }
    }

    /// The tokens of one word, with the space before it if it has one. Bytes without a token are left out.
    pub(super) fn spell(&self, word: &str, tokenizer: &Tokenizer) -> Vec<Token> {
        let mut tokens: Vec<Token> = word
            .bytes()
            .filter_map(|byte| (0..256).find(|token| tokenizer.bytes_of(*token) == [byte]))
            .collect();
        loop {
            let pair = |i: usize| {
                self.joined
                    .get(&(tokens[i], tokens[i + 1]))
                    .map(|join| (*join, i))
            };
            let Some(((_, token), at)) = (0..tokens.len().saturating_sub(1)).filter_map(pair).min() else {
                return tokens;
            };
            tokens.splice(at..at + 2, [token]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tokenizer::tests::small;
    use super::*;

    #[test]
    fn the_preferred_pair_joins_first() {
        let words = ["a", "b", "c", "bc", "ab", "abc"];
        let model = Model {
            vocab: words.iter().map(|word| (*word).to_owned()).zip(0..).collect(),
            merges: vec![
                Merge::Line("b c".to_owned()),
                Merge::Pair("a".to_owned(), "b".to_owned()),
                Merge::Line("a bc".to_owned()),
            ],
        };
        let (pairs, tokenizer) = (Pairs::new(&model), small(&words));
        assert_eq!(pairs.spell("abc", &tokenizer), [5]);
        assert_eq!(pairs.spell("abab", &tokenizer), [4, 4]);
    }
}
