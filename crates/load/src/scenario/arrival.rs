//! When sessions begin.

use std::time::Duration;

use serde::Deserialize;

use crate::chance::Chance;

/// When sessions begin, whatever the server does.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrival {
    /// One by one, evenly.
    Ramp {
        /// From the first to the last, seconds.
        over_s: f64,
    },
    /// All at once.
    Burst {},
    /// Each without regard to the others.
    Poisson {
        /// Sessions a second on average.
        per_second: f64,
    },
}

impl Arrival {
    pub(super) fn is_possible(&self) -> bool {
        match *self {
            Self::Burst {} => true,
            Self::Ramp { over_s } => over_s > 0.0 && over_s.is_finite(),
            Self::Poisson { per_second } => per_second > 0.0 && per_second.is_finite(),
        }
    }

    /// When `count` sessions are due, in order; those that would come at the `end` or later do not.
    pub(super) fn times(&self, count: u32, end: Duration, chance: &mut Chance) -> Vec<Duration> {
        let mut at = Duration::ZERO;
        let mut next = |index: u32| match *self {
            Self::Burst {} => Duration::ZERO,
            Self::Ramp { over_s } => Duration::from_secs_f64(over_s * f64::from(index) / f64::from(count)),
            Self::Poisson { per_second } => {
                at += chance.waiting(Duration::from_secs_f64(1.0 / per_second));
                at
            }
        };
        (0..count).map(&mut next).take_while(|due| *due < end).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Duration = Duration::from_secs(100);

    #[test]
    fn a_ramp_is_even_and_a_burst_is_at_once() {
        let mut chance = Chance::new(1, 0);
        let ramp = Arrival::Ramp { over_s: 10.0 }.times(5, END, &mut chance);
        assert_eq!(ramp, [0, 2, 4, 6, 8].map(Duration::from_secs));
        assert_eq!(Arrival::Burst {}.times(3, END, &mut chance), [Duration::ZERO; 3]);
    }

    #[test]
    fn random_arrivals_have_their_rate_and_end_with_the_run() {
        let arrival = Arrival::Poisson { per_second: 20.0 };
        let times = arrival.times(u32::MAX, END, &mut Chance::new(1, 0));
        assert!((1_850..2_150).contains(&times.len()), "{}", times.len());
        assert!(times.is_sorted() && times.last().is_some_and(|last| *last < END));
        assert_eq!(arrival.times(7, END, &mut Chance::new(1, 0)), times[..7]);
    }
}
