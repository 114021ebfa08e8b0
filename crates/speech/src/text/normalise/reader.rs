//! What rules read and write.

use std::ops::Range;

use super::{Break, SpokenWord, token};
use token::{Kind, Token};

/// The tokens of a text. Positions count tokens; those past the end hold nothing.
pub(super) struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    shouted: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let tokens = token::tokens(text);
        let words = tokens.iter().filter(|token| token.kind == Kind::Word).count();
        Self {
            text,
            tokens,
            shouted: words > 1 && !text.chars().any(char::is_lowercase),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    pub(super) fn word(&self, at: usize) -> Option<&'t str> {
        self.tokens
            .get(at)
            .filter(|token| token.kind == Kind::Word)
            .map(|token| token.text)
    }

    /// A number as written.
    pub(super) fn number(&self, at: usize) -> Option<&'t str> {
        self.tokens
            .get(at)
            .filter(|token| token.kind == Kind::Number)
            .map(|token| token.text)
    }

    /// A number of digits alone, and how many there are.
    pub(super) fn whole(&self, at: usize) -> Option<(u64, usize)> {
        let text = self.number(at)?;
        Some((text.parse().ok()?, text.len()))
    }

    pub(super) fn symbol(&self, at: usize) -> Option<char> {
        match self.kind(at) {
            Some(Kind::Symbol(symbol)) => Some(symbol),
            _ => None,
        }
    }

    pub(super) fn is(&self, at: usize, symbol: char) -> bool {
        self.symbol(at) == Some(symbol)
    }

    /// Nothing stands between this token and the one before it.
    pub(super) fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.spaced)
    }

    /// White space stands before and after this token.
    pub(super) fn loose(&self, at: usize) -> bool {
        !self.glued(at) && !self.glued(at + 1)
    }

    /// A symbol with nothing around it: the `/` of `120/80`.
    pub(super) fn joined_by(&self, at: usize, symbol: char) -> bool {
        self.is(at, symbol) && self.glued(at) && self.glued(at + 1)
    }

    /// The token before, if it is a word.
    pub(super) fn word_before(&self, at: usize) -> Option<&'t str> {
        self.word(at.checked_sub(1)?)
    }

    /// The bytes from the first of these tokens to the last.
    pub(super) fn span(&self, tokens: Range<usize>) -> Range<usize> {
        let start = self
            .tokens
            .get(tokens.start)
            .map_or(self.text.len(), |token| token.at.start);
        let end = self
            .tokens
            .get(tokens.end.wrapping_sub(1))
            .map_or(start, |token| token.at.end);
        start..end.max(start)
    }

    /// The text from this token up to white space.
    pub(super) fn chunk(&self, at: usize) -> &'t str {
        let rest = &self.text[self.span(at..at + 1).start..];
        rest.split(char::is_whitespace).next().unwrap_or_default()
    }

    /// How many tokens lie wholly within a number of bytes from the start of this token.
    pub(super) fn tokens_in(&self, at: usize, bytes: usize) -> usize {
        let end = self.span(at..at + 1).start + bytes;
        self.tokens[at..]
            .iter()
            .take_while(|token| token.at.end <= end)
            .count()
    }

    /// What follows this token starts a new sentence, or nothing follows.
    pub(super) fn ends_sentence(&self, at: usize) -> bool {
        self.tokens
            .get(at + 1)
            .is_none_or(|next| next.text == "\n" || next.text.starts_with(char::is_uppercase))
    }

    /// The whole text is in capitals, so that capitals mean nothing.
    pub(super) fn shouted(&self) -> bool {
        self.shouted
    }
}

/// The words said so far.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    words: Vec<SpokenWord>,
}

impl Spoken {
    /// Says words, separated by spaces, that stand for a stretch of the written text.
    pub(super) fn say(&mut self, phrase: &str, source: Range<usize>) {
        self.words
            .extend(phrase.split_whitespace().map(|word| SpokenWord {
                text: word.to_owned(),
                source: source.clone(),
                after: Break::None,
            }));
    }

    /// Breaks after the last word; the stronger break wins.
    pub(super) fn pause(&mut self, after: Break) {
        if let Some(last) = self.words.last_mut() {
            last.after = last.after.max(after);
        }
    }

    pub(super) fn into_words(self) -> Vec<SpokenWord> {
        self.words
    }
}
