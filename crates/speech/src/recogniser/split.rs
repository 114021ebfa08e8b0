//! Cutting what is longer than the model can hear.

use std::ops::Range;

use crate::mel::SAMPLE_RATE;

/// The most the model hears at once, leaving room for the silence it wants after the speech.
pub(super) const LONGEST: usize = 29 * SAMPLE_RATE;
/// A cut is never made before this.
const EARLIEST: usize = 20 * SAMPLE_RATE;
/// The stretch that has to be quiet.
const QUIET: usize = SAMPLE_RATE / 5;
const STEP: usize = SAMPLE_RATE / 100;

/// Cuts audio into gapless pieces of at most [`LONGEST`], each cut in the quietest 200 ms there are.
pub(super) fn split(audio: &[i16]) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while audio.len() - from > LONGEST {
        let at = from + EARLIEST + quietest(&audio[from + EARLIEST..from + LONGEST]);
        pieces.push(from..at);
        from = at;
    }
    pieces.push(from..audio.len());
    pieces
}

/// The middle of the quietest stretch.
fn quietest(audio: &[i16]) -> usize {
    let energy = |samples: &[i16]| -> u64 {
        samples
            .iter()
            .map(|sample| u64::from(sample.unsigned_abs()).pow(2))
            .sum()
    };
    audio
        .windows(QUIET)
        .step_by(STEP)
        .enumerate()
        .min_by_key(|(_, stretch)| energy(stretch))
        .map_or(audio.len() / 2, |(i, _)| i * STEP + QUIET / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_audio_is_one_piece() {
        for length in [0, 1, LONGEST] {
            assert_eq!(split(&vec![7; length]), std::slice::from_ref(&(0..length)));
        }
    }

    #[test]
    fn long_audio_is_cut_in_its_pauses_and_nothing_is_lost() {
        let mut audio = vec![1_000; 70 * SAMPLE_RATE];
        for pause in [5, 24, 31, 46] {
            audio[pause * SAMPLE_RATE..pause * SAMPLE_RATE + QUIET].fill(3);
        }
        let middle = |second: usize| second * SAMPLE_RATE + QUIET / 2;
        let pieces = split(&audio);
        assert_eq!(
            pieces,
            [0..middle(24), middle(24)..middle(46), middle(46)..audio.len()]
        );
    }

    #[test]
    fn noise_without_a_pause_is_cut_all_the_same() {
        let pieces = split(&vec![1_000; 60 * SAMPLE_RATE]);
        assert!(pieces.iter().all(|piece| piece.len() <= LONGEST));
        assert_eq!(pieces.last().map(|piece| piece.end), Some(60 * SAMPLE_RATE));
    }
}
