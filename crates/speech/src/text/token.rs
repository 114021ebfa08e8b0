//! Written text cut into tokens.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, with apostrophes between them, or single letters with periods between them (`b.i.d.`).
    Word,
    /// ASCII digits, with thousands separators and a decimal part.
    Number,
    /// Any other character that is not white space, and the line break.
    Symbol(char),
}

/// A piece of the written text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// Where it stands, in bytes.
    pub(super) at: Range<usize>,
    /// White space, or nothing, stands before it.
    pub(super) spaced: bool,
}

/// Cuts text into tokens, in order; white space other than line breaks is dropped.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut spaced = true;
    let mut position = 0;
    while let Some(first) = text[position..].chars().next() {
        let rest = &text[position..];
        if first.is_whitespace() && first != '\n' {
            spaced = true;
            position += first.len_utf8();
            continue;
        }
        let (kind, length) = match first {
            '0'..='9' => (Kind::Number, number(rest)),
            '.' if starts_decimal(text, position) => (Kind::Number, 1 + digits(&rest[1..])),
            _ if first.is_alphabetic() => (Kind::Word, dotted(rest).unwrap_or_else(|| word(rest))),
            _ => (Kind::Symbol(first), first.len_utf8()),
        };
        let at = position..position + length;
        tokens.push(Token {
            kind,
            text: &text[at.clone()],
            at,
            spaced,
        });
        spaced = first == '\n';
        position += length;
    }
    tokens
}

/// `.5`, but not the period of `5.5.5` or of `a.5`.
fn starts_decimal(text: &str, position: usize) -> bool {
    let before = text[..position].chars().next_back();
    digits(&text[position + 1..]) > 0 && !before.is_some_and(|c| c.is_alphanumeric() || c == '.')
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn number(text: &str) -> usize {
    let mut length = digits(text);
    if length <= 3 {
        while text[length..].starts_with(',') && digits(&text[length + 1..]) == 3 {
            length += 4;
        }
    }
    let decimals = text[length..].strip_prefix('.').map_or(0, digits);
    if decimals > 0 {
        length + 1 + decimals
    } else {
        length
    }
}

/// Straight or curly.
pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

fn word(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    let mut length = 0;
    while let Some((at, c)) = characters.next() {
        let inside = c.is_alphabetic() || is_combining(c);
        let joins = is_apostrophe(c) && characters.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !inside && !joins {
            break;
        }
        length = at + c.len_utf8();
    }
    length
}

/// Combining diacritical marks stay with their letter.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// `b.i.d.`, `p.m`, `U.S.`: single letters with a period after each but perhaps the last.
fn dotted(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let mut length = 0;
    let mut letters = 0;
    while letter(length) && bytes.get(length + 1) == Some(&b'.') {
        length += 2;
        letters += 1;
    }
    let follows = text[length..].chars().next();
    if letter(length) && letters > 0 && !letter(length + 1) {
        return Some(length + 1);
    }
    (letters >= 2 && !follows.is_some_and(char::is_alphabetic)).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn numbers_keep_their_separators_and_decimals() {
        assert_eq!(
            cut("98.6, 1,000.5 and .5."),
            ["98.6", ",", "1,000.5", "and", ".5", "."]
        );
        assert_eq!(
            cut("1, 2 3,45 120/80"),
            ["1", ",", "2", "3", ",", "45", "120", "/", "80"]
        );
        assert_eq!(cut("1.2.3"), ["1.2", ".", "3"]);
    }

    #[test]
    fn dotted_abbreviations_are_one_word() {
        assert_eq!(
            cut("b.i.d. at 8 p.m. U.S. e.g."),
            ["b.i.d.", "at", "8", "p.m.", "U.S.", "e.g."]
        );
        assert_eq!(cut("I.am so. A.b"), ["I", ".", "am", "so", ".", "A.b"]);
    }

    #[test]
    fn apostrophes_join_letters_only() {
        assert_eq!(
            cut("don\u{2019}t 'so' dogs'"),
            ["don\u{2019}t", "'", "so", "'", "dogs", "'"]
        );
    }

    #[test]
    fn tokens_know_whether_they_are_glued() {
        let spaced: Vec<bool> = tokens("5mg 5 mg").iter().map(|token| token.spaced).collect();
        assert_eq!(spaced, [true, false, true, true]);
    }
}
