use std::ops::Range;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::super::words::Word;

/// A regular expression over one sentence in canonical form, words joined by single spaces; it matches whole words.
///
/// Written in canonical form itself: lower case, "do not" for "don't".
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    source: String,
    regex: Regex,
}

/// A pattern that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadPattern {
    /// It is not a regular expression.
    #[error("not a pattern: {0}")]
    Syntax(#[from] regex::Error),
    /// It has characters that canonical words never have, so it could not match what it seems to.
    #[error("pattern `{0}` must be lower case, without apostrophes")]
    NotCanonical(String),
    /// It matches the empty text, and so everything.
    #[error("pattern `{0}` matches nothing at all")]
    MatchesEmpty(String),
}

impl TryFrom<String> for Pattern {
    type Error = BadPattern;

    fn try_from(source: String) -> Result<Self, BadPattern> {
        let mut escaped = false;
        let canonical = source.chars().all(|c| {
            let fits = escaped || !(c.is_uppercase() || matches!(c, '\'' | '’'));
            escaped = c == '\\' && !escaped;
            fits
        });
        if !canonical {
            return Err(BadPattern::NotCanonical(source));
        }
        if compile(&source)?.is_match("") {
            return Err(BadPattern::MatchesEmpty(source));
        }
        let regex = compile(&format!(r"\b(?:{source})\b"))?;
        Ok(Self { source, regex })
    }
}

/// Patterns are ASCII: Unicode classes make a hundred of them twenty times slower to compile.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).build()
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Pattern {
    /// Whether a negation is part of what it looks for ("can not breathe").
    pub(super) fn holds_negation(&self) -> bool {
        self.source
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| matches!(word, "not" | "no" | "never" | "nothing" | "without"))
    }

    /// Where it matches, as ranges of word indices.
    pub(super) fn find_all(&self, haystack: &Haystack) -> Vec<Range<usize>> {
        self.regex
            .find_iter(&haystack.text)
            .map(|found| haystack.words_at(found.range()))
            .collect()
    }
}

/// One sentence as patterns see it.
pub(super) struct Haystack {
    /// Its words, as indices into the transcript's.
    pub(super) sentence: Range<usize>,
    text: String,
    starts: Vec<usize>,
}

impl Haystack {
    pub(super) fn new(words: &[Word], sentence: Range<usize>) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(sentence.len());
        for word in &words[sentence.clone()] {
            if !text.is_empty() {
                text.push(' ');
            }
            starts.push(text.len());
            text.push_str(&word.text);
        }
        Self {
            sentence,
            text,
            starts,
        }
    }

    fn words_at(&self, bytes: Range<usize>) -> Range<usize> {
        let first = self
            .starts
            .partition_point(|start| *start <= bytes.start)
            .saturating_sub(1);
        let last = self.starts.partition_point(|start| *start < bytes.end);
        self.sentence.start + first..self.sentence.start + last.max(first + 1)
    }
}
