//! A loudspeaker: what comes is played at once, or after what came before it.

use std::time::Duration;

/// Samples beyond this are audible: −40 dB of full scale.
const AUDIBLE: u16 = 328;

/// Whether a sample can be heard.
pub(crate) fn is_audible(sample: i16) -> bool {
    sample.unsigned_abs() > AUDIBLE
}

/// When audio is played. Times are since the run's beginning.
#[derive(Debug, Default)]
pub(crate) struct Player {
    ends: Duration,
    last: Option<Piece>,
}

/// A piece of an answer that came.
#[derive(Debug, Clone, Copy)]
struct Piece {
    came: Duration,
    length: Duration,
}

/// How a piece of an answer is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Played {
    /// When its first sample is.
    pub(crate) begins: Duration,
    /// How long nothing was left to play before it; `None` for an answer's first piece.
    pub(crate) gap: Option<Duration>,
    /// How far the time since the piece before is from that piece's length; `None` for an answer's first piece.
    pub(crate) jitter: Option<Duration>,
}

impl Player {
    /// The next piece is the first of an answer.
    pub(crate) fn begin(&mut self) {
        self.last = None;
    }

    /// Takes a piece that came at `now`.
    pub(crate) fn play(&mut self, now: Duration, length: Duration) -> Played {
        let begins = self.ends.max(now);
        let last = self.last.replace(Piece { came: now, length });
        let played = Played {
            begins,
            gap: last.map(|_| now.saturating_sub(self.ends)),
            jitter: last.map(|last| now.saturating_sub(last.came).abs_diff(last.length)),
        };
        self.ends = begins + length;
        played
    }

    /// Throws away what was not played.
    pub(crate) fn stop(&mut self, now: Duration) {
        self.ends = self.ends.min(now);
        self.last = None;
    }

    /// When all that came will have been played.
    pub(crate) const fn ends(&self) -> Duration {
        self.ends
    }
}

/// The first sample of little-endian PCM16 that can be heard.
pub(crate) fn first_audible(pcm: &[u8]) -> Option<usize> {
    let samples = pcm.as_chunks::<2>().0;
    samples
        .iter()
        .position(|sample| is_audible(i16::from_le_bytes(*sample)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn pieces_follow_one_another_and_a_late_one_leaves_a_gap() {
        let mut player = Player::default();
        player.begin();
        let first = player.play(ms(100), ms(40));
        assert_eq!((first.begins, first.gap, first.jitter), (ms(100), None, None));
        let early = player.play(ms(110), ms(40));
        assert_eq!(
            (early.begins, early.gap, early.jitter),
            (ms(140), Some(ms(0)), Some(ms(30)))
        );
        let late = player.play(ms(200), ms(40));
        assert_eq!(
            (late.begins, late.gap, late.jitter),
            (ms(200), Some(ms(20)), Some(ms(50)))
        );
        player.begin();
        assert_eq!(player.play(ms(900), ms(40)).gap, None);
    }

    #[test]
    fn what_is_stopped_is_not_played() {
        let mut player = Player::default();
        player.play(ms(0), ms(1_000));
        player.stop(ms(300));
        assert_eq!(player.ends(), ms(300));
        assert_eq!(player.play(ms(310), ms(20)).begins, ms(310));
    }

    #[test]
    fn silence_is_not_audible() {
        let pcm: Vec<u8> = [0_i16, -100, 300, -329, 9_000]
            .into_iter()
            .flat_map(i16::to_le_bytes)
            .collect();
        assert_eq!(first_audible(&pcm), Some(3));
        assert_eq!(first_audible(&pcm[..6]), None);
    }
}
