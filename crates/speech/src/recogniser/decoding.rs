//! Writing down one piece of audio, token by token, several at once where they can be guessed.

use std::collections::VecDeque;

use super::choice::{Choice, log_probability};
use super::decoder::Memory;
use super::repetition::repeated_tail;
use super::tokenizer::Token;
use super::vocabulary::{Openings, Place, Vocabulary, Written};
use super::{Recogniser, RecogniserError, TranscriptionOptions};
use crate::mel::{HOP, LogMel, Padded, SAMPLE_RATE};

/// Silence the model is given after the speech, lest it leave the last words out or start over. More only costs time.
const TAIL: usize = SAMPLE_RATE;
/// Samples per encoder position.
const POSITION: usize = 2 * HOP;
/// Most tokens written one by one in a step.
const TOKENS_PER_STEP: usize = 4;
/// Most tokens of a draft checked in a step: with the one before them a full tile of the kernels.
const DRAFT_PER_STEP: usize = 7;
/// Nobody speaks faster than this.
const TOKENS_PER_SECOND: usize = 10;
/// Few speak faster than this; text beyond it is suspected of repeating itself.
const BRISK_TOKENS_PER_SECOND: usize = 5;

/// The decoding of one piece.
#[derive(Debug)]
pub(super) struct Decoding {
    pub(super) tokens: Vec<Token>,
    /// Natural logarithms: of each token and, where the model ended the text, of its end.
    pub(super) log_probabilities: Vec<f32>,
    /// Probability that there was no speech, once known.
    pub(super) no_speech: Option<f32>,
    pub(super) memory: Memory,
    pub(super) prompt: Vec<Token>,
    /// What is to be said next: the prompt, then the last token chosen.
    next: Vec<Token>,
    draft: VecDeque<Token>,
    /// As many tokens as the audio may well hold.
    plausible: usize,
    most: usize,
    /// For each token written, how likely names were to begin there, if that is wanted.
    openings: Option<Vec<Openings>>,
    /// Once the text is written: places where a name may have been said, the last first out.
    places: Option<Vec<Place>>,
}

impl Decoding {
    /// Listens to 16 kHz PCM of at most 30 s less [`TAIL`].
    pub(super) fn begin(
        recogniser: &Recogniser,
        audio: &[i16],
        options: &TranscriptionOptions,
        draft: Vec<Token>,
    ) -> Result<Self, RecogniserError> {
        let samples: Vec<f32> = audio.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
        let longest = recogniser.networks().shape.audio_positions * POSITION;
        let total = (samples.len() + TAIL).next_multiple_of(POSITION).min(longest);
        let spectrogram = LogMel::clone(&recogniser.inner.mel).spectrogram(&Padded {
            before: 0,
            level: 0.0,
            samples: &samples,
            after: total.saturating_sub(samples.len()),
        });
        let most = (TOKENS_PER_SECOND * samples.len()).div_ceil(SAMPLE_RATE) + TOKENS_PER_SECOND;
        let most = most.min(options.max_tokens).min(recogniser.most_tokens());
        // Tokens of a draft that were taken back keep their place in memory.
        let room = most + draft.len() + DRAFT_PER_STEP;
        Ok(Self {
            tokens: Vec::new(),
            log_probabilities: Vec::new(),
            no_speech: None,
            memory: recogniser.networks().listen(&spectrogram, room)?,
            prompt: recogniser.tokenizer().prompt(options.language.as_deref()),
            next: vec![recogniser.tokenizer().start],
            draft: draft.into(),
            plausible: (BRISK_TOKENS_PER_SECOND * samples.len()).div_ceil(SAMPLE_RATE),
            most,
            openings: vocabulary_for(recogniser, options).map(|_| Vec::new()),
            places: None,
        })
    }

