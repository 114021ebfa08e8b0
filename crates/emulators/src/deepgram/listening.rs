//! What a live stream of Nova notices in the audio, by its energy. Pure.

use std::ops::Range;

use crate::ears::{Piece, RATE};

/// What is judged at a time, 20 ms.
pub(super) const FRAME: usize = RATE / 50;

/// A frame is speech above this root mean square, −46 dBFS.
const LOUD: f64 = 164.0;

/// Frames of speech in a row that begin speech.
const ONSET: u64 = 3;

/// Shorter silence does not end speech however short the endpointing is: a recogniser needs whole words.
const SHORTEST_SILENCE_MS: u64 = 250;

/// Speech without a pause becomes final at latest after this, at its quietest place in the last second and a half.
const LONGEST_SPEECH: usize = 10 * RATE;
const CUT_WITHIN: usize = RATE * 3 / 2;

/// Silence becomes final, with an empty transcript, after this.
const LONGEST_SILENCE: usize = 5 * RATE;

/// What the client asked to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    /// Silence that ends an utterance, in milliseconds; none if endpointing is off.
    pub(super) endpointing_ms: Option<u64>,
    /// Silence after the last word at which it is told that the utterance has ended.
    pub(super) utterance_end_ms: Option<u64>,
    /// New speech after which an interim result is due, in samples; none if they are off.
    pub(super) interim_every: Option<usize>,
}

/// Something to tell. Positions are samples from the start of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// Speech began.
    Started { at: u64 },
    /// An interim result is due.
    Interim,
    /// What was heard until `end` is final; `speech` if the utterance ends with it.
    Final { end: u64, speech: bool },
    /// Nothing was said for long after the last word.
    UtteranceEnd { last: u64 },
}

/// The audio since the last final result.
#[derive(Debug)]
pub(super) struct Listening {
    settings: Settings,
    audio: Vec<i16>,
    /// Place of `audio` in the stream.
    start: u64,
    /// Samples of `audio` that were judged.
    judged: usize,
    /// Speech in `audio`, in samples of it.
    speech: Option<Range<usize>>,
    loud: u64,
    told: usize,
    /// The end of the last speech, if its end is still to be told.
    last_word: Option<u64>,
}

impl Listening {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            audio: Vec::new(),
            start: 0,
            judged: 0,
            speech: None,
            loud: 0,
            told: 0,
            last_word: None,
        }
    }

    /// Takes samples at 16 kHz.
    pub(super) fn push(&mut self, samples: &[i16]) {
        self.audio.extend_from_slice(samples);
    }

    /// Judges on until there is something to tell. A final result must be taken before the next call.
    pub(super) fn next(&mut self) -> Option<Cue> {
        loop {
            let frame = self.audio.get(self.judged..self.judged + FRAME)?;
            let loud = is_loud(frame);
            let before = self.judged;
            self.judged += FRAME;
            if let Some(cue) = self.judge(before, loud) {
                return Some(cue);
            }
        }
    }

    fn judge(&mut self, frame: usize, loud: bool) -> Option<Cue> {
        self.loud = if loud { self.loud + 1 } else { 0 };
        let now = self.judged;
        match &mut self.speech {
            None if self.loud >= ONSET => {
                let onset = frame.saturating_sub((ONSET as usize - 1) * FRAME);
                self.speech = Some(onset..now);
                self.told = onset;
                self.last_word = Some(self.start + now as u64);
                return Some(Cue::Started {
                    at: self.start + onset as u64,
                });
            }
            Some(speech) if loud => {
                speech.end = now;
                self.last_word = Some(self.start + now as u64);
            }
            _ => {}
        }
        self.ended().or_else(|| self.interim())
    }

    /// Whether something becomes final or an end is to be told.
    fn ended(&mut self) -> Option<Cue> {
        let now = self.judged;
        let end = self.start + now as u64;
        if let Some(speech) = &self.speech {
            let silence = ms(now - speech.end);
            let limit = self.settings.endpointing_ms.map(|ms| ms.max(SHORTEST_SILENCE_MS));
            if limit.is_some_and(|limit| silence >= limit) {
                return Some(Cue::Final { end, speech: true });
            }
            if speech.len() >= LONGEST_SPEECH {
                return Some(Cue::Final {
                    end: self.start + self.quietest() as u64,
                    speech: false,
                });
            }
        } else if now >= LONGEST_SILENCE {
            return Some(Cue::Final { end, speech: false });
        }
        let (last, limit) = (self.last_word?, self.settings.utterance_end_ms?);
        if ms((end - last) as usize) < limit {
            return None;
        }
        self.last_word = None;
        Some(Cue::UtteranceEnd { last })
    }

    fn interim(&mut self) -> Option<Cue> {
        let every = self.settings.interim_every?;
        let speech = self.speech.as_ref()?;
        if speech.end < self.told + every {
            return None;
        }
        self.told = speech.end;
        Some(Cue::Interim)
    }

    /// The end of the quietest frame towards the end.
    fn quietest(&self) -> usize {
        let from = self.judged.saturating_sub(CUT_WITHIN) / FRAME;
        let frames = (from..self.judged / FRAME).map(|frame| (frame + 1) * FRAME);
        let energy = |end: &usize| energy(&self.audio[end - FRAME..*end]);
        frames
            .min_by(|a, b| energy(a).total_cmp(&energy(b)))
            .unwrap_or(self.judged)
    }

    /// What was heard since the last final result and where it begins, without ending it.
    pub(super) fn peek(&self, before: usize) -> (u64, Piece) {
        let piece = Piece {
            audio: self.audio[..self.judged].to_vec(),
            speech: self.speech.clone().unwrap_or_default(),
            before,
            whole: false,
        };
        (self.start, piece)
    }

    /// Ends what was heard until `end`; the rest stays.
    pub(super) fn take(&mut self, end: u64, before: usize, whole: bool) -> (u64, Piece) {
        let (start, length) = (self.start, (end - self.start) as usize);
        let rest = self.audio.split_off(length);
        let audio = std::mem::replace(&mut self.audio, rest);
        let speech = self.speech.take().unwrap_or_default();
        if speech.end > length {
            self.speech = Some(0..speech.end - length);
        }
        self.start = end;
        self.judged -= length;
        self.told = 0;
        let piece = Piece {
            audio,
            speech: speech.start.min(length)..speech.end.min(length),
            before,
            whole,
        };
        (start, piece)
    }

    /// Where everything pushed so far ends. Frames not judged yet are counted as judged.
    pub(super) fn all(&mut self) -> u64 {
        self.judged = self.audio.len();
        self.start + self.audio.len() as u64
    }

    /// Samples since the last final result.
    pub(super) fn pending(&self) -> usize {
        self.audio.len()
    }

    /// Whether there is speech among them.
    pub(super) fn has_speech(&self) -> bool {
        self.speech.is_some()
    }
}

