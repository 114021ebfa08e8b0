//! A patient who sends audio without rest, and expects every frame back.

use std::time::Duration;

use bytes::Bytes;

use crate::figures::FigureName;
use crate::material::FRAME;
use crate::tally::Tally;
use crate::wire;

/// What tells a frame of ours from other audio.
const MARK: [u8; 4] = *b"ECHO";

/// Bytes of a frame of PCM16.
const PAYLOAD: usize = wire::BINARY_RATE as usize / 50 * 2;

/// Frames that come back. Each carries its number among its samples: a server numbers what it sends itself.
#[derive(Debug)]
pub(crate) struct Echo {
    start: Duration,
    sent: u64,
    awaited: u64,
    last_came: Option<Duration>,
}

impl Echo {
    /// Begins with a frame whose first sample is taken at `start`.
    pub(crate) const fn new(start: Duration) -> Self {
        Self {
            start,
            sent: 0,
            awaited: 0,
            last_came: None,
        }
    }

    /// When the next frame must be sent: when its last sample was taken.
    pub(crate) fn next_due(&self) -> Duration {
        self.due(self.sent)
    }

    /// The next frame.
    pub(crate) fn send(&mut self) -> Bytes {
        let number = self.sent;
        self.sent += 1;
        let mut payload = [0; PAYLOAD];
        payload[..4].copy_from_slice(&MARK);
        payload[4..12].copy_from_slice(&number.to_le_bytes());
        wire::audio_message(number, self.due(number), &payload)
    }

    /// Takes what came back.
    pub(crate) fn receive(&mut self, now: Duration, pcm: &[u8], tally: &mut Tally) {
        let Some(number) = number(pcm).filter(|number| *number < self.sent) else {
            tally.drop("frames_changed", 1);
            return;
        };
        if number < self.awaited {
            tally.drop("frames_out_of_order", 1);
            return;
        }
        tally.drop("frames_not_echoed", number - self.awaited);
        self.awaited = number + 1;
        let due = self.due(number);
        tally.time(FigureName::RoundTrip, due, now.saturating_sub(due));
        if let Some(last) = self.last_came.replace(now) {
            tally.time(FigureName::Jitter, due, now.saturating_sub(last).abs_diff(FRAME));
        }
    }

    /// Whether nothing is on its way.
    pub(crate) const fn is_settled(&self) -> bool {
        self.awaited == self.sent
    }

    /// Counts what never came back.
    pub(crate) fn end(&mut self, tally: &mut Tally) {
        tally.drop("frames_not_echoed", self.sent - self.awaited);
        self.awaited = self.sent;
    }

    fn due(&self, number: u64) -> Duration {
        self.start + FRAME * (number + 1) as u32
    }
}

fn number(pcm: &[u8]) -> Option<u64> {
    let (mark, rest) = pcm.split_first_chunk()?;
    let number = rest.first_chunk()?;
    (*mark == MARK).then(|| u64::from_le_bytes(*number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn pcm(message: &Bytes) -> &[u8] {
        wire::read_audio(message).unwrap().0
    }

    #[test]
    fn a_round_trip_counts_from_when_the_frame_was_due() {
        let mut echo = Echo::new(ms(100));
        let mut tally = Tally::default();
        assert_eq!(echo.next_due(), ms(120));
        let first = echo.send();
        // However late it was sent, 250 ms is when it should have been back at once for a lag of 130.
        echo.receive(ms(250), pcm(&first), &mut tally);
        let figure = &tally.figures()[&FigureName::RoundTrip];
        assert!((figure.max - 130.0).abs() < 0.2, "{}", figure.max);
        assert!(echo.is_settled());
        assert_eq!(echo.next_due(), ms(140));
    }

    #[test]
    fn frames_left_out_changed_or_never_returned_are_counted() {
        let mut echo = Echo::new(ms(0));
        let mut tally = Tally::default();
        let frames: Vec<Bytes> = (0..6).map(|_| echo.send()).collect();
        echo.receive(ms(30), pcm(&frames[0]), &mut tally);
        echo.receive(ms(80), pcm(&frames[3]), &mut tally);
        echo.receive(ms(81), pcm(&frames[1]), &mut tally);
        echo.receive(ms(82), &[0; 640], &mut tally);
        echo.end(&mut tally);
        let drops: Vec<_> = tally
            .drops
            .iter()
            .map(|(cause, count)| (cause.as_str(), *count))
            .collect();
        assert_eq!(
            drops,
            [
                ("frames_changed", 1),
                ("frames_not_echoed", 4),
                ("frames_out_of_order", 1)
            ]
        );
    }
}
