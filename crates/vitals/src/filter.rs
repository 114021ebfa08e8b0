//! A band-pass that delays nothing: Butterworth sections run forwards and backwards.

use std::f64::consts::{PI, SQRT_2};

/// A range of frequencies in hertz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
}

impl Band {
    /// Hearts at rest or in fever: 39 to 210 beats a minute.
    pub const HEART: Self = Self {
        low_hz: 0.65,
        high_hz: 3.5,
    };
    /// Hearts after exercise: to 240 beats a minute.
    pub const EXERCISED: Self = Self {
        low_hz: 0.65,
        high_hz: 4.0,
    };
    /// Breathing: 6 to 30 breaths a minute.
    pub const BREATH: Self = Self {
        low_hz: 0.1,
        high_hz: 0.5,
    };

    /// Whether the band holds `hz`.
    pub fn contains(self, hz: f64) -> bool {
        (self.low_hz..=self.high_hz).contains(&hz)
    }
}

/// A second-order section in transposed direct form II.
#[derive(Debug, Clone, Copy)]
struct Section {
    ahead: [f64; 3],
    back: [f64; 2],
}

impl Section {
    /// A second-order Butterworth section by the bilinear transform with its edge pre-warped.
    fn butterworth(edge_hz: f64, rate_hz: f64, high_pass: bool) -> Self {
        let warped = (PI * edge_hz / rate_hz).tan();
        let norm = 1.0 / (1.0 + SQRT_2 * warped + warped * warped);
        let gain = if high_pass { norm } else { warped * warped * norm };
        let middle = if high_pass { -2.0 * gain } else { 2.0 * gain };
        Self {
            ahead: [gain, middle, gain],
            back: [
                2.0 * (warped * warped - 1.0) * norm,
                (1.0 - SQRT_2 * warped + warped * warped) * norm,
            ],
        }
    }

    fn run<'a>(&self, signal: impl Iterator<Item = &'a mut f64>) {
        let (mut first, mut second) = (0.0, 0.0);
        for value in signal {
            let input = *value;
            let output = self.ahead[0] * input + first;
            first = self.ahead[1] * input - self.back[0] * output + second;
            second = self.ahead[2] * input - self.back[1] * output;
            *value = output;
        }
    }
}

/// A zero-phase band-pass, of fourth order at each edge once run both ways.
#[derive(Debug, Clone, Copy)]
pub struct BandPass {
    sections: [Section; 2],
    padding: usize,
}

impl BandPass {
    /// A filter for signals of `rate_hz` samples a second; `band` must end below half of it.
    pub fn new(band: Band, rate_hz: f64) -> Self {
        Self {
            sections: [
                Section::butterworth(band.low_hz, rate_hz, true),
                Section::butterworth(band.high_hz, rate_hz, false),
            ],
            padding: (1.5 * rate_hz / band.low_hz).ceil() as usize,
        }
    }

    /// Filters `signal` in place. Its ends are continued by their point reflection, so that they do not ring.
    pub fn apply(&self, signal: &mut [f64]) {
        let len = signal.len();
        let padding = self.padding.min(len.saturating_sub(1));
        if padding == 0 {
            return;
        }
        let (first, last) = (signal[0], signal[len - 1]);
        let mut padded = Vec::with_capacity(len + 2 * padding);
        padded.extend((1..=padding).rev().map(|n| 2.0 * first - signal[n]));
        padded.extend_from_slice(signal);
        padded.extend((1..=padding).map(|n| 2.0 * last - signal[len - 1 - n]));
        for section in &self.sections {
            section.run(padded.iter_mut());
            section.run(padded.iter_mut().rev());
        }
        signal.copy_from_slice(&padded[padding..padding + len]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain_at(hz: f64) -> f64 {
        let tone: Vec<f64> = (0..900)
            .map(|n| (f64::from(n) * std::f64::consts::TAU * hz / 30.0).sin())
            .collect();
        let mut filtered = tone.clone();
        BandPass::new(Band::HEART, 30.0).apply(&mut filtered);
        let product: f64 = (300..600).map(|n| tone[n] * filtered[n]).sum();
        let power: f64 = (300..600).map(|n| tone[n] * tone[n]).sum();
        product / power
    }

    #[test]
    fn the_band_passes_in_phase_and_the_rest_does_not() {
        for (hz, least, most) in [
            (0.2, 0.0, 0.02),
            (0.65, 0.45, 0.55),
            (1.2, 0.9, 1.01),
            (2.0, 0.9, 1.01),
        ] {
            let gain = gain_at(hz);
            assert!((least..most).contains(&gain), "{hz} Hz: {gain}");
        }
        assert!((gain_at(3.5) - 0.5).abs() < 0.05 && gain_at(8.0) < 0.02);
    }

    #[test]
    fn a_constant_is_removed_to_its_ends() {
        let mut signal = vec![7.0; 100];
        BandPass::new(Band::HEART, 30.0).apply(&mut signal);
        assert!(signal.iter().all(|value| value.abs() < 0.6), "{signal:?}");
    }
}
