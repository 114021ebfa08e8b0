//! Choosing the next token from its scores.

use super::tokenizer::{Token, Tokenizer};

/// A chosen token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    pub(super) token: Token,
    /// Natural logarithm of its probability among all tokens.
    pub(super) log_probability: f32,
}

/// What may be chosen.
#[derive(Debug)]
pub(super) struct Rules {
    /// One past the last token that may be: the end of the text.
    end: usize,
    /// Tokens that write no speech.
    never: Vec<Token>,
    /// A lone space, with which no text begins.
    blank: Option<Token>,
}

impl Rules {
    pub(super) fn new(tokenizer: &Tokenizer) -> Self {
        let texts = || (0..tokenizer.end_of_text).map(|token| (token, tokenizer.bytes_of(token)));
        Self {
            end: tokenizer.end_of_text as usize + 1,
            never: texts()
                .filter(|(_, bytes)| is_non_speech(bytes))
                .map(|(token, _)| token)
                .collect(),
            blank: texts().find(|(_, bytes)| *bytes == b" ").map(|(token, _)| token),
        }
    }

    /// The likeliest token that may follow; at the start of the text, not a blank.
    pub(super) fn choose(&self, scores: &mut [f32], at_start: bool) -> Choice {
        for token in self.never.iter().chain(self.blank.iter().filter(|_| at_start)) {
            if let Some(score) = scores.get_mut(*token as usize) {
                *score = f32::NEG_INFINITY;
            }
        }
        let allowed = &scores[..self.end.min(scores.len())];
        let best = maximum(allowed);
        let token = allowed.iter().position(|score| *score >= best).unwrap_or(0);
        Choice {
            token: token as Token,
            log_probability: best - log_sum_exp(scores),
        }
    }
}

/// Natural logarithm of the probability of one token.
pub(super) fn log_probability(scores: &[f32], token: Token) -> f32 {
    scores.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY) - log_sum_exp(scores)
}

/// Brackets, quotation and music notes, by which captions describe what is not speech. A slash and a colon are kept:
/// blood pressures and times are written with them.
fn is_non_speech(bytes: &[u8]) -> bool {
    const MARKS: &[u8] = b"\"#()*+;<=>@[\\]^_`{|}~";
    const FIRST_BYTES_OF_NOTES: &[u8] = &[0xE2, 0x99];
    let text = bytes.strip_prefix(b" ").unwrap_or(bytes);
    let dashes = |byte: &u8| matches!(byte, b'-' | b'\'');
    let only_marks = text.iter().all(|byte| MARKS.contains(byte) || dashes(byte));
    let lone_dash = bytes.len() == 1 && bytes.iter().all(dashes);
    (!text.is_empty() && only_marks && !lone_dash)
        || text.starts_with(FIRST_BYTES_OF_NOTES)
        || ["「", "」", "『", "』"]
            .iter()
            .any(|corner| corner.as_bytes() == text)
}

fn maximum(scores: &[f32]) -> f32 {
    // Independent lanes, so that the compiler can use vector registers.
    const LANES: usize = 64;
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = scores.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, score) in lanes.iter_mut().zip(chunk) {
            *lane = if *score > *lane { *score } else { *lane };
        }
    }
    lanes
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max)
}

/// Scores this far below the best add less than one part in a hundred, all of them together.
const NEGLIGIBLE: f32 = 16.0;

fn log_sum_exp(scores: &[f32]) -> f32 {
    let best = maximum(scores);
    let sum: f32 = scores
        .iter()
        .filter(|score| **score > best - NEGLIGIBLE)
        .map(|score| (score - best).exp())
        .sum();
    best + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::super::tokenizer::tests::small;
    use super::*;

    #[test]
    fn captions_are_never_written() {
        for text in ["[", " (", " -", "--", "♪", " ♪♪", "「", " >>", "\""] {
            assert!(is_non_speech(text.as_bytes()), "{text:?}");
        }
        for text in ["", " ", "/", ":", "-", "'", " it", "'s", ".", "?", "%", " -1"] {
            assert!(!is_non_speech(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn the_likeliest_allowed_token_is_chosen() {
        // "[", " ", "a", the end of the text, and six tokens that cannot be chosen.
        let rules = Rules::new(&small(&["[", "Ġ", "a"]));
        let scores = [9.0, 8.0, 7.0, 6.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(rules.choose(&mut scores.clone(), true).token, 2);
        assert_eq!(rules.choose(&mut scores.clone(), false).token, 1);
    }

    #[test]
    fn probabilities_add_up() {
        let scores: Vec<f32> = (0..1_000).map(|i| ((i * 37) % 100) as f32 / 10.0).collect();
        let sum: f32 = (0..1_000)
            .map(|token| log_probability(&scores, token).exp())
            .sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
    }
}
