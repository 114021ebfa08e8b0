//! The pulse waves of all regions by all methods, and one wave made of them.

use crate::detrend::remove_trend;
use crate::filter::{Band, BandPass};
use crate::projection::{Method, project};
use crate::region::Region;
use crate::spectrum::{Analyzer, Peak, Spectrum};
use crate::trace::{GRID_HZ, Trace};

/// Strength of the smoothness prior: drift below 0.48 Hz goes.
const DETREND_LAMBDA: f64 = 100.0;

/// Waves a fusion is made of: one for each region and method.
pub const SIGNALS: usize = Region::ALL.len() * Method::ALL.len();

/// The wave of one region by one method.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Index in [`Region::ALL`].
    pub region: usize,
    /// How its colours were mixed.
    pub method: Method,
    /// Band-passed, of unit power.
    pub wave: Vec<f64>,
    /// Its strongest line; absent if it is flat.
    pub peak: Option<Peak>,
    /// Its weight in a fusion: self-SNR as a ratio of powers, within 0.1–10.
    pub weight: f64,
}

/// What is in a stretch of colours: six waves, and their weighted mean.
#[derive(Debug, Clone)]
pub struct Pulse {
    /// The waves of every region and method.
    pub signals: Vec<Signal>,
    /// Their mean, weighted by self-SNR; of unit power.
    pub fused: Vec<f64>,
    /// The spectrum of `fused`.
    pub spectrum: Spectrum,
}

impl Pulse {
    /// Finds the waves in the newest `count` samples of `trace`.
    pub fn extract(trace: &Trace, count: usize, band: Band, analyzer: &mut Analyzer) -> Self {
        let filter = BandPass::new(band, GRID_HZ);
        let mut signals = Vec::with_capacity(SIGNALS);
        for region in 0..Region::ALL.len() {
            let colours: Vec<[f64; 3]> = trace.newest(region, count).collect();
            for method in Method::ALL {
                let mut wave = project(&colours, method);
                remove_trend(&mut wave, DETREND_LAMBDA);
                filter.apply(&mut wave);
                normalise(&mut wave);
                let spectrum = analyzer.spectrum(&wave, GRID_HZ);
                let peak = spectrum.peak(band);
                let snr_db = peak.map_or(f64::NEG_INFINITY, |peak| spectrum.self_snr_db(peak.hz, band));
                let weight = 10_f64.powf(snr_db / 10.0).clamp(0.1, 10.0);
                signals.push(Signal {
                    region,
                    method,
                    wave,
                    peak,
                    weight,
                });
            }
        }
        let fused = fuse(&signals, |_| true);
        let spectrum = analyzer.spectrum(&fused, GRID_HZ);
        Self {
            signals,
            fused,
            spectrum,
        }
    }
}

/// The weighted mean of the waves of the regions `wanted`, of unit power.
pub fn fuse(signals: &[Signal], wanted: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut fused = vec![0.0; signals.first().map_or(0, |signal| signal.wave.len())];
    for signal in signals.iter().filter(|signal| wanted(signal.region)) {
        for (sum, value) in fused.iter_mut().zip(&signal.wave) {
            *sum += signal.weight * value;
        }
    }
    normalise(&mut fused);
    fused
}

fn normalise(wave: &mut [f64]) {
    let power = wave.iter().map(|value| value * value).sum::<f64>() / wave.len().max(1) as f64;
    if power > 0.0 {
        let gain = power.sqrt().recip();
        for value in wave {
            *value *= gain;
        }
    }
}