    /// Does a little; whether the piece is complete.
    pub(super) fn step(
        &mut self,
        recogniser: &Recogniser,
        options: &TranscriptionOptions,
    ) -> Result<bool, RecogniserError> {
        if let Some(places) = &mut self.places {
            if let Some(place) = places.pop() {
                self.check_names(recogniser, &place)?;
            }
            return Ok(self.places.as_ref().is_none_or(Vec::is_empty));
        }
        if self.no_speech.is_none() {
            let scores = recogniser.networks().say(&mut self.memory, &self.next)?;
            self.no_speech = Some(log_probability(&scores, recogniser.tokenizer().no_speech).exp());
            self.next.clone_from(&self.prompt);
        }
        let written = if self.draft.is_empty() {
            self.write(recogniser)?
        } else {
            self.check_draft(recogniser)?
        };
        if !written {
            return Ok(false);
        }
        let places = match (vocabulary_for(recogniser, options), &self.openings) {
            (Some(vocabulary), Some(openings)) => {
                let written = Written {
                    tokens: &self.tokens,
                    log_probabilities: &self.log_probabilities,
                    openings,
                };
                vocabulary.places(&written, recogniser.tokenizer())
            }
            _ => Vec::new(),
        };
        Ok(self.places.insert(places).is_empty())
    }

    /// Writes a few tokens; whether the text is complete.
    fn write(&mut self, recogniser: &Recogniser) -> Result<bool, RecogniserError> {
        for _ in 0..TOKENS_PER_STEP {
            let mut scores = recogniser.networks().say(&mut self.memory, &self.next)?;
            let last = scores.len() - recogniser.networks().shape.vocabulary;
            let row = &mut scores[last..];
            let choice = recogniser.rules().choose(row, self.tokens.is_empty());
            if self.accept(choice, row, recogniser) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Says a stretch of the draft at once and keeps it as far as each token is the one that would have been chosen.
    fn check_draft(&mut self, recogniser: &Recogniser) -> Result<bool, RecogniserError> {
        let guess: Vec<Token> = self.draft.drain(..self.draft.len().min(DRAFT_PER_STEP)).collect();
        let given = self.next.len();
        let said = [self.next.as_slice(), &guess].concat();
        let mut scores = recogniser.networks().say(&mut self.memory, &said)?;
        let rows = scores
            .chunks_exact_mut(recogniser.networks().shape.vocabulary)
            .skip(given - 1);
        let mut right = 0;
        for row in rows {
            let choice = recogniser.rules().choose(row, self.tokens.is_empty());
            if self.accept(choice, row, recogniser) {
                return Ok(true);
            }
            if guess.get(right) != Some(&choice.token) {
                break;
            }
            right += 1;
        }
        self.memory.take_back(guess.len() - right);
        // All of it was right, and one more token came for nothing: the rest must begin with that one.
        let goes_on = right == guess.len() && self.draft.pop_front().as_ref() == self.next.first();
        if !goes_on {
            self.draft.clear();
        }
        Ok(false)
    }

    /// Takes the token chosen by a row of scores; whether this ends the text.
    fn accept(&mut self, choice: Choice, scores: &[f32], recogniser: &Recogniser) -> bool {
        self.log_probabilities.push(choice.log_probability);
        if let (Some(openings), Some(vocabulary)) = (&mut self.openings, recogniser.vocabulary()) {
            openings.push(vocabulary.openings(scores, choice));
        }
        if choice.token == recogniser.tokenizer().end_of_text {
            self.drop_repetition(recogniser, 0);
            return true;
        }
        self.tokens.push(choice.token);
        self.next = vec![choice.token];
        // While there is time for it, the patient may be repeating themselves and have more to say.
        let patience = usize::from(self.tokens.len() <= self.plausible);
        self.drop_repetition(recogniser, patience) || self.tokens.len() >= self.most
    }

    /// Whether there was any.
    fn drop_repetition(&mut self, recogniser: &Recogniser, patience: usize) -> bool {
        let like = recogniser.likeness().of(&self.tokens);
        let repeated = repeated_tail(&like, patience);
        if repeated > 0 {
            self.tokens.truncate(like.len() - repeated);
            self.log_probabilities.truncate(self.tokens.len());
        }
        repeated > 0
    }
}

/// The names to put right, if that is wanted.
fn vocabulary_for<'a>(recogniser: &'a Recogniser, options: &TranscriptionOptions) -> Option<&'a Vocabulary> {
    recogniser
        .vocabulary()
        .filter(|_| options.medicines && options.is_english())
}
