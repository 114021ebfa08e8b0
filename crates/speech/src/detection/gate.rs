//! When the model may sleep: while a steady sound that it has found to be no speech goes on.
//!
//! The gate knows nothing of speech itself. It learns what the room sounds like from windows the model judged, and
//! wakes the model for anything louder in any band. A sound that is not steady keeps the model awake.

use super::level::{BANDS, Levels};

/// The model must have found this many windows in a row (half a second) to be no speech, with no doubt.
const CALM: u32 = 16;

/// No doubt: a probability below this.
const NO_SPEECH: f32 = 0.1;

/// A sound is steady if no two of those windows are further apart than this in any band, dB.
const STEADY: f32 = 6.0;

/// What is this much louder than the loudest of them wakes the model, dB.
const MARGIN: f32 = 1.5;

/// How fast the remembered room follows one that grows louder or quieter, for each window: over seconds, so that
/// nothing sneaks in; at once, so that a voice is heard above what is left.
const RISE: f32 = 0.01;
const FALL: f32 = 0.25;

/// What one stream's gate has learnt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Gate {
    /// The model judges; windows in a row that were calm, and their levels.
    Awake {
        calm: u32,
        sum: Levels,
        least: Levels,
        most: Levels,
    },
    /// The model sleeps while no level exceeds the room's by more than its usual play.
    Asleep { room: Levels, play: Levels },
}

impl Gate {
    pub(super) const NEW: Self = Self::Awake {
        calm: 0,
        sum: [0.0; BANDS],
        least: [f32::INFINITY; BANDS],
        most: [f32::NEG_INFINITY; BANDS],
    };

    pub(super) const fn is_asleep(&self) -> bool {
        matches!(self, Self::Asleep { .. })
    }

    /// Takes the levels of a window that was not judged. Wakes if it must be.
    pub(super) fn hear(&mut self, levels: &Levels) {
        let Self::Asleep { room, play } = self else { return };
        let louder = |band: usize| levels[band] > room[band] + play[band];
        if (0..BANDS).any(louder) {
            *self = Self::NEW;
            return;
        }
        for (room, level) in room.iter_mut().zip(levels) {
            let pace = if level > room { RISE } else { FALL };
            *room += (level - *room) * pace;
        }
    }

    /// Takes a window's judgement, and its levels, asked for only if they matter.
    pub(super) fn learn(&mut self, probability: f32, levels: impl FnOnce() -> Levels) {
        if probability >= NO_SPEECH {
            *self = Self::NEW;
        }
        let Self::Awake {
            calm,
            sum,
            least,
            most,
        } = self
        else {
            return;
        };
        if probability >= NO_SPEECH {
            return;
        }
        let levels = levels();
        for (band, level) in levels.into_iter().enumerate() {
            least[band] = least[band].min(level);
            most[band] = most[band].max(level);
            sum[band] += level;
        }
        *calm += 1;
        if (0..BANDS).any(|band| most[band] - least[band] > STEADY) {
            *self = Self::Awake {
                calm: 1,
                sum: levels,
                least: levels,
                most: levels,
            };
        } else if *calm >= CALM {
            let room = sum.map(|sum| sum / *calm as f32);
            let play = std::array::from_fn(|band| most[band] - room[band] + MARGIN);
            *self = Self::Asleep { room, play };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asleep_at(level: f32) -> Gate {
        let mut gate = Gate::NEW;
        (0..CALM).for_each(|_| gate.learn(0.0, || [level; BANDS]));
        assert!(gate.is_asleep());
        gate
    }

    #[test]
    fn it_sleeps_only_after_half_a_second_without_doubt() {
        let mut gate = Gate::NEW;
        for window in 0..10 * CALM {
            gate.learn(if window % CALM == 0 { 0.2 } else { 0.0 }, || [20.0; BANDS]);
            assert!(!gate.is_asleep());
        }
    }

    #[test]
    fn it_never_sleeps_over_a_sound_that_is_not_steady() {
        let mut gate = Gate::NEW;
        for window in 0_u8..200 {
            let swell = f32::from(window % 14);
            gate.learn(0.0, || [20.0, 20.0 + swell, 20.0]);
            assert!(!gate.is_asleep());
        }
    }

    #[test]
    fn anything_louder_in_any_band_wakes_it() {
        for band in 0..BANDS {
            let mut gate = asleep_at(20.0);
            let mut levels = [20.0; BANDS];
            gate.hear(&levels);
            assert!(gate.is_asleep());
            levels[band] += MARGIN + 0.1;
            gate.hear(&levels);
            assert!(!gate.is_asleep());
        }
    }

    #[test]
    fn a_voice_is_heard_above_a_room_that_has_become_quiet_but_slow_change_wakes_nobody() {
        let mut gate = asleep_at(40.0);
        (0..31).for_each(|_| gate.hear(&[20.0; BANDS]));
        gate.hear(&[22.0; BANDS]);
        assert!(!gate.is_asleep());

        let mut gate = asleep_at(20.0);
        (0..600).for_each(|window| gate.hear(&[20.0 + window as f32 * 0.01; BANDS]));
        assert!(gate.is_asleep());
    }
}
