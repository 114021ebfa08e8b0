//! Heart rate from one window, and all that speaks for or against it.

use std::f64::consts::TAU;

use realfft::num_complex::Complex;

use crate::filter::{Band, BandPass};
use crate::gate::{AGREEMENT_BPM, Evidence};
use crate::pulse::{Pulse, Signal};
use crate::region::Region;
use crate::spectrum::{Analyzer, LINE_HALF_WIDTH_HZ};
use crate::trace::{GRID_HZ, Trace};

/// How much of red, green and blue blood takes from light, green being 1: the blood volume pulse vector of de Haan and van
/// Leest, "Improved motion robustness of remote-PPG by using the blood volume pulse signature", Physiol. Meas. 35(9), 2014.
const BLOOD: [f64; 3] = [0.43, 1.0, 0.69];

/// How far blue, the darkest and noisiest channel of skin, is listened to.
const BLUE_WEIGHT: f64 = 0.5;

/// A rate found in a window, before anything is said of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Beats a minute.
    pub rate_bpm: f64,
    /// What the gate judges.
    pub evidence: Evidence,
    /// The waves it was found in.
    pub pulse: Pulse,
}

/// Looks for a heart rate in the newest `count` samples of `trace`; absent if nothing moves at all.
pub fn find(trace: &Trace, count: usize, band: Band, analyzer: &mut Analyzer) -> Option<Candidate> {
    let pulse = Pulse::extract(trace, count, band, analyzer);
    let peak = pulse.spectrum.peak(band)?;
    let hz = if peak.at_edge {
        peak.hz
    } else {
        pulse.spectrum.refine(peak.hz, band)
    };
    let agrees = |signal: &&Signal| {
        signal
            .peak
            .is_some_and(|own| (own.hz - peak.hz).abs() * 60.0 <= AGREEMENT_BPM)
    };
    let weight: f64 = pulse.signals.iter().map(|signal| signal.weight).sum();
    let agreeing: f64 = pulse
        .signals
        .iter()
        .filter(agrees)
        .map(|signal| signal.weight)
        .sum();
    let region_agrees = |region: &usize| {
        pulse
            .signals
            .iter()
            .filter(agrees)
            .any(|signal| signal.region == *region)
    };
    let colour = Colour::measure(trace, count, band, hz);
    let evidence = Evidence {
        at_edge: peak.at_edge,
        peakiness: pulse.spectrum.share(peak.hz, LINE_HALF_WIDTH_HZ, band),
        snr_db: pulse.spectrum.self_snr_db(peak.hz, band),
        repetition: autocorrelation(&pulse.fused, GRID_HZ / hz),
        agreement: agreeing / weight,
        agreeing_regions: (0..Region::ALL.len()).filter(region_agrees).count(),
        blood: colour.blood,
        shading: colour.shading,
        green_lead: colour.green_lead,
        intensity_change: colour.intensity_change,
        brightness: colour.brightness,
    };
    Some(Candidate {
        rate_bpm: hz * 60.0,
        evidence,
        pulse,
    })
}

/// The correlation of `wave` with itself `lag` samples later, between samples by linear interpolation.
fn autocorrelation(wave: &[f64], lag: f64) -> f64 {
    let at = |lag: usize| -> f64 {
        if lag >= wave.len() {
            return 0.0;
        }
        let (late, early) = (&wave[lag..], &wave[..wave.len() - lag]);
        let product: f64 = late.iter().zip(early).map(|(late, early)| late * early).sum();
        let power = |part: &[f64]| part.iter().map(|value| value * value).sum::<f64>();
        let norm = (power(late) * power(early)).sqrt();
        if norm > 0.0 { product / norm } else { 0.0 }
    };
    let (whole, part) = (lag.floor(), lag.fract());
    (1.0 - part) * at(whole as usize) + part * at(whole as usize + 1)
}

/// What the channels themselves do.
struct Colour {
    blood: f64,
    shading: f64,
    green_lead: f64,
    intensity_change: f64,
    brightness: f64,
}

