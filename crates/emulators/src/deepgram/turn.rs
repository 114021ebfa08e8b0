//! What Flux notices in the audio: turns, by energy. Pure.

use std::ops::Range;

use super::listening::{FRAME, is_loud};
use crate::ears::{Piece, RATE};

/// Frames of speech in a row that begin a turn, a fifth of a second.
const ONSET: usize = 10;

/// Sound so long before the onset, four fifths of a second, is of the turn: its first words may be shorter than an onset,
/// with pauses between them.
const LEAD: usize = RATE * 4 / 5;

/// Kept of the silence before a turn's first sound: what an onset may go back to, and what is heard along before that.
const KEPT: usize = RATE * 2;

/// An update is due this often.
const UPDATE: usize = RATE / 4;

/// The confidence that a turn has ended approaches one at this rate, in milliseconds of silence.
const DOUBT_MS: f64 = 300.0;

/// When a turn ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Thresholds {
    /// Confidence; at one, never by confidence.
    pub(super) eot: f64,
    /// Confidence for an early word of it.
    pub(super) eager: Option<f64>,
    /// Silence, in milliseconds, whatever the confidence.
    pub(super) timeout_ms: u64,
}

/// Why a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    Model,
    Manual,
    Timeout,
}

/// Something to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    Update,
    Start,
    Eager,
    Resumed,
    End(Trigger),
}

/// One turn, from the end of the last one.
#[derive(Debug)]
pub(super) struct Turn {
    thresholds: Thresholds,
    audio: Vec<i16>,
    start: u64,
    /// Samples of silence from the start that are not kept.
    forgotten: usize,
    judged: usize,
    updated: usize,
    loud: usize,
    speech: Option<Range<usize>>,
    eager: bool,
}

