//! Speech to text by Whisper.
//!
//! The model was trained on 30 s at a time; here it hears the utterance and a second of silence, which is a quarter of
//! the work or less. The price is that it may begin to repeat itself, which is recognised and cut off.

mod choice;
mod correction;
mod decoder;
mod decoding;
mod repetition;
mod split;
mod tokenizer;
mod transcription;
mod vocabulary;

use std::path::PathBuf;
use std::sync::Arc;

use bedside_inference::model::{LoadOptions, ModelError};
pub use bedside_inference::store::RecogniserFiles;

use self::choice::Rules;
use self::decoder::Networks;
use self::repetition::Likeness;
pub use self::tokenizer::{Token, Tokenizer};
pub use self::transcription::{Progress, Transcription};
use self::vocabulary::Vocabulary;
use crate::mel::LogMel;
use crate::text::phonemes::Phonemiser;

/// Why a recogniser could not be loaded or failed. Carries no words and no audio.
#[derive(Debug, thiserror::Error)]
pub enum RecogniserError {
    /// A file beside the networks is missing or malformed.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The tokenizer is not Whisper's.
    #[error("the tokenizer has no {0}")]
    MissingToken(&'static str),
    /// A network did not load or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How to transcribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionOptions {
    /// ISO-639-1 language of the patient, for a multilingual model; English if not given or unknown.
    pub language: Option<String>,
    /// Most tokens written per 29 s of audio. A word is 1.3 tokens or so.
    pub max_tokens: usize,
    /// Tokens of an earlier transcript of the same audio's beginning. Those that still hold are checked together
    /// instead of being found one by one, a fifth of the work for a short utterance. The text is the same but where rounding
    /// decides between two spellings.
    pub draft: Vec<Token>,
    /// Whether to put right misspelt names of medicines, if the recogniser knows them. Not worth it in partial
    /// transcripts.
    pub medicines: bool,
}

impl Default for TranscriptionOptions {
    fn default() -> Self {
        Self {
            language: None,
            max_tokens: usize::MAX,
            draft: Vec::new(),
            medicines: true,
        }
    }
}

impl TranscriptionOptions {
    fn is_english(&self) -> bool {
        self.language.as_deref().is_none_or(|language| language == "en")
    }
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transcript {
    /// The text, trimmed; empty if there was no speech.
    pub text: String,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Average natural logarithm of the tokens' probabilities: −0.3 is sure, −1 is guesswork.
    pub average_log_probability: f32,
    /// Probability, 0 to 1, that there was no speech (of the piece most without).
    pub no_speech: f32,
}

/// A loaded recogniser. Cloning shares it; any number of transcriptions may run at once.
#[derive(Debug, Clone)]
pub struct Recogniser {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    networks: Networks,
    tokenizer: Tokenizer,
    rules: Rules,
    likeness: Likeness,
    mel: LogMel,
    vocabulary: Option<Vocabulary>,
}

impl Recogniser {
    /// Loads a converted recogniser that writes what it hears.
    pub fn load(files: &RecogniserFiles, options: LoadOptions) -> Result<Self, RecogniserError> {
        Self::load_with(files, options, None)
    }

    /// Loads a converted recogniser that knows how the names of medicines sound and puts misspelt ones right, in English.
    pub fn load_for_medicine(
        files: &RecogniserFiles,
        options: LoadOptions,
        phonemiser: Arc<Phonemiser>,
    ) -> Result<Self, RecogniserError> {
        Self::load_with(files, options, Some(phonemiser))
    }

    fn load_with(
        files: &RecogniserFiles,
        options: LoadOptions,
        medicines: Option<Arc<Phonemiser>>,
    ) -> Result<Self, RecogniserError> {
        let tokenizer = Tokenizer::load(&files.tokenizer)?;
        let vocabulary = match medicines {
            Some(phonemiser) => Some(Vocabulary::load(&files.tokenizer, &tokenizer, phonemiser)?),
            None => None,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                networks: Networks::load(files, options)?,
                vocabulary,
                rules: Rules::new(&tokenizer),
                likeness: Likeness::new(&tokenizer),
                tokenizer,
                mel: LogMel::new(),
            }),
        })
    }

    /// Begins a transcription of 16 kHz PCM of any length, to be done step by step.
    pub fn begin(&self, audio: Vec<i16>, options: TranscriptionOptions) -> Transcription {
        Transcription::new(self.clone(), audio, options)
    }

    /// Transcribes 16 kHz PCM of any length at once.
    pub fn transcribe(
        &self,
        audio: &[i16],
        options: TranscriptionOptions,
    ) -> Result<Transcript, RecogniserError> {
        let mut transcription = self.begin(audio.to_vec(), options);
        loop {
            if let Progress::Done(transcript) = transcription.step()? {
                return Ok(transcript);
            }
        }
    }

    fn networks(&self) -> &Networks {
        &self.inner.networks
    }

    fn tokenizer(&self) -> &Tokenizer {
        &self.inner.tokenizer
    }

    fn rules(&self) -> &Rules {
        &self.inner.rules
    }

    fn vocabulary(&self) -> Option<&Vocabulary> {
        self.inner.vocabulary.as_ref()
    }

    fn likeness(&self) -> &Likeness {
        &self.inner.likeness
    }

    /// Half of what the model can remember, as it was trained: the other half is for a prompt.
    fn most_tokens(&self) -> usize {
        self.networks().shape.text_positions / 2
    }
}
