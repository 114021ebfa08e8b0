//! Whether newcomers are refused because the node is late.

use std::time::Duration;

/// A node that was late for so long without a break refuses newcomers. A single stall is no overload.
const LATE_FOR: Duration = Duration::from_secs(2);

/// Newcomers are let in again once the node has been calm for so long without a break.
const CALM_FOR: Duration = Duration::from_secs(5);

/// A node is calm up to this strain, well under that from which it is late: a few newcomers must not make it late again.
const CALM: f64 = 0.5;

/// Follows a node's [strain](super::strain), with hysteresis in height and in time.
#[derive(Debug, Default)]
pub(crate) struct Pressure {
    strain: f64,
    refusing: bool,
    /// Since when the strain has been such that the state is to change.
    against: Option<Duration>,
}

impl Pressure {
    /// Takes note of the strain at `now`, since any fixed moment.
    pub(crate) fn observe(&mut self, now: Duration, strain: f64) {
        self.strain = strain;
        let (against, long_enough) = if self.refusing {
            (strain <= CALM, CALM_FOR)
        } else {
            (strain > 1.0, LATE_FOR)
        };
        if !against {
            self.against = None;
            return;
        }
        let since = *self.against.get_or_insert(now);
        if now.saturating_sub(since) >= long_enough {
            self.refusing = !self.refusing;
            self.against = None;
        }
    }

    /// Whether newcomers are refused.
    pub(crate) fn is_refusing(&self) -> bool {
        self.refusing
    }

    /// The strain last observed.
    pub(crate) fn strain(&self) -> f64 {
        self.strain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second by second; `!` where newcomers are refused at its end.
    fn run(strains: &[f64]) -> String {
        let mut pressure = Pressure::default();
        let mut seen = String::new();
        for (second, strain) in strains.iter().enumerate() {
            pressure.observe(Duration::from_secs(second as u64), *strain);
            seen.push(if pressure.is_refusing() { '!' } else { '.' });
        }
        seen
    }

    #[test]
    fn a_node_that_stays_late_refuses_until_it_has_been_calm_for_a_while() {
        let strains = [0.2, 1.5, 1.4, 3.0, 2.0, 0.4, 0.3, 0.2, 0.1, 0.1, 0.1, 0.1];
        assert_eq!(run(&strains), "...!!!!!!!..");
    }

    #[test]
    fn a_single_stall_and_what_lies_between_the_thresholds_change_nothing() {
        assert_eq!(run(&[9.0, 0.0, 9.0, 0.9, 1.2, 0.8]), "......");
        let swinging = [
            1.1, 1.1, 1.1, 0.9, 0.6, 0.9, 0.4, 0.4, 0.6, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4,
        ];
        assert_eq!(run(&swinging), "..!!!!!!!!!!!!.");
    }

    /// A node that serves ten sessions well and is late from the eleventh on; every second one wants in, and each stays for
    /// half a minute.
    #[test]
    fn a_crowd_at_the_door_does_not_make_it_flap() {
        let (mut pressure, mut sessions, mut changes, mut most) = (Pressure::default(), Vec::new(), 0, 0);
        for second in 0..600 {
            sessions.retain(|until| *until > second);
            let before = pressure.is_refusing();
            pressure.observe(Duration::from_secs(second), sessions.len() as f64 / 10.0);
            changes += u32::from(before != pressure.is_refusing());
            if !pressure.is_refusing() {
                sessions.push(second + 30);
            }
            most = most.max(sessions.len());
        }
        assert!(most <= 14, "{most} sessions where ten are served well");
        assert!(changes <= 40, "changed {changes} times in ten minutes");
    }
}
