//! One transcription, done in small steps so that more urgent work can go between them.

use std::collections::VecDeque;
use std::ops::Range;

use super::choice::{Choice, probability};
use super::decoder::Memory;
use super::repetition::repeated_tail;
use super::split::split;
use super::tokenizer::Token;
use super::{Recogniser, RecogniserError, Transcript, TranscriptionOptions};
use crate::mel::{HOP, LogMel, Padded, SAMPLE_RATE};

/// Silence the model is given after the speech, lest it leave the last words out. More only costs time.
const TAIL: usize = SAMPLE_RATE;
/// Samples per encoder position.
const POSITION: usize = 2 * HOP;
/// Most tokens decoded one by one in a step.
const TOKENS_PER_STEP: usize = 4;
/// Most tokens of a draft checked in a step.
const DRAFT_PER_STEP: usize = 7;
/// Nobody speaks faster than this.
const TOKENS_PER_SECOND: usize = 10;
/// Few speak faster than this; text beyond it is suspected of repeating itself.
const BRISK_TOKENS_PER_SECOND: usize = 5;

/// Whether there is more to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Call [`Transcription::step`] again.
    More,
    /// The text.
    Done(Transcript),
}

/// A transcription under way. Dropping it abandons it.
#[derive(Debug)]
pub struct Transcription {
    recogniser: Recogniser,
    options: TranscriptionOptions,
    audio: Vec<i16>,
    pieces: VecDeque<Range<usize>>,
    current: Option<Decoding>,
    done: Transcript,
    log_probability: f32,
    choices: usize,
}

/// The decoding of one piece.
#[derive(Debug)]
struct Decoding {
    memory: Memory,
    /// What is to be said next: the prompt, then the last token chosen.
    next: Vec<Token>,
    draft: VecDeque<Token>,
    tokens: Vec<Token>,
    /// As many tokens as the audio may well hold.
    plausible: usize,
    most: usize,
    no_speech: Option<f32>,
    log_probability: f32,
}

impl Transcription {
    pub(super) fn new(recogniser: Recogniser, audio: Vec<i16>, options: TranscriptionOptions) -> Self {
        Self {
            pieces: split(&audio).into(),
            recogniser,
            options,
            audio,
            current: None,
            done: Transcript::default(),
            log_probability: 0.0,
            choices: 0,
        }
    }

    /// Does the next piece of work: a spectrogram and the encoder (about 13 ms per second of audio for the small
    /// model), or a few tokens (about 10 ms). Not to be called again after [`Progress::Done`] or an error.
    pub fn step(&mut self) -> Result<Progress, RecogniserError> {
        match self.current.take() {
            None => match self.pieces.pop_front() {
                Some(piece) if piece.is_empty() => {}
                Some(piece) => self.current = Some(self.listen(piece)?),
                None => return Ok(Progress::Done(self.finish())),
            },
            Some(mut decoding) => {
                if decoding.step(&self.recogniser, &self.options)? {
                    self.keep(&decoding);
                } else {
                    self.current = Some(decoding);
                }
            }
        }
        if self.current.is_none() && self.pieces.is_empty() {
            return Ok(Progress::Done(self.finish()));
        }
        Ok(Progress::More)
    }

    fn listen(&self, piece: Range<usize>) -> Result<Decoding, RecogniserError> {
        let samples: Vec<f32> = self.audio[piece]
            .iter()
            .map(|sample| f32::from(*sample) / 32_768.0)
            .collect();
        let longest = self.recogniser.networks().shape.audio_positions * POSITION;
        let total = (samples.len() + TAIL).next_multiple_of(POSITION).min(longest);
        let spectrogram = LogMel::clone(&self.recogniser.inner.mel).spectrogram(&Padded {
            before: 0,
            level: 0.0,
            samples: &samples,
            after: total - samples.len(),
        });
        let most = (TOKENS_PER_SECOND * samples.len()).div_ceil(SAMPLE_RATE) + TOKENS_PER_SECOND;
        let most = most
            .min(self.options.max_tokens)
            .min(self.recogniser.most_tokens());
        let first_piece = self.done.tokens.is_empty();
        let draft: VecDeque<Token> = self
            .options
            .draft
            .iter()
            .copied()
            .filter(|_| first_piece)
            .collect();
        // Tokens of a draft that were taken back keep their place in memory.
        let room = most + draft.len() + DRAFT_PER_STEP;
        Ok(Decoding {
            memory: self.recogniser.networks().listen(&spectrogram, room)?,
            next: vec![self.recogniser.tokenizer().start],
            draft,
            tokens: Vec::new(),
            plausible: (BRISK_TOKENS_PER_SECOND * samples.len()).div_ceil(SAMPLE_RATE),
            most,
            no_speech: None,
            log_probability: 0.0,
        })
    }