impl Turn {
    pub(super) fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            audio: Vec::new(),
            start: 0,
            forgotten: 0,
            judged: 0,
            updated: 0,
            loud: 0,
            speech: None,
            eager: false,
        }
    }

    pub(super) fn configure(&mut self, thresholds: Thresholds) {
        self.thresholds = thresholds;
    }

    /// Takes samples at 16 kHz.
    pub(super) fn push(&mut self, samples: &[i16]) {
        self.audio.extend_from_slice(samples);
    }

    /// Judges on until there is something to tell. After an end, [`next_turn`](Self::next_turn) must be called.
    pub(super) fn next(&mut self) -> Option<Cue> {
        loop {
            let frame = self.audio.get(self.judged..self.judged + FRAME)?;
            let loud = is_loud(frame);
            self.judged += FRAME;
            if let Some(cue) = self.judge(loud) {
                if cue != Cue::Eager {
                    self.updated = self.judged;
                    self.forget();
                }
                return Some(cue);
            }
        }
    }

    /// Forgets silence that no turn will begin with.
    fn forget(&mut self) {
        if self.speech.is_none() && self.judged > KEPT {
            let old = self.judged - KEPT;
            self.audio.drain(..old);
            self.forgotten += old;
            self.judged -= old;
            self.updated -= old;
        }
    }

    fn judge(&mut self, loud: bool) -> Option<Cue> {
        self.loud = if loud { self.loud + 1 } else { 0 };
        let now = self.judged;
        match &mut self.speech {
            None if self.loud >= ONSET => {
                self.speech = Some(self.beginning()..now);
                return Some(Cue::Start);
            }
            Some(speech) if loud => {
                speech.end = now;
                if std::mem::take(&mut self.eager) {
                    return Some(Cue::Resumed);
                }
            }
            Some(_) => {
                if let Some(cue) = self.silent() {
                    return Some(cue);
                }
            }
            None => {}
        }
        (now >= self.updated + UPDATE).then_some(Cue::Update)
    }

    /// Where the first sound before an onset that ends now begins: words lie where something is heard, not in silence.
    fn beginning(&self) -> usize {
        let from = self.judged.saturating_sub(ONSET * FRAME + LEAD);
        let mut frames = self.audio[from..self.judged].chunks_exact(FRAME);
        from + frames.position(is_loud).unwrap_or_default() * FRAME
    }

    fn silent(&mut self) -> Option<Cue> {
        let confidence = self.confidence();
        let Thresholds {
            eot,
            eager,
            timeout_ms,
        } = self.thresholds;
        if eot < 1.0 && confidence >= eot {
            return Some(Cue::End(Trigger::Model));
        }
        if self.silence_ms() >= timeout_ms {
            return Some(Cue::End(Trigger::Timeout));
        }
        if !self.eager && eager.is_some_and(|eager| confidence >= eager) {
            self.eager = true;
            return Some(Cue::Eager);
        }
        None
    }

    fn silence_ms(&self) -> u64 {
        let end = self.speech.as_ref().map_or(self.judged, |speech| speech.end);
        ((self.judged - end) * 1_000 / RATE) as u64
    }

    /// Confidence that the turn has ended.
    pub(super) fn confidence(&self) -> f64 {
        if self.speech.is_none() {
            return 0.0;
        }
        1.0 - (-(self.silence_ms() as f64) / DOUBT_MS).exp()
    }

    /// Whether its end was told early and speech has not gone on.
    pub(super) fn is_eager(&self) -> bool {
        self.eager
    }

    /// Whether it has begun.
    pub(super) fn begun(&self) -> bool {
        self.speech.is_some()
    }

    /// Samples of speech in it.
    pub(super) fn spoken(&self) -> usize {
        self.speech.as_ref().map_or(0, Range::len)
    }

    /// Where in the stream it lies, in samples.
    pub(super) fn window(&self) -> Range<u64> {
        self.start..self.heard_from() + self.judged as u64
    }

    /// Where in the stream that lies which is heard of it, in samples.
    pub(super) fn heard_from(&self) -> u64 {
        self.start + self.forgotten as u64
    }

    /// What was heard of it.
    pub(super) fn heard(&self, whole: bool) -> Piece {
        Piece {
            audio: self.audio[..self.judged].to_vec(),
            speech: self.speech.clone().unwrap_or_default(),
            before: 0,
            whole,
        }
    }

    /// Ends it; the next one begins where it was judged to.
    pub(super) fn next_turn(&mut self) {
        self.start = self.window().end;
        self.audio.drain(..self.judged);
        (self.forgotten, self.judged, self.updated, self.loud) = (0, 0, 0, 0);
        self.speech = None;
        self.eager = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Thresholds = Thresholds {
        eot: 0.7,
        eager: None,
        timeout_ms: 5_000,
    };

    /// A turn that was given stretches of so many milliseconds, loud or silent.
    fn turn(thresholds: Thresholds, parts: &[(usize, bool)]) -> Turn {
        let mut turn = Turn::new(thresholds);
        for (ms, loud) in parts {
            let samples = 0..ms * RATE / 1_000;
            turn.push(
                &samples
                    .map(|index| if *loud && index % 2 == 0 { 4_000 } else { 0 })
                    .collect::<Vec<_>>(),
            );
        }
        turn
    }

    /// The cues of a stream but its updates, and the time of each in milliseconds.
    fn cues(thresholds: Thresholds, parts: &[(usize, bool)]) -> Vec<(Cue, u64)> {
        let mut turn = turn(thresholds, parts);
        let mut cues = Vec::new();
        while let Some(cue) = turn.next() {
            if cue != Cue::Update {
                cues.push((cue, turn.window().end * 1_000 / RATE as u64));
            }
            if matches!(cue, Cue::End(_)) {
                turn.next_turn();
            }
        }
        cues
    }

    #[test]
    fn a_turn_begins_with_speech_and_ends_with_silence() {
        let cues = cues(USUAL, &[(500, false), (1_000, true), (1_000, false)]);
        assert_eq!(cues, [(Cue::Start, 700), (Cue::End(Trigger::Model), 1_880)]);
    }

    #[test]
    fn speech_begins_with_its_first_sound() {
        let parts = [(1_500, false), (60, true), (300, false), (400, true)];
        for (parts, begins_ms) in [(&parts[..], 1_500), (&parts[2..], 300)] {
            let mut turn = turn(USUAL, parts);
            while turn.next().is_some() {}
            let ms = turn.heard(true).speech.start * 1_000 / RATE;
            assert_eq!(ms, begins_ms);
        }
    }

    #[test]
    fn long_silence_is_forgotten_and_the_stream_keeps_its_time() {
        let mut turn = turn(USUAL, &[(60_000, false), (400, true)]);
        while turn.next().is_some() {}
        let piece = turn.heard(true);
        assert!(piece.audio.len() < RATE * 3, "{}", piece.audio.len());
        assert_eq!(turn.window(), 0..RATE as u64 * 604 / 10);
        let begins = turn.heard_from() + piece.speech.start as u64;
        assert_eq!(begins, RATE as u64 * 60);
        turn.next_turn();
        assert_eq!(turn.heard_from(), RATE as u64 * 604 / 10);
    }

    #[test]
    fn an_eager_end_is_taken_back_when_speech_goes_on() {
        let eager = Thresholds {
            eager: Some(0.4),
            ..USUAL
        };
        let cues = cues(eager, &[(1_000, true), (260, false), (600, true), (900, false)]);
        let kinds: Vec<_> = cues.into_iter().map(|(cue, _)| cue).collect();
        let expected = [
            Cue::Start,
            Cue::Eager,
            Cue::Resumed,
            Cue::Eager,
            Cue::End(Trigger::Model),
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn full_confidence_is_never_reached_but_the_timeout_is() {
        let never = Thresholds {
            eot: 1.0,
            eager: None,
            timeout_ms: 2_000,
        };
        let cues = cues(never, &[(1_000, true), (3_000, false)]);
        assert_eq!(cues, [(Cue::Start, 200), (Cue::End(Trigger::Timeout), 3_000)]);
    }

    #[test]
    fn updates_come_four_times_a_second() {
        let mut turn = Turn::new(USUAL);
        turn.push(&vec![0; 2 * RATE]);
        let updates = std::iter::from_fn(|| turn.next()).count();
        assert_eq!(updates, 7, "a frame of 20 ms is the grain: every 260 ms");
    }
}
