//! Whether a rate may be said aloud: each rule can refuse alone.

use crate::absence::Absence;

/// How far apart, in beats a minute, rates may lie that agree.
pub const AGREEMENT_BPM: f64 = 4.0;

/// Of the power of the band, the part the line of the pulse must hold: keeps a third to a half of hard windows of public
/// data sets, at errors under 1 beat a minute.
const MIN_PEAKINESS: f64 = 0.5;

/// The least self-SNR in decibels.
const MIN_SNR_DB: f64 = 0.0;

/// The least correlation of the wave with itself one period later. Noise in the band reaches 0.3 easily, seldom 0.4; clear
/// pulses measured 0.7, and 0.41 under strong compression. It decides nothing alone.
const MIN_REPETITION: f64 = 0.4;

/// How much of the weight of the six waves (three regions, two methods) must agree, and from how many regions.
const MIN_AGREEMENT: f64 = 0.6;
const MIN_AGREEING_REGIONS: usize = 2;

/// The part of the change of colour that must be that of blood, alike in all regions. Faces measured 0.51–0.89, the least
/// under strong compression; photographs shaken by 2–10 % of their width 0.00–0.34.
const MIN_BLOOD: f64 = 0.45;

/// How much brightness may change over how much green changes against red, at the rate of the pulse. Blood alone makes
/// 1.2, the recoil of the head adds to it; faces measured 0.2–2.6, shaken photographs mostly 5 and more.
const MAX_SHADING: f64 = 4.0;

/// The least cosine between the changes of green against red and against blue. In blood green leads and the cosine is
/// positive but for noise (down to −0.24 on faces); in light that changes its warmth green lies between, and it is −1.
const MIN_GREEN_LEAD: f64 = -0.5;

/// The largest deviation of brightness within the band, relative. Faces at rest measured 0.003; blood alone stays under
/// 0.01.
const MAX_INTENSITY_CHANGE: f64 = 0.02;

/// The least mean of the channels, of 255, at which eight bits still resolve a pulse of some tenths of a percent.
const MIN_BRIGHTNESS: f64 = 20.0;

/// From which quality or self-SNR a rate is clear. Wrong ones that passed had at most 0.62 and 6.1 dB. Slow pulses repeat
/// too seldom in a window for the former.
const CLEAR_QUALITY: f64 = 0.65;
const CLEAR_SNR_DB: f64 = 10.0;

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
    /// The part of the weight of the waves whose own line lies within [`AGREEMENT_BPM`], 0–1.
    pub agreement: f64,
    /// Regions with such a wave, of three.
    pub agreeing_regions: usize,
    /// The part of the change of colour that is that of blood, 0–1.
    pub blood: f64,
    /// How much brightness changes, over how much green changes against red.
    pub shading: f64,
    /// Cosine between the changes of green against red and against blue.
    pub green_lead: f64,
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
                self.agreement >= MIN_AGREEMENT && self.agreeing_regions >= MIN_AGREEING_REGIONS,
                Absence::Disagreement,
            ),
            (
                self.blood >= MIN_BLOOD && self.green_lead >= MIN_GREEN_LEAD,
                Absence::NotBlood,
            ),
            (self.shading <= MAX_SHADING, Absence::NotBlood),
        ];
        match rules.into_iter().find(|(passed, _)| !passed) {
            Some((_, reason)) => Err(reason),
            None => Ok(self.quality()),
        }
    }

    /// Whether it stands out so far that chance is hardly its cause: a window of noise that passes does so barely.
    pub fn is_clear(&self) -> bool {
        self.quality() >= CLEAR_QUALITY || self.snr_db >= CLEAR_SNR_DB
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
        agreement: 0.9,
        agreeing_regions: 3,
        blood: 0.7,
        shading: 1.2,
        green_lead: 0.8,
        intensity_change: 0.003,
        brightness: 110.0,
    };

    #[test]
    fn good_evidence_passes_with_a_quality() {
        let quality = GOOD.judge().expect("all rules are met");
        assert!((0.5..=1.0).contains(&quality), "{quality}");
        assert!(GOOD.is_clear());
        let faint = Evidence {
            repetition: 0.45,
            ..GOOD
        };
        assert!(!faint.is_clear());
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
                    agreement: 0.5,
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
            (Evidence { blood: 0.3, ..GOOD }, Absence::NotBlood),
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
