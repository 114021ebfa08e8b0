//! The sum of each channel over many rows.

/// Bytes added side by side: a multiple of every number of channels, and what fits the registers as 16-bit numbers.
const LANES: usize = 96;

/// Rounds of [`LANES`] bytes that a 16-bit lane holds: 257 × 255 is its largest number.
const ROUNDS: u32 = 257;

/// Sums of bytes that are `N` interleaved channels, `N` being a divisor of [`LANES`].
///
/// Fixed arrays let the compiler add all lanes with vector instructions; a slice or an iterator over pixels does not.
#[derive(Debug)]
pub(super) struct ChannelSums<const N: usize> {
    lanes: [u16; LANES],
    rounds: u32,
    totals: [u64; N],
}

impl<const N: usize> ChannelSums<N> {
    pub(super) fn new() -> Self {
        const { assert!(LANES.is_multiple_of(N)) };
        Self {
            lanes: [0; LANES],
            rounds: 0,
            totals: [0; N],
        }
    }

    /// Adds whole pixels.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let (rounds, rest) = bytes.as_chunks::<LANES>();
        let mut rounds = rounds;
        while !rounds.is_empty() {
            let free = (ROUNDS - self.rounds) as usize;
            let (now, later) = rounds.split_at(free.min(rounds.len()));
            let mut lanes = self.lanes;
            for round in now {
                for (lane, byte) in lanes.iter_mut().zip(round) {
                    *lane += u16::from(*byte);
                }
            }
            self.lanes = lanes;
            self.count(now.len() as u32);
            rounds = later;
        }
        if !rest.is_empty() {
            for (lane, byte) in self.lanes.iter_mut().zip(rest) {
                *lane += u16::from(*byte);
            }
            self.count(1);
        }
    }

    /// The sum of each channel.
    pub(super) fn totals(mut self) -> [u64; N] {
        self.fold();
        self.totals
    }

    fn count(&mut self, rounds: u32) {
        self.rounds += rounds;
        if self.rounds == ROUNDS {
            self.fold();
        }
    }

    fn fold(&mut self) {
        for pixel in self.lanes.as_chunks::<N>().0 {
            for (total, lane) in self.totals.iter_mut().zip(pixel) {
                *total += u64::from(*lane);
            }
        }
        self.lanes = [0; LANES];
        self.rounds = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brightest_rows_do_not_overflow() {
        for row in [3, 93, 96, 99, 96 * 256, 96 * 257, 96 * 258 + 3] {
            let mut sums = ChannelSums::<3>::new();
            let bytes = vec![255; row];
            for _ in 0..300 {
                sums.add(&bytes);
            }
            assert_eq!(sums.totals(), [255 * 300 * row as u64 / 3; 3], "rows of {row}");
        }
    }
}
