//! One transcription, done in small steps so that more urgent work can go between them.

use std::collections::VecDeque;
use std::ops::Range;

use super::decoding::Decoding;
use super::split::split;
use super::{Recogniser, RecogniserError, Transcript, TranscriptionOptions};

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
                Some(piece) => {
                    // A draft is of the beginning; later pieces have none.
                    let draft = std::mem::take(&mut self.options.draft);
                    let audio = &self.audio[piece];
                    self.current = Some(Decoding::begin(&self.recogniser, audio, &self.options, draft)?);
                }
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

    fn keep(&mut self, decoding: &Decoding) {
        let no_speech = decoding.no_speech.unwrap_or_default();
        let sum: f32 = decoding.log_probabilities.iter().sum();
        let choices = decoding.log_probabilities.len();
        self.done.no_speech = self.done.no_speech.max(no_speech);
        self.log_probability += sum;
        self.choices += choices;
        if is_speech(no_speech, sum / choices.max(1) as f32, decoding.tokens.len()) {
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
