use bedside_conversation::time::AudioPos;
use bedside_media::audio::pcm;

/// Speech goes on if sound comes back within 12 dB of the utterance before the pause …
const LOUD_ENOUGH: f64 = 0.25;

/// … for so many samples (a quarter of a second).
const LONG_ENOUGH: u64 = AudioPos::RATE / 4;

/// Quieter than this (−54 dBFS) is no speech, whatever came before.
const FLOOR: f64 = 65.0;

/// Tells whether an utterance goes on after a pause, when nobody says so. It decides about partial transcripts alone,
/// so loudness will do.
#[derive(Debug)]
pub(super) struct Pause {
    threshold: f64,
    loud: u64,
}

impl Pause {
    /// A pause after `utterance`.
    pub(super) fn after(utterance: &[i16]) -> Self {
        let threshold = (loudness(utterance.iter().copied()) * LOUD_ENOUGH).max(FLOOR);
        Self { threshold, loud: 0 }
    }

    /// Whether speech has come back with this audio (PCM16 little-endian).
    pub(super) fn ends_with(&mut self, audio: &[u8]) -> bool {
        if loudness(pcm::samples(audio)) >= self.threshold {
            self.loud += (audio.len() / 2) as u64;
        }
        self.loud >= LONG_ENOUGH
    }
}

/// Root mean square.
fn loudness(samples: impl ExactSizeIterator<Item = i16>) -> f64 {
    let count = samples.len().max(1) as f64;
    (samples.map(|sample| f64::from(sample).powi(2)).sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_clicks_do_not_end_it_and_speech_does() {
        let mut pause = Pause::after(&[3_000; 4_000]);
        let frame = |level: i16| pcm::to_le(&[level; 320]);
        assert!((0..100).all(|_| !pause.ends_with(&frame(200))));
        assert!(!pause.ends_with(&frame(3_000)));
        assert!((0..12).any(|_| pause.ends_with(&frame(2_000))));
    }

    #[test]
    fn noise_after_silence_is_no_speech() {
        let mut pause = Pause::after(&[0; 4_000]);
        assert!((0..100).all(|_| !pause.ends_with(&pcm::to_le(&[40; 320]))));
    }
}
