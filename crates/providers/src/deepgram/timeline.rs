use std::collections::VecDeque;

use bedside_conversation::time::AudioPos;

/// Places where the two clocks part that are kept: of the latest minutes, as audio seldom stops.
const MOST_MARKS: usize = 64;

/// Which sample of the patient's audio is which of the connection's: the vendor counts from the first it got.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Where stretches begin: in the connection, and in the patient's audio.
    marks: VecDeque<(u64, AudioPos)>,
    /// One past the last sample of the connection …
    end: u64,
    /// … and of the patient's audio.
    next: AudioPos,
    /// Something else came between.
    parted: bool,
}

impl Timeline {
    /// Takes note of `samples` more, from `at`; returns how many of them came before already and are not to be sent.
    pub(super) fn append(&mut self, at: AudioPos, samples: u64) -> u64 {
        let known = if self.marks.is_empty() {
            0
        } else {
            (self.next - at).min(samples)
        };
        let at = at + known;
        let new = samples - known;
        if new == 0 {
            return known;
        }
        if self.marks.is_empty() || self.parted || at != self.next {
            self.marks.push_back((self.end, at));
            self.parted = false;
            if self.marks.len() > MOST_MARKS {
                self.marks.pop_front();
            }
        }
        self.end += new;
        self.next = at + new;
        known
    }

    /// Takes note of `samples` that are not the patient's.
    pub(super) fn pad(&mut self, samples: u64) {
        self.end += samples;
        self.parted = true;
    }

    /// Where a position of the patient's audio lies in the connection. One that was never sent lies where it is missing.
    pub(super) fn place(&self, at: AudioPos) -> u64 {
        let after = self.marks.partition_point(|&(_, begins)| begins <= at);
        let Some(&(from, begins)) = after.checked_sub(1).and_then(|before| self.marks.get(before)) else {
            return self.marks.front().map_or(0, |&(from, _)| from);
        };
        let place = from + (at - begins);
        self.marks.get(after).map_or(place, |&(next, _)| place.min(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(samples: u64) -> AudioPos {
        AudioPos::from_samples(samples)
    }

    #[test]
    fn positions_are_found_across_gaps_copies_and_padding() {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.append(at(1_000), 100), 0);
        assert_eq!(timeline.append(at(1_050), 100), 50);
        assert_eq!(timeline.append(at(1_100), 50), 50);
        // 150 samples of the connection are 1000 to 1150.
        timeline.append(at(2_000), 100);
        timeline.pad(30);
        timeline.append(at(2_100), 100);
        let places =
            [0, 1_000, 1_149, 1_500, 2_000, 2_099, 2_100, 2_150, 9_000].map(|p| timeline.place(at(p)));
        assert_eq!(places, [0, 0, 149, 150, 150, 249, 280, 330, 7_180]);
    }

    #[test]
    fn marks_are_bounded() {
        let mut timeline = Timeline::default();
        for n in 0..1_000 {
            timeline.append(at(n * 1_000), 10);
        }
        assert_eq!(timeline.marks.len(), MOST_MARKS);
        assert_eq!(timeline.place(at(999_005)), 9_995);
    }
}
