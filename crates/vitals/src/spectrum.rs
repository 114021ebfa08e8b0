//! How the power of a signal is spread over frequency.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::filter::Band;

/// Points of the transform: at 30 samples a second its lines lie 0.9 beats a minute apart.
const POINTS: usize = 2_048;

/// Half the width of a pulse's line in hertz: the main lobe of a Hann window 10 s long.
pub const LINE_HALF_WIDTH_HZ: f64 = 0.2;

/// Computes spectra, and keeps what can be used again.
pub struct Analyzer {
    transform: Arc<dyn RealToComplex<f64>>,
    input: Vec<f64>,
    output: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Analyzer {
    /// Plans the transform.
    pub fn new() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(POINTS);
        Self {
            input: transform.make_input_vec(),
            output: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
        }
    }

    /// The power spectrum of the newest 2 048 values of `signal` under a Hann window, padded with zeros.
    pub fn spectrum(&mut self, signal: &[f64], rate_hz: f64) -> Spectrum {
        let signal = &signal[signal.len().saturating_sub(POINTS)..];
        let step = TAU / signal.len().max(2) as f64;
        self.input.fill(0.0);
        for (index, (slot, value)) in self.input.iter_mut().zip(signal).enumerate() {
            *slot = value * (0.5 - 0.5 * (step * (index as f64 + 0.5)).cos());
        }
        let done = self
            .transform
            .process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok(), "buffers come from the plan");
        Spectrum {
            power: self.output.iter().map(Complex::norm_sqr).collect(),
            bin_hz: rate_hz / POINTS as f64,
        }
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

/// A power spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    power: Vec<f64>,
    bin_hz: f64,
}

/// The highest point of a band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peak {
    /// Its frequency, between the lines of the transform.
    pub hz: f64,
    /// Whether power still rises beyond the band there: the true peak lies outside.
    pub at_edge: bool,
}

impl Spectrum {
    /// The strongest line of `band`; absent if the band has no power.
    pub fn peak(&self, band: Band) -> Option<Peak> {
        let bin = self.strongest(band, |bin| self.power[bin])?;
        if self.power[bin - 1] > self.power[bin] || self.power[bin + 1] > self.power[bin] {
            return Some(Peak {
                hz: bin as f64 * self.bin_hz,
                at_edge: true,
            });
        }
        Some(Peak {
            hz: self.between(bin, |bin| self.power[bin]),
            at_edge: false,
        })
    }

    /// The peak near `fundamental_hz` of the power there and at twice the frequency, where `band` holds that.
    ///
    /// The second harmonic moves twice as far for the same change in rate, so it sharpens the estimate (Noll,
    /// "Pitch determination … by the harmonic product spectrum, the harmonic sum spectrum …", 1969).
    pub fn refine(&self, fundamental_hz: f64, band: Band) -> f64 {
        const REACH_HZ: f64 = 0.1;
        let summed = |bin: usize| {
            let harmonic = if band.contains(2.0 * (fundamental_hz + REACH_HZ)) {
                self.power[2 * bin]
            } else {
                0.0
            };
            self.power[bin] + harmonic
        };
        let near = Band {
            low_hz: fundamental_hz - REACH_HZ,
            high_hz: fundamental_hz + REACH_HZ,
        };
        match self.strongest(near, summed) {
            Some(bin) => self.between(bin, summed),
            None => fundamental_hz,
        }
    }

    /// The part of the power of `band` that lies within `half_width_hz` of `centre_hz`, 0–1.
    pub fn share(&self, centre_hz: f64, half_width_hz: f64, band: Band) -> f64 {
        let near = Band {
            low_hz: (centre_hz - half_width_hz).max(band.low_hz),
            high_hz: (centre_hz + half_width_hz).min(band.high_hz),
        };
        let total = self.sum(band);
        if total > 0.0 { self.sum(near) / total } else { 0.0 }
    }

