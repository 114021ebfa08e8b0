//! Clauses to speech.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::voice::{HOP, Latents};
use super::{Speech, SynthesisError, Voice, WordTime, level};
use crate::text::normalise::{SpokenWord, normalise};
use crate::text::phonemes::Phonemiser;

/// Speaking rates the voice remains intelligible at, relative to its own.
const SPEEDS: (f32, f32) = (0.25, 1.5);

/// Frames made audible at a time: few at first, so that the first are there soon; then more, as each piece costs its
/// neighbours' frames once more.
const PIECES: [usize; 3] = [24, 48, 96];

/// Frames kept after the last phoneme: what it leaves in the air. The rest is silence of the voice's choosing, which ours
/// replaces. Before the first phoneme there are three frames at most, in which a consonant may begin already.
const TAIL: usize = 8;

/// Samples over which the cut ends fade.
const FADE: usize = HOP / 2;

/// Speaks clauses with one voice. Cloning shares it; any number of threads may speak at once.
#[derive(Debug, Clone)]
pub struct Synthesiser {
    voice: Voice,
    phonemiser: Arc<Phonemiser>,
}

/// A clause being spoken: its words' times are known, its audio comes piece by piece.
pub struct Utterance {
    voice: Voice,
    latents: Option<Latents>,
    words: Vec<WordTime>,
    frames: usize,
    next: usize,
    pieces: usize,
    pause: usize,
}

impl std::fmt::Debug for Utterance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Utterance")
            .field("frames", &self.frames)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Synthesiser {
    /// Joins a voice to the lexicons.
    pub fn new(voice: Voice) -> Self {
        Self {
            voice,
            phonemiser: Arc::new(Phonemiser::new()),
        }
    }

    /// What it pronounces words by.
    pub fn phonemiser(&self) -> Arc<Phonemiser> {
        self.phonemiser.clone()
    }

    /// Samples per second of everything spoken.
    pub fn rate(&self) -> u32 {
        self.voice.rate
    }

    /// Speaks a clause as a whole. The same clause at the same speed gives the same samples.
    ///
    /// `speed` is relative to the voice's own and held within 0.25 to 1.5. The work grows with the clause: cut long text
    /// into [`clauses`](super::clauses) first.
    pub fn synthesise(&self, clause: &str, speed: f32) -> Result<Speech, SynthesisError> {
        let mut utterance = self.begin(clause, speed)?;
        let mut pcm = Vec::new();
        while let Some(piece) = utterance.next_piece()? {
            pcm.extend(piece);
        }
        Ok(Speech {
            pcm,
            rate: self.rate(),
            words: utterance.words,
        })
    }

    /// Begins a clause, so that its first audio need not wait for its last.
    pub fn begin(&self, clause: &str, speed: f32) -> Result<Utterance, SynthesisError> {
        let speed = if speed.is_finite() {
            speed.clamp(SPEEDS.0, SPEEDS.1)
        } else {
            1.0
        };
        let spoken = normalise(clause);
        let Some(last) = spoken.last() else {
            return Ok(Utterance::silent(self.voice.clone()));
        };
        let sequence = self
            .voice
            .alphabet
            .sequence(&spoken, &self.phonemiser.pronounce(&spoken));
        let latents = self.voice.encode(&sequence.ids, speed)?;
        let sounding = spans(&sequence.words, &latents.durations, spoken.len());
        let end = sounding.last().map_or(0, |word| word.end + TAIL);
        let frames = end.min(latents.len());
        let silence = level::pause(last.after).div_f32(speed);
        Ok(Utterance {
            words: times(&spoken, &sounding, self.voice.rate),
            pause: (silence.as_secs_f32() * self.voice.rate as f32) as usize,
            next: 0,
            frames,
            pieces: 0,
            latents: Some(latents),
            voice: self.voice.clone(),
        })
    }
}

impl Utterance {
    fn silent(voice: Voice) -> Self {
        Self {
            voice,
            latents: None,
            words: Vec::new(),
            frames: 0,
            next: 0,
            pieces: 0,
            pause: 0,
        }
    }

    /// When each written word is spoken, in order.
    pub fn words(&self) -> &[WordTime] {
        &self.words
    }

    /// Samples of the whole utterance, the pause after it included.
    pub fn samples(&self) -> usize {
        self.frames * HOP + self.pause
    }

    /// The next piece of audio, PCM16 mono at the synthesiser's rate; none after the last.
    pub fn next_piece(&mut self) -> Result<Option<Vec<i16>>, SynthesisError> {
        let Some(latents) = &self.latents else {
            return Ok(None);
        };
        let size = PIECES[self.pieces.min(PIECES.len() - 1)];
        let mut end = (self.next + size).min(self.frames);
        if self.frames - end < PIECES[0] {
            end = self.frames;
        }
        let mut samples = self.voice.vocode(latents, self.next..end)?;
        let fade = FADE.min(samples.len());
        if self.next == 0 {
            level::fade_in(&mut samples[..fade]);
        }
        let complete = end == self.frames;
        if complete {
            let from = samples.len() - fade;
            level::fade_out(&mut samples[from..]);
        }
        let mut pcm = level::to_pcm(&samples);
        self.next = end;
        self.pieces += 1;
        if complete {
            pcm.resize(pcm.len() + self.pause, 0);
            self.latents = None;
        }
        Ok(Some(pcm))
    }
}

/// The frames each spoken word sounds in.
fn spans(words: &[Option<usize>], durations: &[usize], count: usize) -> Vec<Range<usize>> {
    let unheard = Range {
        start: usize::MAX,
        end: 0,
    };
    let mut spans = vec![unheard; count];
    let mut frame = 0;
    for (word, duration) in words.iter().zip(durations) {
        if let Some(span) = word.and_then(|word| spans.get_mut(word)) {
            *span = span.start.min(frame)..frame + duration;
        }
        frame += duration;
    }
    spans
}

/// The times of the written words: spoken words that stand for the same stretch of text are one.
fn times(spoken: &[SpokenWord], spans: &[Range<usize>], rate: u32) -> Vec<WordTime> {
    let time = |frame: usize| Duration::from_secs_f64((frame * HOP) as f64 / f64::from(rate));
    let mut times: Vec<WordTime> = Vec::new();
    for (word, span) in spoken.iter().zip(spans) {
        match times.last_mut() {
            Some(last) if last.text == word.source => last.end = time(span.end),
            _ => times.push(WordTime {
                text: word.source.clone(),
                start: time(span.start),
                end: time(span.end),
            }),
        }
    }
    times
}
