//! How a head moves and a mouth opens.

use std::f64::consts::TAU;
use std::ops::Range;

use crate::chance::Chance;
use crate::scene::Behaviour;

const SWAY_HZ: Range<f64> = 0.05..0.35;
const SHAKE_HZ: Range<f64> = 0.5..4.0;
/// Waves that a movement is made of, each way.
const WAVES: usize = 6;
/// Nodding while talking, as a fraction of the head's width.
const NOD: f64 = 0.012;
/// Syllables a second.
const SYLLABLES_HZ: Range<f64> = 3.0..5.5;

#[derive(Debug, Clone, Copy)]
struct Wave {
    hz: f64,
    phase: f64,
}

impl Wave {
    fn several(band: &Range<f64>, chance: &mut Chance) -> [Self; WAVES] {
        std::array::from_fn(|_| Self {
            hz: chance.within(band.clone()),
            phase: chance.angle(),
        })
    }

    fn at(self, t: f64) -> f64 {
        (TAU * self.hz * t + self.phase).sin()
    }
}

/// The sum of waves whose deviation is 1.
fn sum(waves: &[Wave], t: f64) -> f64 {
    waves.iter().map(|wave| wave.at(t)).sum::<f64>() * (2.0 / waves.len() as f64).sqrt()
}

#[derive(Debug)]
pub(crate) struct Motion {
    sway: f64,
    shake: f64,
    slow: [[Wave; WAVES]; 2],
    quick: [[Wave; WAVES]; 2],
    /// When words are spoken, and with how many syllables a second.
    bursts: Vec<(Range<f64>, f64)>,
}

impl Motion {
    pub(crate) fn new(behaviour: &Behaviour, seconds: f64, motion: &mut Chance, speech: &mut Chance) -> Self {
        let mut bursts = Vec::new();
        let mut t = speech.within(0.0..1.0);
        while behaviour.talking && t < seconds {
            let end = t + speech.within(2.0..3.0);
            bursts.push((t..end, speech.within(SYLLABLES_HZ)));
            t = end + speech.within(0.4..1.5);
        }
        Self {
            sway: behaviour.sway,
            shake: behaviour.shake,
            slow: std::array::from_fn(|_| Wave::several(&SWAY_HZ, motion)),
            quick: std::array::from_fn(|_| Wave::several(&SHAKE_HZ, motion)),
            bursts,
        }
    }

    /// Whether anything moves at all.
    pub(crate) fn is_still(&self) -> bool {
        self.sway == 0.0 && self.shake == 0.0 && self.bursts.is_empty()
    }

    /// How far the head is from its place to the right and downwards, in widths of the head.
    pub(crate) fn offset(&self, t: f64) -> [f64; 2] {
        let mut offset =
            [0, 1].map(|way| self.sway * sum(&self.slow[way], t) + self.shake * sum(&self.quick[way], t));
        offset[1] += NOD * self.mouth(t);
        offset
    }

    /// How far the mouth is open, 0 to 1.
    pub(crate) fn mouth(&self, t: f64) -> f64 {
        let next = self.bursts.partition_point(|(burst, _)| burst.start <= t);
        let Some((burst, hz)) = next.checked_sub(1).map(|last| &self.bursts[last]) else {
            return 0.0;
        };
        if burst.contains(&t) {
            0.5 - 0.5 * (TAU * hz * (t - burst.start)).cos()
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Stream;

    fn motion(behaviour: &Behaviour) -> Motion {
        let chance = |stream| Chance::new(9, stream);
        Motion::new(
            behaviour,
            60.0,
            &mut chance(Stream::Motion),
            &mut chance(Stream::Speech),
        )
    }

    #[test]
    fn movement_is_as_large_as_was_asked_for() {
        let motion = motion(&Behaviour {
            shake: 0.02,
            ..Behaviour::default()
        });
        let squares: f64 = (0..6_000)
            .map(|n| motion.offset(f64::from(n) * 0.01)[0].powi(2))
            .sum();
        let deviation = (squares / 6_000.0).sqrt();
        assert!((deviation - 0.02).abs() < 0.004, "{deviation}");
    }

    #[test]
    fn who_talks_opens_and_shuts_the_mouth_and_pauses() {
        let motion = motion(&Behaviour {
            talking: true,
            ..Behaviour::default()
        });
        let open = (0..6_000)
            .filter(|n| motion.mouth(f64::from(*n) * 0.01) > 0.5)
            .count();
        let shut = (0..6_000)
            .filter(|n| motion.mouth(f64::from(*n) * 0.01) == 0.0)
            .count();
        assert!((1_500..3_000).contains(&open), "{open}");
        assert!((800..3_000).contains(&shut), "{shut}");
        assert!(!motion.is_still());
    }
}
