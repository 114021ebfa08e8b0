//! Speech or not: hysteresis over the detector's window probabilities.

use crate::time::AudioPos;

/// No detector judges more at once.
const LONGEST_WINDOW_MS: u64 = 64;

/// Speech must hold this long before it counts; one window (32 ms) may be a click.
const ONSET_MS: u64 = 60;

/// Speech goes on while the probability is above the threshold less this (the margin Silero's own examples use).
const RELEASE_MARGIN: f32 = 0.15;

/// A stretch of speech, from its onset to its last voiced sample so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) onset: AudioPos,
    pub(crate) last_voiced: AudioPos,
    /// Voiced samples within the stretch.
    pub(crate) voiced: u64,
}

impl Stretch {
    /// Voiced time in milliseconds.
    pub(crate) fn voiced_ms(&self) -> u64 {
        AudioPos::from_samples(self.voiced).as_millis()
    }
}

/// What a window changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Nothing is being said.
    Quiet,
    /// Speech has just begun.
    Onset(Stretch),
    /// The window is part of the stretch.
    Voiced(Stretch),
    /// The stretch is open, but this window is silent.
    Silent {
        stretch: Stretch,
        /// Silence since the last voiced sample, in milliseconds.
        silence_ms: u64,
    },
}

/// Follows the detector.
#[derive(Debug, Default)]
pub(crate) struct SpeechGate {
    at: AudioPos,
    /// Voiced windows not yet long enough to be an onset.
    candidate: Option<Stretch>,
    open: Option<Stretch>,
}

impl SpeechGate {
    /// Judges the window that ends at `end`.
    pub(crate) fn window(&mut self, end: AudioPos, probability: f32, threshold: f32) -> Heard {
        // After a stretch that was not judged, the window is still only as long as a window.
        let start = self.at.max(end.back(LONGEST_WINDOW_MS));
        let length = end - start;
        self.at = self.at.max(end);
        if let Some(stretch) = &mut self.open {
            if probability >= threshold - RELEASE_MARGIN {
                stretch.last_voiced = end;
                stretch.voiced += length;
                return Heard::Voiced(*stretch);
            }
            let silence_ms = AudioPos::from_samples(end - stretch.last_voiced).as_millis();
            return Heard::Silent {
                stretch: *stretch,
                silence_ms,
            };
        }
        if probability < threshold {
            self.candidate = None;
            return Heard::Quiet;
        }
        let stretch = self.candidate.get_or_insert(Stretch {
            onset: start,
            last_voiced: end,
            voiced: 0,
        });
        stretch.last_voiced = end;
        stretch.voiced += length;
        if stretch.voiced_ms() < ONSET_MS {
            return Heard::Quiet;
        }
        self.open = self.candidate.take();
        self.open.map_or(Heard::Quiet, Heard::Onset)
    }

    /// Ends the stretch: the next speech is a new onset.
    pub(crate) fn close(&mut self) {
        self.open = None;
        self.candidate = None;
    }

    /// End of the last window judged.
    pub(crate) fn position(&self) -> AudioPos {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(gate: &mut SpeechGate, probabilities: &[f32]) -> Vec<Heard> {
        probabilities
            .iter()
            .map(|&p| gate.window(gate.position() + 512, p, 0.5))
            .collect()
    }

    #[test]
    fn one_loud_window_is_a_click_and_two_are_an_onset() {
        let mut gate = SpeechGate::default();
        assert!(
            feed(&mut gate, &[0.9, 0.1, 0.9, 0.2])
                .iter()
                .all(|h| *h == Heard::Quiet)
        );
        let heard = feed(&mut gate, &[0.9, 0.9]);
        let Heard::Onset(stretch) = heard[1] else {
            panic!("{heard:?}")
        };
        assert_eq!(stretch.onset, AudioPos::from_samples(4 * 512));
        assert_eq!(stretch.voiced_ms(), 64);
    }

    #[test]
    fn speech_holds_just_below_the_threshold_and_silence_is_measured_from_the_last_voiced_sample() {
        let mut gate = SpeechGate::default();
        let heard = feed(&mut gate, &[0.9, 0.9, 0.4, 0.2, 0.1]);
        assert!(matches!(heard[2], Heard::Voiced(_)));
        assert!(matches!(heard[4], Heard::Silent { silence_ms: 64, .. }));
        gate.close();
        assert_eq!(feed(&mut gate, &[0.1]), [Heard::Quiet]);
    }
}
