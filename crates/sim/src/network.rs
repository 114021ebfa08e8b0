//! The way between client and server: late, unevenly late, and sometimes stuck, but in order (it is one TCP stream).

use std::ops::RangeInclusive;
use std::time::Duration;

use bedside_conversation::time::Time;

use crate::rng::{Rng, Stream};

/// How one direction behaves.
#[derive(Debug, Clone)]
pub struct LinkManners {
    /// Delay of a message, in milliseconds.
    pub delay_ms: RangeInclusive<u64>,
    /// Probability that the way is stuck from this message on.
    pub stall: f64,
    /// How long it is stuck, in milliseconds; everything then arrives in a burst.
    pub stall_ms: RangeInclusive<u64>,
}

impl LinkManners {
    /// Every message takes exactly as long.
    pub fn steady(delay_ms: u64) -> Self {
        Self {
            delay_ms: delay_ms..=delay_ms,
            stall: 0.0,
            stall_ms: 0..=0,
        }
    }

    /// The delay of every message, if it is the same for all.
    pub fn steady_delay(&self) -> Option<Duration> {
        let steady = self.delay_ms.start() == self.delay_ms.end() && self.stall == 0.0;
        steady.then(|| Duration::from_millis(*self.delay_ms.start()))
    }
}

/// One direction.
#[derive(Debug)]
pub struct Link {
    manners: LinkManners,
    rng: Rng,
    /// Nothing arrives before what was sent earlier.
    last: Time,
    /// Nothing leaves before this.
    stuck_until: Time,
}

impl Link {
    /// A direction of the network.
    pub fn new(manners: LinkManners, seed: u64, stream: Stream) -> Self {
        Self {
            manners,
            rng: Rng::new(seed, stream),
            last: Time::ZERO,
            stuck_until: Time::ZERO,
        }
    }

    /// When a message sent at `now` arrives.
    pub fn arrival(&mut self, now: Time) -> Time {
        if self.manners.stall > 0.0 && self.rng.chance(self.manners.stall) {
            self.stuck_until = now + self.rng.millis(self.manners.stall_ms.clone());
        }
        let delay: Duration = self.rng.millis(self.manners.delay_ms.clone());
        self.last = (now.max(self.stuck_until) + delay).max(self.last);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_keep_their_order_whatever_the_jitter() {
        let manners = LinkManners {
            delay_ms: 5..=300,
            stall: 0.05,
            stall_ms: 200..=1_500,
        };
        let mut link = Link::new(manners, 7, Stream::Uplink);
        let arrivals: Vec<_> = (0..500)
            .map(|i| link.arrival(Time::from_millis(i * 20)))
            .collect();
        assert!(arrivals.is_sorted());
        assert!(
            arrivals
                .iter()
                .enumerate()
                .all(|(i, at)| *at >= Time::from_millis(i as u64 * 20 + 5))
        );
    }
}
