use std::collections::VecDeque;
use std::ops::Range;

use bedside_conversation::time::AudioPos;
use bedside_media::audio::pcm;

use crate::traits::BusAudio;

/// The latest audio, up to a limit; the oldest goes first. Its own copy: nothing of a received buffer is held.
#[derive(Debug)]
pub(super) struct AudioMemory {
    pieces: VecDeque<Piece>,
    samples: usize,
    most: usize,
}

#[derive(Debug)]
struct Piece {
    at: AudioPos,
    samples: Vec<i16>,
}

impl Piece {
    fn end(&self) -> AudioPos {
        self.at + self.samples.len() as u64
    }
}

impl AudioMemory {
    /// Keeps at most `most` samples, and the piece that just came.
    pub(super) fn new(most: usize) -> Self {
        Self {
            pieces: VecDeque::new(),
            samples: 0,
            most,
        }
    }

    pub(super) fn push(&mut self, audio: &BusAudio) {
        let samples: Vec<i16> = pcm::samples(&audio.pcm).collect();
        self.samples += samples.len();
        self.pieces.push_back(Piece {
            at: audio.at,
            samples,
        });
        while self.samples > self.most && self.pieces.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Forgets what lies wholly before `at`.
    pub(super) fn forget_before(&mut self, at: AudioPos) {
        while self.pieces.front().is_some_and(|piece| piece.end() <= at) {
            self.drop_oldest();
        }
    }

    /// One past the last sample.
    pub(super) fn end(&self) -> AudioPos {
        self.pieces.back().map_or(AudioPos::START, Piece::end)
    }

    /// What is kept of `range`.
    pub(super) fn copy(&self, range: Range<AudioPos>) -> Vec<i16> {
        let mut out = Vec::with_capacity(((range.end - range.start) as usize).min(self.samples));
        for piece in &self.pieces {
            let from = (range.start - piece.at) as usize;
            let to = ((range.end - piece.at) as usize).min(piece.samples.len());
            if from < to {
                out.extend_from_slice(&piece.samples[from..to]);
            }
        }
        out
    }

    fn drop_oldest(&mut self) {
        if let Some(piece) = self.pieces.pop_front() {
            self.samples -= piece.samples.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(at: u64, samples: Range<i16>) -> BusAudio {
        let samples: Vec<i16> = samples.collect();
        BusAudio {
            at: AudioPos::from_samples(at),
            pcm: pcm::to_le(&samples),
        }
    }

    fn copied(memory: &AudioMemory, range: Range<u64>) -> Vec<i16> {
        memory.copy(AudioPos::from_samples(range.start)..AudioPos::from_samples(range.end))
    }

    #[test]
    fn gives_back_any_stretch_of_what_it_keeps() {
        let mut memory = AudioMemory::new(100);
        memory.push(&audio(1_000, 0..4));
        memory.push(&audio(1_004, 4..8));
        assert_eq!(copied(&memory, 1_002..1_006), [2, 3, 4, 5]);
        assert_eq!(copied(&memory, 0..9_999), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert!(copied(&memory, 1_006..1_006).is_empty());
        assert_eq!(memory.end(), AudioPos::from_samples(1_008));
    }

    #[test]
    fn the_oldest_goes_first() {
        let mut memory = AudioMemory::new(8);
        for at in 0..4 {
            memory.push(&audio(at * 4, 0..4));
        }
        assert_eq!(copied(&memory, 0..16).len(), 8);
        memory.forget_before(AudioPos::from_samples(13));
        assert_eq!(copied(&memory, 0..16).len(), 4);
    }
}
