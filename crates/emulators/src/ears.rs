//! Who hears in the place of a vendor's recogniser: a real one, or a script.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bedside_speech::recogniser::{Recogniser, TranscriptionOptions};

/// Samples per second of everything that is heard.
pub(crate) const RATE: usize = 16_000;

/// Heard along on both sides of speech, half a second: with less, the recogniser mistakes first and last words.
const MARGIN: usize = RATE / 2;

/// Time a word takes in a script, in samples.
const SCRIPTED_WORD: usize = RATE * 3 / 10;

/// Someone who hears. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) enum Ears {
    /// A recogniser on this machine.
    Local(Recogniser),
    /// The texts of all utterances, in order.
    Script(Arc<Scripted>),
}

/// A script and how far it has been read.
#[derive(Debug)]
pub(crate) struct Scripted {
    texts: Vec<String>,
    next: AtomicUsize,
}

/// A stretch of an utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// PCM at 16 kHz.
    pub(crate) audio: Vec<i16>,
    /// Where in it there is speech, in samples.
    pub(crate) speech: Range<usize>,
    /// Words of the same utterance that were heard in the pieces before.
    pub(crate) before: usize,
    /// Whether the utterance ends with it.
    pub(crate) whole: bool,
}

/// A word that was heard.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    /// As written, with its punctuation.
    pub(crate) text: String,
    /// When, in seconds from the start of the piece.
    pub(crate) start: f64,
    /// Until when.
    pub(crate) end: f64,
}

impl Word {
    /// In lower case and without punctuation.
    pub(crate) fn bare(&self) -> String {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, '\'' | '-' | '%');
        self.text.to_lowercase().chars().filter(kept).collect()
    }
}

/// The words as a text.
pub(crate) fn text(words: &[Word]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    words.join(" ")
}

impl Default for Ears {
    fn default() -> Self {
        Self::script(Vec::new())
    }
}

impl Ears {
    /// Hears `texts`, one an utterance, over and over.
    pub(crate) fn script(mut texts: Vec<String>) -> Self {
        if texts.is_empty() {
            texts.push("I have had a headache for two days.".to_owned());
        }
        let next = AtomicUsize::new(0);
        Self::Script(Arc::new(Scripted { texts, next }))
    }

    /// Hears a piece.
    pub(crate) async fn hear(&self, piece: Piece) -> Vec<Word> {
        if piece.speech.is_empty() {
            return Vec::new();
        }
        match self {
            Self::Script(script) => script.hear(&piece),
            Self::Local(recogniser) => {
                let recogniser = recogniser.clone();
                let heard = tokio::task::spawn_blocking(move || recognise(&recogniser, &piece));
                heard.await.unwrap_or_default()
            }
        }
    }

    /// The end of an utterance was told to the client: a script goes on with the next one.
    pub(crate) fn told(&self) {
        if let Self::Script(script) = self {
            script.next.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Samples of new speech after which it is worth hearing an unfinished utterance again.
    pub(crate) fn patience(&self) -> usize {
        match self {
            Self::Local(_) => RATE,
            Self::Script(_) => RATE / 2,
        }
    }
}

impl Scripted {
    fn hear(&self, piece: &Piece) -> Vec<Word> {
        let turn = self.next.load(Ordering::Relaxed) % self.texts.len();
        let words: Vec<_> = self.texts[turn].split_whitespace().skip(piece.before).collect();
        let heard = if piece.whole {
            words.len()
        } else {
            let last = words.len().saturating_sub(1);
            (piece.speech.len() / SCRIPTED_WORD).min(last)
        };
        spread(&words[..heard], &piece.speech)
    }
}

fn recognise(recogniser: &Recogniser, piece: &Piece) -> Vec<Word> {
    let heard = recogniser.transcribe(&with_margins(piece), TranscriptionOptions::default());
    let text = heard.map(|heard| heard.text).unwrap_or_default();
    spread(&text.split_whitespace().collect::<Vec<_>>(), &piece.speech)
}

/// The speech of a piece and what lies around it; silence where the piece has nothing.
fn with_margins(piece: &Piece) -> Vec<i16> {
    let Range { start, end } = piece.speech;
    let before = start.min(MARGIN);
    let after = (piece.audio.len() - end).min(MARGIN);
    let mut audio = vec![0; MARGIN - before];
    audio.extend_from_slice(&piece.audio[start - before..end + after]);
    audio.resize(MARGIN + (end - start) + MARGIN, 0);
    audio
}

/// Gives each word a share of the speech by its length.
fn spread(words: &[&str], speech: &Range<usize>) -> Vec<Word> {
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let seconds = speech.len() as f64 / RATE as f64 / letters.max(1) as f64;
    let mut at = speech.start as f64 / RATE as f64;
    let word = |word: &&str| {
        let start = at;
        at += word.chars().count() as f64 * seconds;
        Word {
            text: (*word).to_owned(),
            start,
            end: at,
        }
    };
    words.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(seconds: f64, before: usize, whole: bool) -> Piece {
        let samples = (seconds * RATE as f64) as usize;
        Piece {
            audio: vec![0; samples],
            speech: 0..samples,
            before,
            whole,
        }
    }

    #[tokio::test]
    async fn a_script_gives_an_utterance_word_by_word_and_goes_on_when_it_was_told() {
        let ears = Ears::script(vec!["My chest feels tight.".into(), "Yes.".into()]);
        assert_eq!(text(&ears.hear(piece(0.7, 0, false)).await), "My chest");
        assert_eq!(text(&ears.hear(piece(0.7, 2, true)).await), "feels tight.");
        assert_eq!(
            text(&ears.hear(piece(0.7, 0, true)).await),
            "My chest feels tight."
        );
        ears.told();
        assert_eq!(text(&ears.hear(piece(2.0, 0, true)).await), "Yes.");
    }

    #[test]
    fn margins_are_of_the_piece_as_far_as_it_goes() {
        let mut piece = piece(1.0, 0, true);
        piece.audio.fill(7);
        piece.speech = RATE / 4..RATE;
        let audio = with_margins(&piece);
        let (silent, heard) = (MARGIN - RATE / 4, RATE);
        assert_eq!(audio.len(), 2 * MARGIN + RATE * 3 / 4);
        assert!(audio[silent..silent + heard].iter().all(|&sample| sample == 7));
        assert_eq!(
            audio.iter().filter(|&&sample| sample == 0).count(),
            silent + MARGIN
        );
    }

    #[tokio::test]
    async fn words_share_the_speech_in_order() {
        let ears = Ears::script(vec!["No, nothing.".into()]);
        let words = ears.hear(piece(1.2, 0, true)).await;
        assert_eq!((words[0].start, words[0].bare()), (0.0, "no".into()));
        assert!((words[1].end - 1.2).abs() < 1e-9 && words[0].end <= words[1].start);
    }
}
