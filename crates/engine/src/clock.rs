//! The session's clock: tokio's instants (virtual in tests) as the core's [`Time`]; and the time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bedside_conversation::time::{AudioPos, Time};
use tokio::time::Instant;

/// Counts from the moment the session was created.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionClock {
    start: Instant,
}

impl SessionClock {
    /// A clock that reads zero now.
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// The session's time now.
    pub(crate) fn now(self) -> Time {
        Time::from_micros(self.start.elapsed().as_micros() as u64)
    }

    /// The session's time at `instant`.
    pub(crate) fn at(self, instant: Instant) -> Time {
        Time::from_micros(instant.saturating_duration_since(self.start).as_micros() as u64)
    }

    /// The instant at which the clock reads `time`, never earlier: tokio's timers count whole milliseconds and a core
    /// woken a microsecond early would only go back to sleep.
    pub(crate) fn instant(self, time: Time) -> Instant {
        self.start + Duration::from_micros(time.as_micros())
    }
}

/// The time, milliseconds since the Unix epoch; `None` on a machine whose clock was never set.
pub(crate) fn unix_millis() -> Option<u64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_millis() as u64)
}

/// How long so many samples of the bus play.
pub(crate) fn bus_time(samples: u64) -> Duration {
    Duration::from_micros(samples * 1_000_000 / AudioPos::RATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn reads_what_has_passed_and_wakes_no_earlier_than_asked() {
        let clock = SessionClock::start();
        let due = Time::from_micros(20_500);
        tokio::time::sleep_until(clock.instant(due)).await;
        assert!(clock.now() >= due, "woke at {:?}", clock.now());
    }
}