    /// The power of a pulse at `hz` and its second harmonic against the rest of `band`, in decibels (de Haan and
    /// Jeanne, "Robust pulse rate from chrominance-based rPPG", IEEE Trans. Biomed. Eng. 60(10), 2013).
    pub fn self_snr_db(&self, hz: f64, band: Band) -> f64 {
        let share = self.share(hz, LINE_HALF_WIDTH_HZ, band) + self.share(2.0 * hz, LINE_HALF_WIDTH_HZ, band);
        10.0 * (share / (1.0 - share).max(1e-6)).max(1e-6).log10()
    }

    fn bins(&self, band: Band) -> std::ops::Range<usize> {
        let last = self.power.len().saturating_sub(1);
        let first = ((band.low_hz / self.bin_hz).ceil() as usize).clamp(1, last);
        let end = ((band.high_hz / self.bin_hz).floor() as usize + 1).clamp(first, last);
        first..end
    }

    fn sum(&self, band: Band) -> f64 {
        if band.low_hz > band.high_hz {
            0.0
        } else {
            self.power[self.bins(band)].iter().sum()
        }
    }

    fn strongest(&self, band: Band, power: impl Fn(usize) -> f64) -> Option<usize> {
        let bin = self
            .bins(band)
            .max_by(|left, right| power(*left).total_cmp(&power(*right)))?;
        (power(bin) > 0.0).then_some(bin)
    }

    /// The frequency of the top of the parabola through the logarithms of three lines.
    fn between(&self, bin: usize, power: impl Fn(usize) -> f64) -> f64 {
        let [left, middle, right] = [bin - 1, bin, bin + 1].map(|bin| power(bin).max(f64::MIN_POSITIVE).ln());
        let bend = left - 2.0 * middle + right;
        let offset = if bend < 0.0 {
            (0.5 * (left - right) / bend).clamp(-0.5, 0.5)
        } else {
            0.0
        };
        (bin as f64 + offset) * self.bin_hz
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, seconds: usize) -> Vec<f64> {
        (0..seconds * 30)
            .map(|n| (n as f64 * TAU * hz / 30.0).sin())
            .collect()
    }

    #[test]
    fn a_tone_between_lines_is_found_to_a_tenth_of_a_beat() {
        let mut analyzer = Analyzer::new();
        for hz in [0.8, 1.003, 1.37, 2.111, 3.2] {
            let spectrum = analyzer.spectrum(&tone(hz, 10), 30.0);
            let peak = spectrum.peak(Band::HEART).expect("a tone has power");
            assert!(
                (peak.hz - hz).abs() * 60.0 < 0.1 && !peak.at_edge,
                "{hz}: {peak:?}"
            );
            assert!(spectrum.share(hz, LINE_HALF_WIDTH_HZ, Band::HEART) > 0.95);
            assert!(spectrum.self_snr_db(hz, Band::HEART) > 10.0);
            assert!((spectrum.refine(peak.hz, Band::HEART) - hz).abs() * 60.0 < 0.2);
        }
    }

    #[test]
    fn a_tone_outside_the_band_is_a_peak_at_its_edge() {
        for hz in [0.55, 3.6] {
            let peak = Analyzer::new().spectrum(&tone(hz, 10), 30.0).peak(Band::HEART);
            assert!(peak.is_some_and(|peak| peak.at_edge), "{hz}: {peak:?}");
        }
    }

    #[test]
    fn silence_has_no_peak_and_no_share() {
        let spectrum = Analyzer::new().spectrum(&[0.0; 300], 30.0);
        assert_eq!(
            (spectrum.peak(Band::HEART), spectrum.share(1.0, 0.2, Band::HEART)),
            (None, 0.0)
        );
    }

    #[test]
    fn the_second_harmonic_draws_the_estimate() {
        let wave: Vec<f64> = tone(1.0, 10)
            .iter()
            .zip(&tone(2.06, 10))
            .map(|(one, two)| one + two)
            .collect();
        let spectrum = Analyzer::new().spectrum(&wave, 30.0);
        let refined = spectrum.refine(1.0, Band::HEART);
        assert!((1.01..1.03).contains(&refined), "{refined}");
    }
}
