//! How often one address may knock.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Addresses remembered at a time. Overflow policy: those that have not knocked lately are forgotten; if all have,
/// newcomers share one bucket.
const CAPACITY: usize = 10_000;

/// How often one address may knock: a bucket of `burst` handshakes that refills at `per_second`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HandshakeRate {
    /// Handshakes at once.
    pub burst: u32,
    /// Handshakes a second in the long run.
    pub per_second: f64,
}

impl Default for HandshakeRate {
    fn default() -> Self {
        Self {
            burst: 200,
            per_second: 20.0,
        }
    }
}

/// Counts handshakes by address.
#[derive(Debug)]
pub(crate) struct Doorman {
    rate: HandshakeRate,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Doorman {
    pub(crate) fn new(rate: HandshakeRate) -> Self {
        Self {
            rate,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a handshake of `address`, or says how long it must wait.
    pub(crate) fn knock(&self, address: IpAddr) -> Result<(), Duration> {
        let now = Instant::now();
        let full = Bucket {
            tokens: f64::from(self.rate.burst),
            at: now,
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = network_of(address);
        if !buckets.contains_key(&key) && buckets.len() >= CAPACITY {
            buckets.retain(|_, bucket| self.tokens(*bucket, now) < full.tokens);
            if buckets.len() >= CAPACITY {
                key = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
            }
        }
        let bucket = buckets.entry(key).or_insert(full);
        let tokens = self.tokens(*bucket, now);
        if tokens < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - tokens) / self.rate.per_second));
        }
        *bucket = Bucket {
            tokens: tokens - 1.0,
            at: now,
        };
        Ok(())
    }

    fn tokens(&self, bucket: Bucket, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * self.rate.per_second;
        (bucket.tokens + gained).min(f64::from(self.rate.burst))
    }
}

/// An IPv6 subscriber holds a /64 of addresses and counts as one.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_let_in_and_then_one_at_a_time() {
        let doorman = Doorman::new(HandshakeRate {
            burst: 3,
            per_second: 2.0,
        });
        let (caller, other) = (address("10.0.0.1"), address("10.0.0.2"));
        for _ in 0..3 {
            assert_eq!(doorman.knock(caller), Ok(()));
        }
        assert_eq!(doorman.knock(caller), Err(Duration::from_millis(500)));
        assert_eq!(doorman.knock(other), Ok(()));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(doorman.knock(caller), Ok(()));
        assert!(doorman.knock(caller).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_subscriber_cannot_hide_behind_many_addresses() {
        let doorman = Doorman::new(HandshakeRate {
            burst: 1,
            per_second: 1.0,
        });
        assert!(doorman.knock(address("2001:db8::1")).is_ok());
        assert!(doorman.knock(address("2001:db8::2")).is_err());
        assert!(doorman.knock(address("2001:db8:0:1::1")).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_under_a_flood_of_addresses() {
        let doorman = Doorman::new(HandshakeRate {
            burst: 1,
            per_second: 1.0,
        });
        for number in 0..CAPACITY as u32 + 10 {
            let _ = doorman.knock(IpAddr::V4(number.into()));
        }
        assert!(doorman.buckets.lock().expect("unpoisoned").len() <= CAPACITY + 1);
    }
}
