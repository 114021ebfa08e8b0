//! The recent past of the patient's audio, for the end-of-turn model.

use std::collections::VecDeque;

use bedside_conversation::time::AudioPos;
use bedside_media::audio::pcm;
use bedside_providers::traits::BusAudio;

/// The end-of-turn model looks at no more than this (its README states 8 s).
const JUDGED: u64 = 8 * AudioPos::RATE;

/// Audio of this length before the detector's position is kept: what can be judged, and a second for the model's
/// question to come back.
const KEPT: u64 = JUDGED + AudioPos::RATE;

/// Never more than this, even if the detector is far behind a client that sends faster than real time: 32 kB a second,
/// so 2.9 MB.
const CEILING: u64 = 90 * AudioPos::RATE;

/// PCM16 at 16 kHz, gapless, up to the newest sample received.
#[derive(Debug, Default)]
pub(crate) struct History {
    start: AudioPos,
    samples: VecDeque<i16>,
}

impl History {
    /// Appends audio. A jump in position drops what came before it.
    pub(crate) fn push(&mut self, audio: &BusAudio) {
        if audio.at != self.end() {
            self.samples.clear();
            self.start = audio.at;
        }
        self.samples.extend(pcm::samples(&audio.pcm));
        self.drop_front((self.samples.len() as u64).saturating_sub(CEILING));
    }

    /// Forgets what can no longer be judged once everything up to `detected` has been searched for speech.
    pub(crate) fn forget_before(&mut self, detected: AudioPos) {
        let kept_from = AudioPos::from_samples(detected.samples().saturating_sub(KEPT));
        self.drop_front(kept_from - self.start);
    }

    /// The audio from `from` to `to`, at most its last 8 s; `None` if it is no longer (or not yet) here.
    pub(crate) fn last_seconds(&self, from: AudioPos, to: AudioPos) -> Option<Vec<i16>> {
        let from = from.max(AudioPos::from_samples(to.samples().saturating_sub(JUDGED)));
        if from < self.start || to > self.end() || from >= to {
            return None;
        }
        let range = (from - self.start) as usize..(to - self.start) as usize;
        Some(self.samples.range(range).copied().collect())
    }

    fn end(&self) -> AudioPos {
        self.start + self.samples.len() as u64
    }

    fn drop_front(&mut self, count: u64) {
        let count = count.min(self.samples.len() as u64);
        self.samples.drain(..count as usize);
        self.start = self.start + count;
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// One second of audio in which every sample holds its second.
    fn second(number: u64) -> BusAudio {
        let sample = (number as i16).to_le_bytes();
        BusAudio {
            at: AudioPos::from_millis(number * 1_000),
            pcm: Bytes::from(sample.repeat(16_000)),
        }
    }

    fn seconds(count: u64) -> History {
        let mut history = History::default();
        for number in 0..count {
            history.push(&second(number));
        }
        history
    }

    #[test]
    fn gives_the_last_eight_seconds_of_a_long_utterance() {
        let history = seconds(20);
        let pcm = history
            .last_seconds(AudioPos::START, AudioPos::from_millis(20_000))
            .expect("it is here");
        assert_eq!((pcm.len(), pcm[0], pcm[pcm.len() - 1]), (8 * 16_000, 12, 19));
    }

    #[test]
    fn what_the_detector_has_not_seen_is_kept_and_what_it_has_is_forgotten() {
        let mut history = seconds(20);
        history.forget_before(AudioPos::from_millis(3_000));
        assert!(
            history
                .last_seconds(AudioPos::START, AudioPos::from_millis(2_000))
                .is_some()
        );
        history.forget_before(AudioPos::from_millis(20_000));
        assert!(
            history
                .last_seconds(AudioPos::from_millis(10_000), AudioPos::from_millis(12_000))
                .is_none()
        );
        assert!(
            history
                .last_seconds(AudioPos::from_millis(12_000), AudioPos::from_millis(20_000))
                .is_some()
        );
    }

    #[test]
    fn a_jump_in_position_forgets_the_past() {
        let mut history = seconds(2);
        history.push(&second(5));
        assert!(
            history
                .last_seconds(AudioPos::from_millis(1_000), AudioPos::from_millis(6_000))
                .is_none()
        );
        let pcm = history.last_seconds(AudioPos::from_millis(5_000), AudioPos::from_millis(6_000));
        assert_eq!(pcm.map(|pcm| pcm[0]), Some(5));
    }
}
