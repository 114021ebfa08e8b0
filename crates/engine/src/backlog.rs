//! How far a client is ahead of real time, which decides what happens to audio that finds no room.
//!
//! A live client's audio must not grow old: what a consumer cannot take in time is dropped. A client that sends a
//! recording faster than it plays has nothing to lose by waiting: it is read more slowly.

use std::time::Duration;

use tokio::time::Instant;

/// A leaky bucket: audio received flows in, real time flows out.
#[derive(Debug)]
pub(crate) struct Lead {
    level: Duration,
    at: Instant,
}

impl Lead {
    pub(crate) fn new() -> Self {
        Self {
            level: Duration::ZERO,
            at: Instant::now(),
        }
    }

    /// Counts audio received at `now`.
    pub(crate) fn received(&mut self, now: Instant, audio: Duration) {
        self.level = self.ahead(now) + audio;
        self.at = now;
    }

    /// How much more audio has come than time has passed.
    pub(crate) fn ahead(&self, now: Instant) -> Duration {
        self.level.saturating_sub(now.saturating_duration_since(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_live_client_stays_near_zero_and_a_recording_runs_ahead() {
        let mut lead = Lead::new();
        for _ in 0..100 {
            tokio::time::advance(Duration::from_millis(20)).await;
            lead.received(Instant::now(), Duration::from_millis(20));
        }
        assert_eq!(lead.ahead(Instant::now()), Duration::from_millis(20));
        lead.received(Instant::now(), Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert_eq!(lead.ahead(Instant::now()), Duration::from_millis(6_020));
    }
}
