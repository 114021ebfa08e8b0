//! Whether a rate may be said aloud: each rule can refuse alone.

use crate::absence::Absence;

/// How far apart, in beats a minute, rates may lie that agree.
pub const AGREEMENT_BPM: f64 = 4.0;

/// Of the power of the band, the part the line of the pulse must hold: keeps a third to a half of hard windows of public
/// data sets, at errors under 1 beat a minute.
const MIN_PEAKINESS: f64 = 0.5;

/// The least self-SNR in decibels.
const MIN_SNR_DB: f64 = 0.0;

/// The least correlation of the wave with itself one period later. Noise in the band reaches it too: this rule refuses
/// waves of changing period, and decides nothing alone.
const MIN_REPETITION: f64 = 0.3;

/// Of six waves (three regions, two methods) how many must agree, and from how many regions they must come.
const MIN_AGREEING_SIGNALS: usize = 4;
const MIN_AGREEING_REGIONS: usize = 2;

/// How alike the change of green against red must be in all regions. Pulses measured 0.91–1.00 on faces, also under
/// strong compression; photographs shaken by a twentieth of their width 0.15–0.60.
const MIN_BLOOD_COHERENCE: f64 = 0.85;

/// The largest deviation of brightness within the band, relative. Faces at rest measured 0.003; blood alone stays under
/// 0.01.
const MAX_INTENSITY_CHANGE: f64 = 0.02;

/// The least mean of the channels, of 255, at which eight bits still resolve a pulse of some tenths of a percent.
const MIN_BRIGHTNESS: f64 = 20.0;

/// What was measured in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Power still rises beyond the band at its strongest line.
    pub at_edge: bool,
    /// The part of the band's power within the line, 0–1.
    pub peakiness: f64,
    /// Power of line and second harmonic over the rest of the band, in decibels.
    pub snr_db: f64,
    /// Correlation of the wave with itself one period later.
    pub repetition: f64,
    /// Waves whose own line lies within [`AGREEMENT_BPM`], of six.
    pub agreeing_signals: usize,
    /// Regions with such a wave, of three.
    pub agreeing_regions: usize,
    /// How alike the change of green against red is in the regions, 0–1.
    pub blood_coherence: f64,
    /// Relative deviation of brightness within the band.
    pub intensity_change: f64,
    /// Mean of all channels, 0–255.
    pub brightness: f64,
}

impl Evidence {
    /// Passes with a quality of 0–1, or says why not. Coarse faults come first: they are what a patient can mend.
    pub fn judge(&self) -> Result<f64, Absence> {
        let rules = [
            (self.brightness >= MIN_BRIGHTNESS, Absence::TooDark),
            (
                self.intensity_change <= MAX_INTENSITY_CHANGE,
                Absence::UnsteadyLight,
            ),
            (!self.at_edge, Absence::OutOfRange),
            (self.peakiness > MIN_PEAKINESS, Absence::NotPeaked),
            (self.snr_db > MIN_SNR_DB, Absence::Noisy),
            (self.repetition > MIN_REPETITION, Absence::NotRepeating),
            (
                self.agreeing_signals >= MIN_AGREEING_SIGNALS
                    && self.agreeing_regions >= MIN_AGREEING_REGIONS,
                Absence::Disagreement,
            ),
            (self.blood_coherence >= MIN_BLOOD_COHERENCE, Absence::NotBlood),
        ];
        match rules.into_iter().find(|(passed, _)| !passed) {
            Some((_, reason)) => Err(reason),
            None => Ok(self.quality()),
        }
    }

    /// The weakest of how far peakiness, self-SNR (10 dB is full) and repetition go beyond their thresholds.
    fn quality(&self) -> f64 {
        let beyond = |value: f64, threshold: f64, full: f64| {
            ((value - threshold) / (full - threshold)).clamp(0.0, 1.0)
        };
        let peakiness = beyond(self.peakiness, MIN_PEAKINESS, 0.9);
        let snr = beyond(self.snr_db, MIN_SNR_DB, 10.0);
        let repetition = beyond(self.repetition, MIN_REPETITION, 0.9);
        0.5 + 0.5 * peakiness.min(snr).min(repetition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Evidence = Evidence {
        at_edge: false,
        peakiness: 0.8,
        snr_db: 8.0,
        repetition: 0.7,
        agreeing_signals: 6,
        agreeing_regions: 3,
        blood_coherence: 0.97,
        intensity_change: 0.003,
        brightness: 110.0,
    };

    #[test]
    fn good_evidence_passes_with_a_quality() {
        let quality = GOOD.judge().expect("all rules are met");
        assert!((0.5..=1.0).contains(&quality), "{quality}");
    }

    #[test]
    fn each_rule_refuses_alone() {
        let cases = [
            (
                Evidence {
                    at_edge: true,
                    ..GOOD
                },
                Absence::OutOfRange,
            ),
            (
                Evidence {
                    peakiness: 0.49,
                    ..GOOD
                },
                Absence::NotPeaked,
            ),
            (Evidence { snr_db: -0.1, ..GOOD }, Absence::Noisy),
            (
                Evidence {
                    repetition: 0.2,
                    ..GOOD
                },
                Absence::NotRepeating,
            ),
            (
                Evidence {
                    agreeing_signals: 3,
                    ..GOOD
                },
                Absence::Disagreement,
            ),
            (
                Evidence {
                    agreeing_regions: 1,
                    ..GOOD
                },
                Absence::Disagreement,
            ),
            (
                Evidence {
                    blood_coherence: 0.6,
                    ..GOOD
                },
                Absence::NotBlood,
            ),
            (
                Evidence {
                    intensity_change: 0.05,
                    ..GOOD
                },
                Absence::UnsteadyLight,
            ),
            (
                Evidence {
                    brightness: 9.0,
                    ..GOOD
                },
                Absence::TooDark,
            ),
            (
                Evidence {
                    peakiness: f64::NAN,
                    ..GOOD
                },
                Absence::NotPeaked,
            ),
        ];
        for (evidence, reason) in cases {
            assert_eq!(evidence.judge(), Err(reason));
        }
    }
}
