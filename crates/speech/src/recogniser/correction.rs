//! Putting names right that were heard but misspelt.

use super::choice::log_probability;
use super::decoding::Decoding;
use super::tokenizer::Token;
use super::vocabulary::{Candidate, Spelling};
use super::{Recogniser, RecogniserError};

impl Decoding {
    /// Puts in the likeliest of a candidate's names if the network finds it likely enough in its place. The text before
    /// the candidate must be as it was written.
    pub(super) fn check_names(
        &mut self,
        recogniser: &Recogniser,
        candidate: &Candidate,
    ) -> Result<(), RecogniserError> {
        let start = candidate.replaced.start;
        let written: f32 = self.log_probabilities[start..].iter().sum();
        let mut best: Option<(f32, Vec<Token>, Vec<f32>)> = None;
        for spelling in &candidate.spellings {
            let tokens = [&spelling.tokens, &self.tokens[candidate.replaced.end..]].concat();
            let judged = self.judge(recogniser, start, &tokens)?;
            let gain = judged.iter().sum::<f32>() - written;
            if gain > -tolerance(spelling) && best.as_ref().is_none_or(|(most, ..)| gain > *most) {
                best = Some((gain, tokens, judged));
            }
        }
        if let Some((_, tokens, judged)) = best {
            self.tokens.truncate(start);
            self.tokens.extend(tokens);
            self.log_probabilities.truncate(start);
            self.log_probabilities.extend(judged);
        }
        Ok(())
    }

    /// Logarithms of the probabilities of tokens from `start` on, and of the end if the text had one.
    fn judge(
        &mut self,
        recogniser: &Recogniser,
        start: usize,
        tokens: &[Token],
    ) -> Result<Vec<f32>, RecogniserError> {
        let before = self.tokens[..start].last().or(self.prompt.last()).copied();
        let said: Vec<Token> = before.into_iter().chain(tokens.iter().copied()).collect();
        // The opening token stands before the prompt, and the last token kept is said again.
        let kept = self.prompt.len() + start;
        self.memory.take_back(self.memory.position().saturating_sub(kept));
        let scores = recogniser.networks().say(&mut self.memory, &said)?;
        let ended = self.log_probabilities.len() > self.tokens.len();
        let end = ended.then_some(recogniser.tokenizer().end_of_text);
        Ok(scores
            .chunks_exact(recogniser.networks().shape.vocabulary)
            .zip(tokens.iter().copied().chain(end))
            .map(|(row, token)| log_probability(row, token))
            .collect())
    }
}

/// How much less likely than what was written (natural logarithm) a name may be: the more alike they sound, the more.
///
/// Set by 20 misheard names, of which one lies outside, and some 200 stretches of ordinary speech that sound somewhat
/// like a name, of which none lies inside.
fn tolerance(spelling: &Spelling) -> f32 {
    const AT_MOST: f32 = 17.0;
    (32.0 - 90.0 * spelling.distance).min(AT_MOST)
}