/// Whether a frame of 20 ms is speech.
pub(super) fn is_loud(frame: &[i16]) -> bool {
    energy(frame) > LOUD * LOUD
}

fn energy(frame: &[i16]) -> f64 {
    let sum: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    sum / frame.len() as f64
}

fn ms(samples: usize) -> u64 {
    (samples * 1_000 / RATE) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            endpointing_ms: Some(300),
            utterance_end_ms: Some(1_000),
            interim_every: Some(RATE / 2),
        }
    }

    fn sound(seconds: f64, loud: bool) -> Vec<i16> {
        let samples = (seconds * RATE as f64) as usize;
        (0..samples)
            .map(|index| if loud && index % 2 == 0 { 4_000 } else { 0 })
            .collect()
    }

    /// All cues of a stream; what becomes final is taken.
    fn cues(settings: Settings, parts: &[(f64, bool)]) -> Vec<Cue> {
        let mut listening = Listening::new(settings);
        for (seconds, loud) in parts {
            listening.push(&sound(*seconds, *loud));
        }
        let mut cues = Vec::new();
        while let Some(cue) = listening.next() {
            if let Cue::Final { end, speech } = cue {
                listening.take(end, 0, speech);
            }
            cues.push(cue);
        }
        cues
    }

    fn samples(ms: u64) -> u64 {
        ms * RATE as u64 / 1_000
    }

    #[test]
    fn an_utterance_begins_grows_becomes_final_and_ends() {
        let cues = cues(settings(), &[(1.0, false), (1.2, true), (1.5, false)]);
        let expected = [
            Cue::Started { at: samples(1_000) },
            Cue::Interim,
            Cue::Interim,
            Cue::Final {
                end: samples(2_500),
                speech: true,
            },
            Cue::UtteranceEnd { last: samples(2_200) },
        ];
        assert_eq!(cues, expected);
    }

    #[test]
    fn without_endpointing_speech_is_final_only_when_it_gets_long() {
        let quiet = Settings {
            endpointing_ms: None,
            utterance_end_ms: None,
            interim_every: None,
        };
        let cues = cues(quiet, &[(2.0, true), (2.0, false), (9.0, true)]);
        assert_eq!(cues[0], Cue::Started { at: 0 });
        let finals: Vec<_> = cues[1..].to_vec();
        assert_eq!(finals.len(), 1, "{finals:?}");
        assert!(matches!(finals[0], Cue::Final { speech: false, .. }));
    }

    #[test]
    fn long_silence_is_final_and_empty() {
        let cues = cues(settings(), &[(11.0, false)]);
        let silence = |ms| Cue::Final {
            end: samples(ms),
            speech: false,
        };
        assert_eq!(cues, [silence(5_000), silence(10_000)]);
    }

    #[test]
    fn speech_that_goes_on_past_a_cut_stays_for_the_next_result() {
        let mut listening = Listening::new(settings());
        listening.push(&sound(2.0, true));
        while listening.next().is_some() {}
        let (start, piece) = listening.take(samples(1_500), 0, false);
        assert_eq!((start, piece.speech), (0, 0..RATE * 3 / 2));
        let (start, piece) = listening.peek(4);
        assert_eq!(
            (start, piece.speech, piece.before),
            (samples(1_500), 0..RATE / 2, 4)
        );
    }
}