    fn keep(&mut self, decoding: &Decoding) {
        let no_speech = decoding.no_speech.unwrap_or_default();
        self.done.no_speech = self.done.no_speech.max(no_speech);
        self.log_probability += decoding.log_probability;
        self.choices += decoding.tokens.len() + 1;
        if is_speech(no_speech, decoding.average(), decoding.tokens.len()) {
            self.done.tokens.extend(&decoding.tokens);
        }
    }

    fn finish(&mut self) -> Transcript {
        let done = std::mem::take(&mut self.done);
        Transcript {
            text: self.recogniser.tokenizer().decode(&done.tokens).trim().to_owned(),
            average_log_probability: self.log_probability / self.choices.max(1) as f32,
            ..done
        }
    }
}

impl Decoding {
    /// Whether the piece is complete.
    fn step(
        &mut self,
        recogniser: &Recogniser,
        options: &TranscriptionOptions,
    ) -> Result<bool, RecogniserError> {
        if self.no_speech.is_none() {
            let scores = recogniser.networks().say(&mut self.memory, &self.next)?;
            self.no_speech = Some(probability(&scores, recogniser.tokenizer().no_speech));
            self.next = recogniser.tokenizer().prompt(options.language.as_deref());
        }
        if !self.draft.is_empty() {
            return self.check_draft(recogniser);
        }
        for _ in 0..TOKENS_PER_STEP {
            let mut scores = recogniser.networks().say(&mut self.memory, &self.next)?;
            let from = scores.len() - recogniser.networks().shape.vocabulary;
            let choice = recogniser
                .rules()
                .choose(&mut scores[from..], self.tokens.is_empty());
            if self.accept(choice, recogniser) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Says a stretch of the draft at once and keeps it as far as each token is the one that would have been chosen.
    fn check_draft(&mut self, recogniser: &Recogniser) -> Result<bool, RecogniserError> {
        let guess: Vec<Token> = self.draft.drain(..self.draft.len().min(DRAFT_PER_STEP)).collect();
        let prompt = self.next.len();
        let said = [self.next.as_slice(), &guess].concat();
        let mut scores = recogniser.networks().say(&mut self.memory, &said)?;
        let rows = scores
            .chunks_exact_mut(recogniser.networks().shape.vocabulary)
            .skip(prompt - 1);
        let mut right = 0;
        for row in rows {
            let choice = recogniser.rules().choose(row, self.tokens.is_empty());
            if self.accept(choice, recogniser) {
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

    /// Whether this ends the text.
    fn accept(&mut self, choice: Choice, recogniser: &Recogniser) -> bool {
        self.log_probability += choice.log_probability;
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
        self.tokens.truncate(like.len() - repeated);
        repeated > 0
    }

    /// Average logarithm of the probabilities of everything chosen, the end included.
    fn average(&self) -> f32 {
        self.log_probability / (self.tokens.len() + 1) as f32
    }
}

/// Whether text is to be believed, by how likely it is that there was no speech and how sure the text is.
///
/// On 26 clips of read speech the former stays below 0.25, under noise of equal power below 0.7; on silence, hum,
/// breath and coughs it is above 0.5, and what is then written, if anything, is a short guess ("you").
fn is_speech(no_speech: f32, average_log_probability: f32, tokens: usize) -> bool {
    let guess = tokens <= 4 && no_speech > 0.5 && average_log_probability < -0.5;
    let babble = no_speech > 0.6 && average_log_probability < -1.0;
    !(guess || babble)
}

#[cfg(test)]
mod tests {
    use super::is_speech;

    #[test]
    fn guesses_at_silence_are_not_believed() {
        assert!(!is_speech(0.98, -0.9, 1));
        assert!(!is_speech(0.56, -2.2, 1));
        assert!(!is_speech(0.7, -1.2, 20));
    }

    #[test]
    fn speech_is_believed_even_in_noise() {
        assert!(is_speech(0.24, -0.2, 18));
        assert!(is_speech(0.02, -1.5, 2));
        assert!(is_speech(0.67, -0.8, 18));
        assert!(is_speech(0.55, -0.3, 2));
    }
}