impl Colour {
    /// Measures the newest `count` samples of `trace` at `hz`.
    ///
    /// Blood takes more green than red or blue from light, by about the same part and at the same instant everywhere on a
    /// face (Verkruysse, Svaasand and Nelson, "Remote plethysmographic imaging using ambient light", Opt. Express
    /// 16(26), 2008). Where a picture moves against its regions, the change of colour depends on what slides into each of
    /// them. So the phasors of green against red and against blue, in all regions, are compared with what blood makes:
    /// the square of the cosine is 1 if they are that and nothing else.
    fn measure(trace: &Trace, count: usize, band: Band, hz: f64) -> Self {
        let filter = BandPass::new(band, GRID_HZ);
        let mut intensity = vec![0.0; count.min(trace.len())];
        let mut against = [Phasor::default(); 2];
        let (mut power, mut brightness) = (0.0, 0.0);
        for region in 0..Region::ALL.len() {
            let colours: Vec<[f64; 3]> = trace.newest(region, count).collect();
            let samples = colours.len().max(1) as f64;
            let mean: [f64; 3] = std::array::from_fn(|channel| {
                (colours.iter().map(|colour| colour[channel]).sum::<f64>() / samples).max(1.0)
            });
            for (sum, (channel, weight)) in against.iter_mut().zip([(0, 1.0), (2, BLUE_WEIGHT)]) {
                let change =
                    |colour: &[f64; 3]| weight * (colour[1] / mean[1] - colour[channel] / mean[channel]);
                let mut difference: Vec<f64> = colours.iter().map(change).collect();
                filter.apply(&mut difference);
                let phasor = phasor(&difference, hz);
                power += phasor.norm_sqr();
                *sum += phasor;
            }
            for (sum, colour) in intensity.iter_mut().zip(&colours) {
                *sum += (0..3).map(|channel| colour[channel] / mean[channel]).sum::<f64>() / 9.0;
            }
            brightness += mean.iter().sum::<f64>() / 9.0;
        }
        filter.apply(&mut intensity);
        let shade = phasor(&intensity, hz).norm() * Region::ALL.len() as f64;
        let variance =
            intensity.iter().map(|value| value * value).sum::<f64>() / intensity.len().max(1) as f64;
        let [red, blue] = against;
        let [of_red, of_blue] = [1.0 - BLOOD[0], BLUE_WEIGHT * (1.0 - BLOOD[2])];
        let expected = (of_red * of_red + of_blue * of_blue) * Region::ALL.len() as f64;
        let ratio = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Self {
            blood: ratio((red * of_red + blue * of_blue).norm_sqr(), expected * power),
            shading: ratio(shade, red.norm()),
            green_lead: ratio((red * blue.conj()).re, red.norm() * blue.norm()),
            intensity_change: variance.sqrt(),
            brightness,
        }
    }
}

type Phasor = Complex<f64>;

/// Amplitude and phase of `wave` at `hz` under a Hann window.
fn phasor(wave: &[f64], hz: f64) -> Phasor {
    let (step, turn) = (TAU / wave.len().max(2) as f64, TAU * hz / GRID_HZ);
    let tapered = wave.iter().enumerate().map(|(index, value)| {
        let taper = 0.5 - 0.5 * (step * (index as f64 + 0.5)).cos();
        Phasor::from_polar(value * taper, -turn * index as f64)
    });
    tapered.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64) -> Vec<f64> {
        (0..300)
            .map(|n| (f64::from(n) * TAU * hz / GRID_HZ).cos())
            .collect()
    }

    #[test]
    fn a_tone_repeats_after_its_period_and_not_after_half_of_it() {
        let wave = tone(1.3);
        let period = GRID_HZ / 1.3;
        assert!(autocorrelation(&wave, period) > 0.98);
        assert!(autocorrelation(&wave, period / 2.0) < -0.95);
        assert!(autocorrelation(&wave, 900.0).abs() < 1e-12);
    }

    #[test]
    fn a_phasor_has_the_amplitude_and_the_phase_of_its_tone() {
        let found = phasor(&tone(1.3), 1.3);
        assert!((found.re / 75.0 - 1.0).abs() < 0.01 && (found.im / 75.0).abs() < 0.01);
    }
}
