//! What is still to be sent: audio in pieces of the size the vendor likes and not faster than it takes it, and requests
//! in their place between.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// Samples that may be sent ahead of the pace, one second: what a client sends late comes all at once.
const AHEAD: f64 = 16_000.0;

/// Samples a second in the long run: the vendor takes audio 1.25 times as fast as it is spoken.
const PACE: f64 = 1.25 * 16_000.0;

/// Something to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parcel {
    /// PCM16, never empty.
    Audio(Bytes),
    /// A request for all that was heard so far as final.
    Request,
}

/// What is still to be sent. Times are since the connection was opened.
#[derive(Debug)]
pub(super) struct Outbox {
    piece: usize,
    filling: BytesMut,
    waiting: VecDeque<Parcel>,
    waiting_bytes: usize,
    credit: f64,
    credited: Duration,
}

impl Outbox {
    /// Sends audio in pieces of so many bytes.
    pub(super) fn new(piece: usize) -> Self {
        Self {
            piece,
            filling: BytesMut::with_capacity(piece),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            credit: AHEAD,
            credited: Duration::ZERO,
        }
    }

    /// Queues audio (PCM16), cut anew: what comes is in pieces of other sizes.
    pub(super) fn push(&mut self, mut pcm: &[u8]) {
        while !pcm.is_empty() {
            let (now, later) = pcm.split_at(pcm.len().min(self.piece - self.filling.len()));
            self.filling.extend_from_slice(now);
            if self.filling.len() == self.piece {
                self.cut_piece();
            }
            pcm = later;
        }
    }

    /// Queues a request behind all audio.
    pub(super) fn request(&mut self) {
        self.cut_piece();
        self.waiting.push_back(Parcel::Request);
    }

    /// Bytes of audio that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes + self.filling.len()
    }

    /// The next thing that may be sent `now`.
    pub(super) fn pop(&mut self, now: Duration) -> Option<Parcel> {
        let earned = now.saturating_sub(self.credited).as_secs_f64() * PACE;
        self.credit = (self.credit + earned).min(AHEAD);
        self.credited = self.credited.max(now);
        if let Some(Parcel::Audio(pcm)) = self.waiting.front() {
            let samples = (pcm.len() / 2) as f64;
            if samples > self.credit {
                return None;
            }
            self.credit -= samples;
            self.waiting_bytes -= pcm.len();
        }
        self.waiting.pop_front()
    }

    /// When the next thing may be sent, after [`pop`](Self::pop) gave nothing.
    pub(super) fn due(&self) -> Option<Duration> {
        let Parcel::Audio(pcm) = self.waiting.front()? else {
            return Some(self.credited);
        };
        let missing = (pcm.len() / 2) as f64 - self.credit;
        // A microsecond more, so that rounding never leaves it a sample short.
        Some(self.credited + Duration::from_secs_f64(missing.max(0.0) / PACE) + Duration::from_micros(1))
    }

    fn cut_piece(&mut self) {
        if !self.filling.is_empty() {
            let piece = self.filling.split().freeze();
            self.waiting_bytes += piece.len();
            self.waiting.push_back(Parcel::Audio(piece));
            self.filling.reserve(self.piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn audio_goes_in_whole_pieces_and_the_rest_before_a_request() {
        let mut outbox = Outbox::new(3_200);
        outbox.push(&[1; 640]);
        assert_eq!(outbox.pop(ms(0)), None);
        outbox.push(&[1; 6_000]);
        outbox.request();
        outbox.request();
        let sizes: Vec<usize> = std::iter::from_fn(|| outbox.pop(ms(0)))
            .map(|parcel| match parcel {
                Parcel::Audio(pcm) => pcm.len(),
                Parcel::Request => 0,
            })
            .collect();
        assert_eq!(sizes, [3_200, 3_200, 240, 0, 0]);
        assert_eq!((outbox.waiting_bytes(), outbox.due()), (0, None));
    }

    #[test]
    fn a_backlog_goes_at_the_pace_the_vendor_takes() {
        let mut outbox = Outbox::new(3_200);
        outbox.push(&vec![1; 10 * 32_000]);
        outbox.request();
        let (mut now, mut sent) = (Duration::ZERO, 0);
        loop {
            match outbox.pop(now) {
                Some(Parcel::Audio(pcm)) => sent += pcm.len() / 2,
                Some(Parcel::Request) => break,
                None => now = outbox.due().expect("more to send"),
            }
            let most = 16_000.0 + now.as_secs_f64() * 20_000.0;
            assert!(sent as f64 <= most + 1.0, "{sent} by {now:?}");
        }
        assert_eq!(sent, 160_000);
        // Nine seconds at 1.25, after one at once.
        assert!((now.as_secs_f64() - 7.2).abs() < 0.01, "{now:?}");
    }
}
